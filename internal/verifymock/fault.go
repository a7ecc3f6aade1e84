// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"
)

// FaultHeader is in every response that a fault affected, to tell it from the server's own.
const FaultHeader = "Verifymock-Fault"

// Fault is a failure on demand. Of the injected faults that match a request, only the first that is
// due takes effect; the later ones do not count that request. A fault that only has a Delay delays
// the response.
type Fault struct {
	Operation Operation          // "" for any
	Match     func(Request) bool // a further condition; it must not call the server's fault methods
	After     int                // how many matching requests pass first
	Count     int                // how many requests it affects; 0 for all from then on
	Every     int                // above 1: it affects only each nth matching request after the first After

	// Delay comes before anything else. It ends when the client disconnects, and the request is
	// then not processed. With Process, the request is processed before the delay.
	Delay time.Duration
	// Status to respond with instead of processing the request, or instead of the status of a
	// corrupted response.
	Status int
	// Code and Message of the error body in Twilio's format. Without both, the body is Body.
	Code    int
	Message string
	// Header is added to the response, replacing what the server itself would send under the same
	// name.
	Header http.Header
	// Body of the response with Status. Its Content-Type is application/json if it is JSON, else
	// text/html, unless Header has another.
	Body string
	// Process the request first, and fail then.
	Process bool
	// Drop resets the connection without a response.
	Drop bool
	// Hang never responds, and ends when the client disconnects.
	Hang bool
	// Corrupt corrupts the response.
	Corrupt     Corruption
	RedirectURL string
}

// Inject adds faults after those injected before.
func (s *Server) Inject(faults ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for i := range faults {
		s.faults.queue = append(s.faults.queue, &queuedFault{Fault: faults[i]})
	}
}

// ClearFaults removes all faults. Requests that one already affects are not released.
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
	due     int // of them
}

// take returns the fault that affects the request, nil if there is none.
func (q *faultQueue) take(r Request) *Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range q.queue {
		if f.isDue(r) {
			f.due++
			return &f.Fault
		}
	}
	return nil
}

func (f *queuedFault) isDue(r Request) bool {
	if f.Operation != "" && f.Operation != r.Operation {
		return false
	}
	if f.Count > 0 && f.due == f.Count {
		return false
	}
	if f.Match != nil && !f.Match(r) {
		return false
	}
	f.matched++
	n := f.matched - f.After
	return n > 0 && (f.Every <= 1 || n%f.Every == 0)
}

// fail responds to the request as the fault says.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, c *call, f *Fault, leave func()) {
	for name, values := range f.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	w.Header().Set(FaultHeader, "true")

	var processed response
	if f.Process {
		processed = s.process(c)
	}
	if !sleep(r.Context(), f.Delay) {
		drop(w)
		return
	}
	if !f.Process && !f.replacesProcessing() {
		processed = s.process(c)
	}
	sleep(r.Context(), s.config.Latency/2)
	if f.Hang {
		<-r.Context().Done()
	}
	leave()
	switch {
	case f.Drop || f.Hang:
		drop(w)
	case f.Corrupt != "":
		s.corrupt(w, c, f, processed)
	case f.Status != 0:
		s.write(w, c, f.response(w.Header()))
	default:
		s.write(w, c, processed)
	}
}

func (f *Fault) replacesProcessing() bool {
	return f.Drop || f.Hang || f.Corrupt == CorruptRedirect || f.Corrupt == "" && f.Status != 0
}

// response returns the response of a fault with a status.
func (f *Fault) response(h http.Header) response {
	if f.Code != 0 || f.Message != "" {
		return errorResponse(newErrorText(f.Status, f.Code, f.Message))
	}
	if f.Body == "" {
		return response{status: f.Status}
	}
	if h.Get("Content-Type") == "" && !json.Valid([]byte(f.Body)) {
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
	return response{status: f.Status, body: []byte(f.Body)}
}

// drop closes the connection so that the client sees a reset.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, or no connection at all
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // without it, this would be an orderly end instead of a reset
	}
	_ = raw.Close() // the client sees exactly this
}

// sleep waits for d and reports whether the context has not ended.
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
