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
// response, and one with only a Header changes the header.
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
	// Header is added to the response and replaces the server's own fields with the same names. A nil
	// value removes the field.
	Header http.Header
	// DateSkew is added to the Date of the response. The server's clock does not change.
	DateSkew time.Duration
	// Body is the body of the response with Status. Its Content-Type is application/json if it is
	// JSON and text/html otherwise, unless Header has another.
	Body string
	// Process processes the request before it fails.
	Process bool
	// Drop resets the connection without a response.
	Drop bool
	// Hang never responds. It ends when the client disconnects.
	Hang bool
	// Lag hides objects from a fetch or list for this long after they were added.
	Lag time.Duration
	// Swap exchanges the response with that of another request that the fault affects. The first
	// request waits for the second one, for up to five seconds.
	Swap bool
	// Corrupt corrupts the response.
	Corrupt Corruption
	// Change changes the object in a successful response or, in a list, each object.
	Change func(object map[string]any)
	// RedirectURL is where [CorruptRedirect] and [CorruptNextPage] lead.
	RedirectURL string

	swaps chan swap
}

// swapWait is how long a response waits for another one to be exchanged with.
const swapWait = 5 * time.Second

// swap offers a response in exchange for another one.
type swap struct {
	response response
	other    chan response
}

// LostResponses returns the ways to lose the response to a request that the server has processed,
// by name.
func LostResponses() map[string]Fault {
	return map[string]Fault{
		"reset":           {Process: true, Drop: true},
		"twilio-500":      {Process: true, Status: 500, Code: 20500, Message: "Internal Server Error"},
		"html-403":        {Process: true, Status: 403, Body: "<html><body><h1>Access denied</h1></body></html>"},
		"html-502":        {Process: true, Status: 502, Body: gatewayPage},
		"empty-413":       {Process: true, Status: 413},
		"text-499":        {Process: true, Status: 499, Body: "client closed request", Header: http.Header{"Content-Type": {"text/plain"}}},
		"foreign-400":     {Process: true, Status: 400, Body: `{"error":"bad request","request_id":"1"}`},
		"timeout-408":     {Process: true, Status: 408},
		"cut":             {Corrupt: CorruptCut},
		"truncated":       {Corrupt: CorruptTruncate},
		"empty-success":   {Corrupt: CorruptEmpty},
		"html-success":    {Corrupt: CorruptHTML},
		"foreign-success": {Process: true, Status: 201, Body: `{}`},
	}
}

// Inject adds faults after the existing ones.
func (s *Server) Inject(faults ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for i := range faults {
		s.faults.queue = append(s.faults.queue, &queuedFault{Fault: faults[i]})
		s.faults.queue[len(s.faults.queue)-1].swaps = make(chan swap)
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
	if f.DateSkew != 0 {
		w.Header().Set("Date", s.now().Add(f.DateSkew).Format(http.TimeFormat))
	}
	c.lag = f.Lag

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
	if f.Swap {
		processed = f.exchange(r.Context(), processed)
	}
	sleep(r.Context(), s.config.Latency/2)
	if f.Hang {
		<-r.Context().Done()
	}
	leave()
	switch {
	case f.Drop || f.Hang:
		drop(w)
	case f.Corrupt != "" || f.Change != nil:
		s.corrupt(w, c, f, processed)
	case f.Status != 0:
		s.write(w, c, f.response(w.Header()))
	default:
		s.write(w, c, processed)
	}
}

// exchange returns the response to the other request, or own if there is none.
func (f *Fault) exchange(ctx context.Context, own response) response {
	ctx, cancel := context.WithTimeout(ctx, swapWait)
	defer cancel()
	offer := swap{own, make(chan response, 1)}
	select {
	case f.swaps <- offer:
		return <-offer.other
	case other := <-f.swaps:
		other.other <- own
		return other.response
	case <-ctx.Done():
		return own
	}
}

func (f *Fault) replacesProcessing() bool {
	return f.Drop || f.Hang || f.Corrupt == CorruptRedirect || f.Corrupt == "" && f.Status != 0
}

// response returns the response of a fault with a status.
func (f *Fault) response(h http.Header) response {
	if f.Code != 0 || f.Message != "" {
		return errorResponse(newError(f.Status, f.Code, f.Message))
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
