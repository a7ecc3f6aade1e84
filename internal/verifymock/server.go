// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const readHeaderTimeout = 10 * time.Second

// Server is a mock of the Verify v2 API. It is safe for concurrent use.
type Server struct {
	config      Config
	random      *random
	clockOffset atomic.Int64
	inProcess   atomic.Int64
	log         requestLog
	faults      faultQueue
	http        *http.Server
	delivery    *delivery

	mu    sync.Mutex // guards state; never held while waiting
	state state
}

// New returns a server with the accounts and services in the configuration, and no factors.
func New(config Config) *Server {
	config = config.withDefaults()
	s := &Server{
		config:   config,
		random:   newRandom(config.Seed),
		log:      requestLog{keep: config.KeepRequests, most: config.KeepBytes},
		delivery: newDelivery(),
		state:    newState(config.UnverifiedTTL),
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: readHeaderTimeout}
	for i := range config.Accounts {
		for _, service := range config.Accounts[i].Services {
			service.AccountSID = config.Accounts[i].SID
			s.AddService(service)
		}
	}
	return s
}

// Serve serves the API on the listener until [Server.Close] is called. It then returns nil.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close closes the listeners and connections of [Server.Serve], drops undelivered webhook events,
// and waits for the delivery in progress to stop. A server that has neither served nor delivered
// anything need not be closed.
func (s *Server) Close() error {
	s.delivery.close()
	return s.http.Close()
}

// AdvanceClock moves the server's clock, backwards if d is negative.
func (s *Server) AdvanceClock(d time.Duration) {
	s.clockOffset.Add(int64(d))
}

// Now returns the time of the server's clock.
func (s *Server) Now() time.Time { return s.now() }

func (s *Server) now() time.Time {
	return s.config.Now().Add(time.Duration(s.clockOffset.Load())).UTC()
}

// today returns the server's time in whole seconds, as the API returns dates.
func (s *Server) today() time.Time {
	return s.now().Truncate(time.Second)
}

// ServeHTTP responds to one request of the Verify API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.receive(r)
	s.log.add(c.logged)
	s.setHeader(w, c)

	if !s.enter() {
		s.write(w, c, errorResponse(errTooManyRequests))
		return
	}
	leave := sync.OnceFunc(func() { s.inProcess.Add(-1) })
	defer leave()

	fault := s.faults.take(*c.logged)
	time.Sleep(s.config.Latency / 2)
	if fault != nil {
		s.fail(w, r, c, fault, leave)
		return
	}
	response := s.process(c)
	sleep(r.Context(), s.config.Latency/2)
	leave() // before the response, so a client that waits for responses never exceeds the limit
	s.write(w, c, response)
}

// enter reports whether the request may be processed now.
func (s *Server) enter() bool {
	n := s.inProcess.Add(1)
	if s.config.MaxConcurrent > 0 && n > int64(s.config.MaxConcurrent) {
		s.inProcess.Add(-1)
		return false
	}
	return true
}

// setHeader sets the header fields of every response.
func (s *Server) setHeader(w http.ResponseWriter, c *call) {
	w.Header().Set("Twilio-Request-Id", c.logged.RequestID)
	if s.config.OmitDate {
		w.Header()["Date"] = nil // keeps net/http from adding one
		return
	}
	w.Header().Set("Date", s.now().Format(http.TimeFormat))
}

// process applies the request to the state.
func (s *Server) process(c *call) response {
	s.log.update(c.logged, func(r *Request) { r.Processed = true })
	if c.refusal != nil {
		return errorResponse(c.refusal)
	}
	body, refusal := s.handle(c)
	if refusal != nil {
		return errorResponse(refusal)
	}
	response := jsonResponse(c.status, body)
	response.header = c.header
	return response
}

// handle runs the route's handler on a state without expired objects.
func (s *Server) handle(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	c.now, c.visible = now.Truncate(time.Second), now.Add(-c.lag)
	s.state.expire(now)
	if refusal := s.locate(c); refusal != nil {
		return nil, refusal
	}
	return c.route.handle(s, c)
}
