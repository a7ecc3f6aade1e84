// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// limitedServer answers after a while, and refuses at once what is beyond its
// limit, all in the time of a synctest bubble.
type limitedServer struct {
	latency    time.Duration
	refusing   time.Duration // the latency of a refusal
	stagger    time.Duration // by which each refusal comes after the one before
	retryAfter string
	refusal    string // the body of a refusal

	mu       sync.Mutex
	limit    int
	inFlight int
	most     int // requests that were in flight at once
	requests []request
	refusals int
}

type request struct {
	caller  string
	at      time.Time
	refused bool
}

// RoundTrip implements [http.RoundTripper].
func (s *limitedServer) RoundTrip(req *http.Request) (*http.Response, error) {
	caller, _ := req.Context().Value(callerKey{}).(string)
	callFrom(req.Context()).attempts++ // as the exchange does, whose place this takes
	s.mu.Lock()
	refused := s.inFlight >= s.limit
	s.requests = append(s.requests, request{caller, time.Now(), refused})
	if !refused {
		s.inFlight++
		s.most = max(s.most, s.inFlight)
		defer func() {
			s.mu.Lock()
			s.inFlight--
			s.mu.Unlock()
		}()
	}
	refusing := s.refusing
	if refused {
		refusing += time.Duration(s.refusals) * s.stagger
		s.refusals++
	}
	s.mu.Unlock()
	if refused {
		time.Sleep(refusing)
		header := http.Header{}
		if s.retryAfter != "" {
			header.Set("Retry-After", s.retryAfter)
		}
		return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: memoryBody([]byte(s.refusal))}, nil
	}
	if !sleep(req.Context(), s.latency) {
		return nil, req.Context().Err()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: memoryBody([]byte(factorJSON(1)))}, nil
}

type callerKey struct{}

// throttledClient gives a client whose requests go to the server in memory.
func throttledClient(t *testing.T, server http.RoundTripper, change ...func(*Config)) (*Client, *throttle) {
	t.Helper()
	c := newClient(t, "http://127.0.0.1:1", append([]func(*Config){withRetries(10)}, change...)...)
	limit := &throttle{next: server, logger: c.logger}
	c.http.HTTPClient.Transport = limit
	return c, limit
}

func fetch(ctx context.Context, c *Client, caller string) error {
	_, err := c.FetchFactor(context.WithValue(ctx, callerKey{}, caller), robot, factorSID(1))
	return err
}

// storm makes calls from so many callers at once, and returns how long it took.
func storm(t *testing.T, c *Client, callers, calls int) time.Duration {
	t.Helper()
	started := time.Now()
	var work sync.WaitGroup
	for i := range callers {
		work.Go(func() {
			for range calls / callers {
				if err := fetch(t.Context(), c, strconv.Itoa(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	return time.Since(started)
}

// assertIdle looks for places that were taken and never given back.
func assertIdle(t *testing.T, limit *throttle) {
	t.Helper()
	limit.mu.Lock()
	defer limit.mu.Unlock()
	if limit.inFlight != 0 || len(limit.waiting) != 0 {
		t.Errorf("%d in flight and %d waiting, want none", limit.inFlight, len(limit.waiting))
	}
}

func TestThrottleWithoutARefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
		c, limit := throttledClient(t, server)
		if took := storm(t, c, 100, 1000); took != 500*time.Millisecond {
			t.Errorf("took %s, want 10 calls of 50ms: nothing was to wait for", took)
		}
		assertIdle(t, limit)
	})
}

func TestThrottleInAStorm(t *testing.T) {
	t.Parallel()
	const callers, calls, atOnce = 100, 1000, 10
	for _, retryAfter := range []string{"", "0", "1"} {
		t.Run("Retry-After "+retryAfter, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &limitedServer{latency: 50 * time.Millisecond, refusing: 5 * time.Millisecond, limit: atOnce, retryAfter: retryAfter}
				c, limit := throttledClient(t, server)
				took := storm(t, c, callers, calls)
				t.Logf("%d requests, %s", len(server.requests), took)
				if got := len(server.requests); got > calls*3/2 {
					t.Errorf("%d requests for %d calls, want at most 1.5 each", got, calls)
				}
				// A first wait that the server asks for is not the throttle's doing.
				asked, _ := retryAfterOf(retryAfter)
				ideal := calls / atOnce * server.latency
				if most := ideal*13/10 + 2*asked; took > most {
					t.Errorf("took %s, want at most %s", took, most)
				}
				assertIdle(t, limit)
			})
		})
	}
}

// TestThrottleOnASlowMachine hears of most refusals only after the requests that
// the server had accepted beside them were answered.
func TestThrottleOnASlowMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, refusing: 5 * time.Millisecond, stagger: 2 * time.Millisecond, limit: 10, retryAfter: "1"}
		c, limit := throttledClient(t, server)
		took := storm(t, c, 100, 100)
		if limit.limit < 10 || limit.limit > 12 {
			t.Errorf("the limit is %d, want the server's 10", limit.limit)
		}
		if most := 2 * time.Second; took > most {
			t.Errorf("took %s, want at most %s", took, most)
		}
		assertIdle(t, limit)
	})
}

