// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const defaultUnverifiedTTL = 24 * time.Hour

// Config of a [Server]. The zero value is usable.
type Config struct {
	// Accounts that the server knows. Default: one, with [DefaultAccountSID], [DefaultAuthToken], the API key
	// [DefaultAPIKey] with [DefaultAPISecret], and the service [DefaultServiceSID].
	Accounts []Account
	// Latency is the least time that a request takes, half of it before the request is processed and half after.
	// A request that has arrived is processed even if its client leaves meanwhile.
	Latency time.Duration
	// MaxConcurrent, if positive, is the number of requests that may be in process at once. Each one beyond is
	// answered 429 with code 20429 at once, unprocessed.
	MaxConcurrent int
	// MaxNewEntitiesPerSecond, if positive, refuses further new entities of an account within one second with 429
	// and code 60328. Twilio's own limit is 40.
	MaxNewEntitiesPerSecond int
	// Now is the server's clock before [Server.AdvanceClock]: Date header, dates, TOTP codes, expiry.
	// Default: [time.Now].
	Now func() time.Time
	// UnverifiedTTL is the age at which an unverified factor vanishes. Default: 24 hours.
	UnverifiedTTL time.Duration

	// LowercaseIdentity answers identities in lower case instead of the case of the entity's first request.
	LowercaseIdentity bool
	// ConfigNumbersAsStrings answers the numbers of a TOTP factor's config as JSON strings.
	ConfigNumbersAsStrings bool
	// OmitDate leaves the Date header out of all answers.
	OmitDate bool
	// InvalidParameterCode is the error code of an invalid parameter: 60200 (default), 60300 or 60306.
	InvalidParameterCode int
	// UnknownEntityEmpty lists the factors of an entity that does not exist as none, instead of answering 404.
	UnknownEntityEmpty bool
	// StrictSecrets refuses secrets in lower case, with padding, or of fewer than 16 characters.
	StrictSecrets bool
	// RequireTokenOnPushUpdate refuses an update of a push factor without Config.NotificationToken, unless its
	// platform is none.
	RequireTokenOnPushUpdate bool
	// RefuseWrongPayload answers a wrong AuthPayload with 403 and code 60311 instead of 200 and an unverified factor.
	RefuseWrongPayload bool
	// RefuseSecondVerification answers an AuthPayload for a verified factor with 403 and code 60311 instead of
	// ignoring it.
	RefuseSecondVerification bool
}

// Server is a Verify v2 API in memory. It is safe for concurrent use.
type Server struct {
	config      Config
	clockOffset atomic.Int64
	inProcess   atomic.Int64
	log         requestLog
	faults      faultQueue

	mu    sync.Mutex // guards state; never held while waiting
	state state
}

// New returns a server without factors.
func New(config Config) *Server {
	if len(config.Accounts) == 0 {
		config.Accounts = []Account{defaultAccount()}
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.UnverifiedTTL == 0 {
		config.UnverifiedTTL = defaultUnverifiedTTL
	}
	if config.InvalidParameterCode == 0 {
		config.InvalidParameterCode = codeInvalidParameter
	}
	return &Server{config: config, state: newState(config.UnverifiedTTL)}
}

// AdvanceClock moves the server's clock, backwards if d is negative.
func (s *Server) AdvanceClock(d time.Duration) {
	s.clockOffset.Add(int64(d))
}

func (s *Server) now() time.Time {
	return s.config.Now().Add(time.Duration(s.clockOffset.Load())).UTC()
}

// ServeHTTP answers one request of the Verify API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.receive(r)
	s.log.add(c.logged)
	s.setHeader(w, c)

	if !s.enter() {
		s.write(w, c, errorAnswer(errTooManyRequests()))
		return
	}
	leave := sync.OnceFunc(func() { s.inProcess.Add(-1) })
	defer leave()

	fault := s.faults.take(*c.logged)
	time.Sleep(s.config.Latency / 2)
	if fault != nil {
		s.misbehave(w, r, c, fault, leave)
		return
	}
	a := s.process(c)
	sleep(r.Context(), s.config.Latency/2)
	leave() // before the answer, so that a client which waits for it never exceeds the limit
	s.write(w, c, a)
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

// setHeader sets what every answer has.
func (s *Server) setHeader(w http.ResponseWriter, c *call) {
	w.Header().Set("Twilio-Request-Id", c.logged.RequestID)
	if s.config.OmitDate {
		w.Header()["Date"] = nil // keeps net/http from adding its own
		return
	}
	w.Header().Set("Date", s.now().Format(http.TimeFormat))
}

// process applies the request to the state.
func (s *Server) process(c *call) answer {
	s.log.update(c.logged, func(r *Request) { r.Processed = true })
	if c.refusal != nil {
		return errorAnswer(c.refusal)
	}
	s.mu.Lock()
	now := s.now()
	c.now = now.Truncate(time.Second)
	s.state.expire(now)
	body, refusal := c.route.handle(s, c)
	s.mu.Unlock()
	if refusal != nil {
		return errorAnswer(refusal)
	}
	return jsonAnswer(c.route.status, body)
}

// newSID returns a random SID with the given two-letter prefix.
func newSID(prefix string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return prefix + hex.EncodeToString(b[:])
}
