// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// FaultHeader is in every answer that a fault touched, to tell it from the server's own.
const FaultHeader = "Verifymock-Fault"

// Mangle is a way to spoil an answer. The request is processed, except by [MangleRedirect]. The status stays, except
// that 204, which cannot have a body, becomes 200 where a body is sent.
type Mangle string

// The ways to spoil an answer.
const (
	MangleTruncate    Mangle = "truncate"     // the first half of the JSON, as a whole and correct HTTP body
	MangleCut         Mangle = "cut"          // the connection is closed after the first half of the body
	MangleHTML        Mangle = "html"         // an HTML page of a gateway
	MangleEmpty       Mangle = "empty"        // no body
	MangleContentType Mangle = "content-type" // the JSON, called text/plain
	MangleHuge        Mangle = "huge"         // valid JSON of 100 MB, the answer's own fields at its end
	MangleRedirect    Mangle = "redirect"     // 302 to RedirectURL; processed only with Fault.Process
	MangleNextPage    Mangle = "next-page"    // of a list: meta.next_page_url is RedirectURL, by default on another host
)

// Fault is a way in which the server fails on demand. Of the injected faults that match a request, the first that is
// due acts, alone; the later ones do not count that request. A fault that only has a Delay delays the answer.
type Fault struct {
	Operation Operation          // "" for any
	Match     func(Request) bool // a further condition; it must not call the server's fault methods
	After     int                // how many matching requests pass first
	Count     int                // how many requests it acts on; 0 for all from then on
	Every     int                // above 1: it acts only on each nth matching request after the first After

	// Delay before anything else. It ends when the client leaves, and the request is then not processed.
	// With Process, the request is processed before the delay.
	Delay time.Duration
	// Status to answer with instead of processing the request, or instead of the status of a mangled answer.
	Status int
	// Code and Message of the error body in Twilio's format. Without both, the body is Body.
	Code    int
	Message string
	// Header is added to the answer, replacing what the server itself would send under the same name.
	Header http.Header
	// Body of the answer with Status. Its Content-Type is application/json if it is JSON, else text/html, unless
	// Header has another.
	Body string
	// Process the request first, and fail then.
	Process bool
	// Drop resets the connection without an answer.
	Drop bool
	// Hang never answers, and ends when the client leaves.
	Hang bool
	// Mangle spoils the answer.
	Mangle      Mangle
	RedirectURL string
}

// Inject adds faults after those that are there.
func (s *Server) Inject(faults ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for i := range faults {
		s.faults.queue = append(s.faults.queue, &queuedFault{Fault: faults[i]})
	}
}

// ClearFaults removes all faults. Requests on which one already acts are not released.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue = nil
}

type faultQueue struct {
	mu    sync.Mutex
	queue []*queuedFault
}

type queuedFault struct {
	Fault
	matched int // requests so far
	acted   int // of them
}

// take returns the fault that acts on the request, nil if none.
func (q *faultQueue) take(r Request) *Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range q.queue {
		if f.due(r) {
			f.acted++
			return &f.Fault
		}
	}
	return nil
}

func (f *queuedFault) due(r Request) bool {
	if f.Operation != "" && f.Operation != r.Operation {
		return false
	}
	if f.Count > 0 && f.acted == f.Count {
		return false
	}
	if f.Match != nil && !f.Match(r) {
		return false
	}
	f.matched++
	n := f.matched - f.After
	return n > 0 && (f.Every <= 1 || n%f.Every == 0)
}

// sleep waits for d and reports whether the context is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
