// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Operation is the kind of a request: what it does to which kind of object.
type Operation string

// The operations on factors. An update with an AuthPayload is a verification.
const (
	OperationCreate Operation = "create"
	OperationFetch  Operation = "fetch"
	OperationList   Operation = "list"
	OperationUpdate Operation = "update"
	OperationVerify Operation = "verify"
	OperationDelete Operation = "delete"
)

// The operations on other objects.
const (
	OperationService       Operation = "service" // fetch of a service
	OperationServiceCreate Operation = "service-create"
	OperationServiceList   Operation = "service-list"
	OperationServiceUpdate Operation = "service-update"
	OperationServiceDelete Operation = "service-delete"

	OperationEntityCreate Operation = "entity-create"
	OperationEntityFetch  Operation = "entity-fetch"
	OperationEntityList   Operation = "entity-list"
	OperationEntityDelete Operation = "entity-delete"

	OperationWebhookCreate Operation = "webhook-create"
	OperationWebhookFetch  Operation = "webhook-fetch"
	OperationWebhookList   Operation = "webhook-list"
	OperationWebhookUpdate Operation = "webhook-update"
	OperationWebhookDelete Operation = "webhook-delete"

	OperationChallengeCreate    Operation = "challenge-create"
	OperationChallengeFetch     Operation = "challenge-fetch"
	OperationChallengeList      Operation = "challenge-list"
	OperationChallengeUpdate    Operation = "challenge-update"
	OperationNotificationCreate Operation = "notification-create"

	OperationAccessTokenCreate Operation = "access-token-create"
	OperationAccessTokenFetch  Operation = "access-token-fetch"
)

// Operations returns the operations of all routes.
func Operations() []Operation {
	operations := []Operation{OperationVerify}
	for _, r := range routes {
		operations = append(operations, r.operation)
	}
	return operations
}

// Request is a request as the server received it. Its maps are shared with the log and must not be
// changed.
type Request struct {
	Operation  Operation // "" if the API has no such path or method
	Method     string
	Path       string // as sent, percent-encoded
	Route      string // the path's template, "" if the API has no such path
	Query      url.Values
	Form       url.Values // of the body; empty if the request is refused regardless of the state
	Header     http.Header
	RemoteAddr string
	Account    string    // SID of the credentials' account, "" if they are wrong
	RequestID  string    // in the response's Twilio-Request-Id header
	Received   time.Time // by the server's clock
	Status     int       // of the response, 0 until it is sent
	Processed  bool      // not refused by a fault or the limit on concurrent requests
}

// Requests returns the requests received so far, in order of arrival. [Config.KeepRequests] and
// [Config.KeepBytes] limit them to the last ones.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	requests := make([]Request, len(s.log.requests))
	for i, r := range s.log.requests {
		requests[i] = *r
	}
	return requests
}

// ResetRequests empties the request log.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.requests, s.log.bytes = nil, 0
}

type requestLog struct {
	mu       sync.Mutex
	keep     int // 0 for all
	most     int // bytes; 0 for any number
	bytes    int
	requests []*Request
}

func (l *requestLog) add(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, r)
	l.bytes += r.size()
	for l.keep > 0 && len(l.requests) > l.keep || l.most > 0 && l.bytes > l.most {
		l.bytes -= l.requests[0].size()
		l.requests = slices.Delete(l.requests, 0, 1)
	}
}

// size returns the number of bytes in the request's texts.
func (r *Request) size() int {
	size := len(r.Path)
	for _, values := range []map[string][]string{r.Query, r.Form, r.Header} {
		for name, texts := range values {
			size += len(name) + len(strings.Join(texts, ""))
		}
	}
	return size
}

func (l *requestLog) update(r *Request, change func(*Request)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(r)
}
