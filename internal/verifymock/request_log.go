// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Operation is what a request asks for.
type Operation string

// The operations of the API. An update with an AuthPayload is a verification.
const (
	OperationCreate  Operation = "create"
	OperationFetch   Operation = "fetch"
	OperationList    Operation = "list"
	OperationUpdate  Operation = "update"
	OperationVerify  Operation = "verify"
	OperationDelete  Operation = "delete"
	OperationService Operation = "service" // fetch of a service
)

// Request is a request as the server received it. Its maps are shared with the log: read only.
type Request struct {
	Operation  Operation // "" if the API has no such path or method
	Method     string
	Path       string // as sent, percent-encoded
	Route      string // the path's template, "" if the API has no such path
	Query      url.Values
	Form       url.Values // of the body
	Header     http.Header
	RemoteAddr string
	Account    string    // SID of the account that the credentials belong to, "" if they are wrong
	RequestID  string    // as answered in the Twilio-Request-Id header
	Received   time.Time // by the server's clock
	Status     int       // of the answer, 0 as long as there is none
	Processed  bool      // not turned away by a fault or the limit of concurrent requests
}

// Requests returns the requests received so far, in the order of their arrival.
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
	s.log.requests = nil
}

type requestLog struct {
	mu       sync.Mutex
	requests []*Request
}

func (l *requestLog) add(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, r)
}

func (l *requestLog) update(r *Request, change func(*Request)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(r)
}