// TestThrottleGetsAllThrough shares the server with others who come and go, so
// that the limit is wrong again and again, and lets each request try three times.
func TestThrottleGetsAllThrough(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 0))
				server := &limitedServer{latency: 50 * time.Millisecond, refusing: 5 * time.Millisecond, limit: 10}
				c, limit := throttledClient(t, server, withRetries(2))
				ctx, cancel := context.WithCancel(t.Context())
				var others sync.WaitGroup
				others.Go(func() {
					for sleep(ctx, time.Duration(20+random.IntN(200))*time.Millisecond) {
						server.mu.Lock()
						server.limit = 6 + random.IntN(8)
						server.mu.Unlock()
					}
				})
				storm(t, c, 100, 1000)
				cancel()
				others.Wait()
				assertIdle(t, limit)
			})
		})
	}
}

func retryAfterOf(value string) (time.Duration, bool) {
	return retryAfter(http.Header{"Retry-After": {value}}, time.Now())
}

func TestThrottleKeepsToItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
		c, limit := throttledClient(t, server)
		limit.limit, limit.patience = 7, maxPatience
		storm(t, c, 100, 300)
		if server.most != 7 {
			t.Errorf("%d requests were in flight at once, want 7", server.most)
		}
		assertIdle(t, limit)
	})
}

func TestThrottleRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1}
		c, limit := throttledClient(t, server)
		storm(t, c, 20, 100)
		server.mu.Lock()
		server.limit, server.most = 1000, 0
		server.mu.Unlock()
		storm(t, c, 20, 3000)
		if server.most < 10 {
			t.Errorf("%d requests at once after the server recovered, want more", server.most)
		}
		assertIdle(t, limit)
	})
}

func TestThrottleIsFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
		c, limit := throttledClient(t, server)
		limit.limit, limit.patience = 1, maxPatience
		var work sync.WaitGroup
		var want []string
		for i := range 20 {
			caller := strconv.Itoa(i)
			want = append(want, caller)
			work.Go(func() {
				if err := fetch(t.Context(), c, caller); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // this caller has its place in the queue
		}
		work.Wait()
		var got []string
		for _, r := range server.requests {
			got = append(got, r.caller)
		}
		if !slices.Equal(got, want) {
			t.Errorf("order %v, want that of arrival", got)
		}
	})
}

func TestThrottleSharesAHold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		retryAfter, refusal string
		least, most         time.Duration
	}{
		"Retry-After":          {"5", "", 5 * time.Second, 5750 * time.Millisecond},
		"Retry-After, capped":  {"86400", "", time.Minute, time.Minute + 6250*time.Millisecond},
		"entities in a second": {"", `{"code":60328}`, time.Second, 1350 * time.Millisecond},
		"nothing said":         {"", "", 125 * time.Millisecond, 250 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var lines bytes.Buffer
				server := &limitedServer{latency: time.Millisecond, retryAfter: test.retryAfter, refusal: test.refusal}
				c, limit := throttledClient(t, server, func(config *Config) {
					config.Logger = slog.New(slog.NewTextHandler(&lines, nil))
				})
				started := time.Now()
				var work sync.WaitGroup
				work.Go(func() {
					if err := fetch(t.Context(), c, "refused"); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
				server.mu.Lock()
				server.limit = 1000
				server.mu.Unlock()
				for i := range 10 {
					work.Go(func() {
						if err := fetch(t.Context(), c, strconv.Itoa(i)); err != nil {
							t.Error(err)
						}
					})
				}
				work.Wait()
				if len(server.requests) != 12 {
					t.Errorf("%d requests, want 12", len(server.requests))
				}
				for _, r := range server.requests[1:] {
					// The limit is 1 by now, so that each waits for those before it as well.
					if after := r.at.Sub(started); after < test.least || after > test.most+12*time.Millisecond {
						t.Errorf("%s was sent after %s, want %s to %s", r.caller, after, test.least, test.most)
					}
				}
				if got := strings.Count(lines.String(), "level=INFO"); got != 2 || !strings.Contains(lines.String(), "wait_ms=") {
					t.Errorf("the log has %d lines of the limit and the wait, want 2:\n%s", got, &lines)
				}
				assertIdle(t, limit)
			})
		})
	}
}

func TestThrottleWaitsLongerEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{}
		c, _ := throttledClient(t, server, withRetries(6))
		var e *Error
		if err := fetch(t.Context(), c, "alone"); !errors.As(err, &e) || e.Status != http.StatusTooManyRequests {
			t.Errorf("error %v", err)
		}
		if len(server.requests) != 7 {
			t.Fatalf("%d requests, want 7", len(server.requests))
		}
		for i := range 6 {
			wait := server.requests[i+1].at.Sub(server.requests[i].at)
			if span := backoffMin << i; wait < span/2 || wait > span {
				t.Errorf("wait %d was %s, want %s to %s", i, wait, span/2, span)
			}
		}
	})
}

func TestThrottleCancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: time.Second, limit: 1000}
		c, limit := throttledClient(t, server)
		limit.limit, limit.patience = 1, maxPatience
		ctx, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		work.Go(func() {
			if err := fetch(t.Context(), c, "first"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		started := time.Now()
		for range 10 {
			work.Go(func() {
				if err := fetch(ctx, c, "cancelled"); !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want a cancellation", err)
				}
				if time.Since(started) != 100*time.Millisecond {
					t.Errorf("returned after %s", time.Since(started))
				}
			})
		}
		time.Sleep(100 * time.Millisecond)
		cancel()
		synctest.Wait()
		if err := fetch(t.Context(), c, "last"); err != nil {
			t.Error(err)
		}
		work.Wait()
		if len(server.requests) != 2 {
			t.Errorf("%d requests, want those that were not cancelled", len(server.requests))
		}
		assertIdle(t, limit)
	})
}

func TestThrottleCancelledDuringAHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{retryAfter: "30"}
		c, limit := throttledClient(t, server)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		if err := fetch(ctx, c, "cancelled"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if time.Since(started) != time.Second {
			t.Errorf("returned after %s", time.Since(started))
		}
		assertIdle(t, limit)
		time.Sleep(time.Minute) // let the hold end, so that its timer does
	})
}

func TestThrottleCancelledAsItsTurnCame(t *testing.T) {
	t.Parallel()
	limit := &throttle{limit: 1, inFlight: 1} // the place is given to the first already,
	first, second := &waiter{place: make(chan int, 1)}, &waiter{place: make(chan int, 1)}
	limit.waiting = []*waiter{second}
	limit.giveUp(first) // which leaves at the same moment
	select {
	case <-second.place:
	default:
		t.Error("the place was not passed on")
	}
	if limit.inFlight != 1 || len(limit.waiting) != 0 {
		t.Errorf("%d in flight and %d waiting, want 1 and none", limit.inFlight, len(limit.waiting))
	}
}

func TestThrottleHasNoOvertaking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// A hold is over, and those who waited for it are about to be let in.
		limit := &throttle{waiting: []*waiter{{place: make(chan int, 1)}}}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = limit.acquire(ctx, 0) }()
		synctest.Wait()
		if limit.inFlight != 0 || len(limit.waiting) != 2 {
			t.Errorf("%d in flight and %d waiting, want none and 2", limit.inFlight, len(limit.waiting))
		}
		cancel()
	})
}

func TestThrottleHoldIsNotCutShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := &throttle{logger: slog.New(slog.DiscardHandler)}
		for _, least := range []time.Duration{30 * time.Second, time.Second} {
			limit.hold(t.Context(), &http.Response{}, least, true)
		}
		if got := time.Until(limit.heldUntil); got < 30*time.Second {
			t.Errorf("held for %s, want what was asked for first", got)
		}
		time.Sleep(time.Minute) // let the hold end, so that its timer does
	})
}

// TestThrottleLosesNoWakeUp mixes refusals, failures and cancellations, many
// times over. A wake-up that is lost leaves a caller waiting for ever, which
// synctest reports as a deadlock.
func TestThrottleLosesNoWakeUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := &lockedRand{rand: rand.New(rand.NewPCG(seed, 0))}
				limit := &throttle{logger: slog.New(slog.DiscardHandler), next: roundTrip(func(*http.Request) (*http.Response, error) {
					time.Sleep(time.Duration(random.intN(20)) * time.Millisecond)
					switch random.intN(6) {
					case 0:
						return nil, errors.New("reset")
					case 1:
						return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{}, Body: memoryBody(nil)}, nil
					case 2:
						header := http.Header{"Retry-After": {strconv.Itoa(random.intN(3))}}
						return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: memoryBody(nil)}, nil
					default:
						return &http.Response{StatusCode: http.StatusOK}, nil
					}
				})}
				var work sync.WaitGroup
				for caller := range 30 {
					work.Go(func() {
						for range 10 {
							ctx, cancel := t.Context(), func() {}
							if caller%2 == 0 {
								ctx, cancel = context.WithTimeout(ctx, time.Duration(random.intN(5000))*time.Millisecond)
							}
							req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", nil)
							_, _ = limit.RoundTrip(req)
							cancel()
						}
					})
				}
				work.Wait()
				assertIdle(t, limit)
				time.Sleep(time.Minute) // let the last hold end
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

type lockedRand struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (r *lockedRand) intN(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.IntN(n)
}
