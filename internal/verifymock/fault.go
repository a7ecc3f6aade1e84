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

// FaultHeader is a header in every response that a fault affected.
const FaultHeader = "Verifymock-Fault"

// Fault is a failure on demand. Of the faults that match a request, only the first that is due
// takes effect; later faults do not count the request. A fault with only a Delay delays the
// response.
type Fault struct {
	Operation Operation          // "" for any
	Match     func(Request) bool // an additional condition; it must not call the server's fault methods
	After     int                // how many matching requests pass first
	Count     int                // how many requests it affects after that; 0 for all
	Every     int                // if above 1, it affects only every nth of the matching requests after those

	// Delay is the time before anything else happens. If the client disconnects during the delay,
	// the request is not processed. With Process, the request is processed before the delay.
	Delay time.Duration
	// Status is the status of the response. The request is not processed, unless the response is
	// corrupted.
	Status int
	// Code and Message are those of the error body in Twilio's format. If neither is set, the body
	// is Body.
	Code    int
	Message string
	// Header is added to the response and replaces the server's own fields with the same names.
	Header http.Header
	// Body is the body of the response with Status. Its Content-Type is application/json if it is
	// JSON and text/html otherwise, unless Header has another.
	Body string
	// Process processes the request before it fails.
	Process bool
	// Drop resets the connection without a response.
	Drop bool
	// Hang never responds. It ends when the client disconnects.
	Hang bool
	// Corrupt corrupts the response.
	Corrupt Corruption
	// RedirectURL is where [CorruptRedirect] and [CorruptNextPage] lead.
	RedirectURL string
}

// Inject adds faults after the existing ones.
func (s *Server) Inject(faults ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for i := range faults {
		s.faults.queue = append(s.faults.queue, &queuedFault{Fault: faults[i]})
	}
}

// ClearFaults removes all faults. It does not release requests that a fault already affects.
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
	due     int // of those
}

// take returns the fault that affects the request, or nil.
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

// fail responds to the request according to the fault.
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

// drop closes the connection with a reset.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, or no connection
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // closes with a reset
	}
	_ = raw.Close() // the client sees the reset
}

// sleep waits for d or until ctx is done, and reports whether d has passed.
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
