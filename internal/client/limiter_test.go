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

// limitedServer responds after a delay and refuses requests beyond its limit, on the virtual clock
// of a synctest bubble.
type limitedServer struct {
	latency    time.Duration
	refusing   time.Duration // the latency of a refusal
	stagger    time.Duration // between two refusals
	retryAfter string
	refusal    string // the body of a refusal
	// jitter returns the time that a request or a response takes on the network; nil means none.
	jitter func() time.Duration

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
	call := callFrom(req.Context()) // recorded as by the exchange, which this server replaces
	call.attempts++
	respond := func(status int, header http.Header, body string) (*http.Response, error) {
		call.response, call.body = &http.Response{StatusCode: status, Header: header, Body: http.NoBody}, []byte(body)
		return call.response, nil
	}
	if s.jitter != nil {
		time.Sleep(s.jitter())
		defer func() { time.Sleep(s.jitter()) }()
	}
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
		return respond(http.StatusTooManyRequests, header, s.refusal)
	}
	if Sleep(req.Context(), s.latency) != nil {
		return nil, req.Context().Err()
	}
	return respond(http.StatusOK, http.Header{}, factorJSON(1))
}

type callerKey struct{}

// limitedClient returns a client whose requests go to the server in memory.
func limitedClient(t *testing.T, server http.RoundTripper, change ...func(*Config)) (*Client, *limiter) {
	t.Helper()
	c := newClient(t, "http://127.0.0.1:1", append([]func(*Config){withRetries(10)}, change...)...)
	limit := &limiter{next: server, logger: c.logger}
	c.http.HTTPClient.Transport = limit
	return c, limit
}

func fetch(ctx context.Context, c *Client, caller string) error {
	_, err := Factors.Fetch(context.WithValue(ctx, callerKey{}, caller), c, robot.path(factorSID(1))...)
	return err
}

// run makes calls from concurrent callers, and returns how long it took.
func run(t *testing.T, c *Client, callers, calls int) time.Duration {
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

// assertIdle checks that all granted slots were returned.
func assertIdle(t *testing.T, limit *limiter) {
	t.Helper()
	limit.mu.Lock()
	defer limit.mu.Unlock()
	if limit.inFlight != 0 || len(limit.queue) != 0 {
		t.Errorf("%d in flight and %d waiting, want none", limit.inFlight, len(limit.queue))
	}
}

func TestLimiter_NoLimitWithoutRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
		c, limit := limitedClient(t, server)
		if took := run(t, c, 100, 1000); took != 500*time.Millisecond {
			t.Errorf("took %s, want 10 calls of 50ms: there was nothing to wait for", took)
		}
		assertIdle(t, limit)
	})
}

// TestLimiter_Promise checks the promised bound: 1,000 calls at parallelism 100 on a server that
// accepts 10 at the same time.
func TestLimiter_Promise(t *testing.T) {
	t.Parallel()
	const callers, calls, atOnce = 100, 1000, 10
	for name, test := range map[string]struct {
		retryAfter        string
		refusing, stagger time.Duration
		most              float64 // times the unlimited time
	}{
		"no Retry-After":                {"", 5 * time.Millisecond, 0, 1.3},
		"no Retry-After, slow machine":  {"", 5 * time.Millisecond, time.Millisecond, 1.3},
		"Retry-After 0":                 {"0", 5 * time.Millisecond, 0, 1.3},
		"Retry-After 1":                 {"1", 5 * time.Millisecond, 0, 2},
		"Retry-After 1, at once":        {"1", 0, 0, 2},
		"Retry-After 1, slow machine":   {"1", 5 * time.Millisecond, time.Millisecond, 2},
		"Retry-After 1, slow refusals":  {"1", 45 * time.Millisecond, 0, 2},
		"no Retry-After, slow refusals": {"", 45 * time.Millisecond, 0, 1.3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &limitedServer{
					latency: 50 * time.Millisecond, refusing: test.refusing, stagger: test.stagger, limit: atOnce,
					retryAfter: test.retryAfter,
				}
				c, limit := limitedClient(t, server, withRetries(6))
				took := run(t, c, callers, calls)
				ideal := calls / atOnce * server.latency
				ratio := float64(took) / float64(ideal)
				t.Logf("%d requests, %.2f times the unlimited time", len(server.requests), ratio)
				if got := len(server.requests); got > calls*3/2 {
					t.Errorf("%d requests for %d calls, want at most 1.5 each", got, calls)
				}
				if ratio > test.most {
					t.Errorf("took %s, %.2f times the unlimited time, want at most %.1f", took, ratio, test.most)
				}
				assertIdle(t, limit)
			})
		})
	}
}

// TestLimiter_FluctuatingLimit makes 20,000 calls, each with two retries, to a server whose other
// clients come and go.
func TestLimiter_FluctuatingLimit(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 0))
				server := &limitedServer{latency: 50 * time.Millisecond, refusing: 5 * time.Millisecond, limit: 10}
				c, limit := limitedClient(t, server, withRetries(2))
				ctx, cancel := context.WithCancel(t.Context())
				var others sync.WaitGroup
				others.Go(func() {
					for Sleep(ctx, time.Duration(100+random.IntN(900))*time.Millisecond) == nil {
						server.mu.Lock()
						server.limit = 5 + random.IntN(16)
						server.mu.Unlock()
					}
				})
				took := run(t, c, 100, 1000)
				t.Logf("%d requests in %s", len(server.requests), took)
				cancel()
				others.Wait()
				assertIdle(t, limit)
			})
		})
	}
}

// TestLimiter_Jitter makes requests and responses overtake each other, as on a slow machine. Each
// call has two retries.
func TestLimiter_Jitter(t *testing.T) {
	t.Parallel()
	seeds := uint64(100)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := &lockedRand{rand: rand.New(rand.NewPCG(seed, 0))}
				server := &limitedServer{latency: 50 * time.Millisecond, refusing: 5 * time.Millisecond, limit: 10}
				server.stagger = time.Duration(random.intN(5)) * time.Millisecond
				server.jitter = func() time.Duration { return time.Duration(random.intN(50)) * time.Millisecond }
				c, limit := limitedClient(t, server, withRetries(2))
				run(t, c, 100, 1000)
				if got := len(server.requests); got > 1500 {
					t.Errorf("%d requests for 1,000 calls, want at most 1.5 each", got)
				}
				assertIdle(t, limit)
			})
		})
	}
}

func TestLimiter_KeepsToItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
		c, limit := limitedClient(t, server)
		limit.limit, limit.increase = 7, time.Now().Add(time.Hour)
		run(t, c, 100, 300)
		if server.most != 7 {
			t.Errorf("%d requests were in flight at once, want 7", server.most)
		}
		assertIdle(t, limit)
	})
}

func TestLimiter_Recovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1}
		c, limit := limitedClient(t, server)
		run(t, c, 20, 100)
		server.mu.Lock()
		server.limit, server.most = 1000, 0
		server.mu.Unlock()
		run(t, c, 20, 3000)
		if server.most < 10 {
			t.Errorf("%d requests at once after the server recovered, want more", server.most)
		}
		assertIdle(t, limit)
	})
}

func TestLimiter_FirstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
		c, limit := limitedClient(t, server)
		limit.limit, limit.increase = 1, time.Now().Add(time.Hour)
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
			synctest.Wait() // this caller is in the queue
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

func TestLimiter_SharesCooldown(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		retryAfter, refusal string
		least, most         time.Duration
	}{
		"Retry-After":          {"5", "", 5 * time.Second, 5750 * time.Millisecond},
		"Retry-After, capped":  {"86400", "", time.Minute, time.Minute + 6250*time.Millisecond},
		"entities in a second": {"", `{"code":60328}`, time.Second, 1350 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var lines bytes.Buffer
				server := &limitedServer{latency: time.Millisecond, retryAfter: test.retryAfter, refusal: test.refusal}
				c, limit := limitedClient(t, server, func(config *Config) {
					config.Logger = slog.New(slog.NewTextHandler(&lines, nil))
				})
				started := time.Now()
				var work sync.WaitGroup
				for i := range 11 {
					work.Go(func() {
						if err := fetch(t.Context(), c, strconv.Itoa(i)); err != nil {
							t.Error(err)
						}
					})
					if i > 0 {
						continue
					}
					synctest.Wait() // the first one is refused
					server.mu.Lock()
					server.limit = 1000
					server.mu.Unlock()
				}
				work.Wait()
				if len(server.requests) != 12 {
					t.Errorf("%d requests, want 12", len(server.requests))
				}
				for _, r := range server.requests[1:] {
					// The limit is now 1, so each request also waits for the previous ones.
					if after := r.at.Sub(started); after < test.least || after > test.most+12*time.Millisecond {
						t.Errorf("%s was sent after %s, want %s to %s", r.caller, after, test.least, test.most)
					}
				}
				if got := strings.Count(lines.String(), "level=INFO"); got != 2 || !strings.Contains(lines.String(), "wait_ms=") {
					t.Errorf("the log has %d lines about the limit and the cooldown, want 2:\n%s", got, &lines)
				}
				assertIdle(t, limit)
			})
		})
	}
}

func TestLimiter_CooldownIsNotCutShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := &limiter{logger: slog.New(slog.DiscardHandler)}
		for _, seconds := range []string{"30", "1"} {
			limit.refused(t.Context(), &slot{}, &http.Response{Header: http.Header{"Retry-After": {seconds}}})
		}
		if got := time.Until(limit.cooldown); got < 30*time.Second {
			t.Errorf("cooldown of %s, want at least the first Retry-After of 30s", got)
		}
	})
}

func TestLimiter_WaitsLongerEachTime(t *testing.T) {
	t.Parallel()
	for _, retryAfter := range []string{"", "0"} {
		t.Run(retryAfter, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &limitedServer{retryAfter: retryAfter}
				c, _ := limitedClient(t, server, withRetries(6))
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
		})
	}
}

func TestLimiter_CanceledInQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: time.Second, limit: 1000}
		c, limit := limitedClient(t, server)
		limit.limit, limit.increase = 1, time.Now().Add(time.Hour)
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
				if err := fetch(ctx, c, "canceled"); !errors.Is(err, context.Canceled) {
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
			t.Errorf("%d requests, want those that were not canceled", len(server.requests))
		}
		assertIdle(t, limit)
	})
}

func TestLimiter_CanceledDuringCooldown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, limit := limitedClient(t, &limitedServer{retryAfter: "30"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		if err := fetch(ctx, c, "canceled"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if time.Since(started) != time.Second {
			t.Errorf("returned after %s", time.Since(started))
		}
		assertIdle(t, limit)
	})
}

// TestLimiter_LosesNoSlot mixes refusals, failures, and cancellations. A lost slot would leave a
// caller waiting forever, which synctest reports as a deadlock.
func TestLimiter_LosesNoSlot(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := &lockedRand{rand: rand.New(rand.NewPCG(seed, 0))}
				limit := &limiter{logger: slog.New(slog.DiscardHandler), next: roundTrip(func(*http.Request) (*http.Response, error) {
					time.Sleep(time.Duration(random.intN(20)) * time.Millisecond)
					switch random.intN(6) {
					case 0:
						return nil, errors.New("reset")
					case 1:
						return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{}, Body: http.NoBody}, nil
					case 2:
						header := http.Header{"Retry-After": {strconv.Itoa(random.intN(3))}}
						return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: http.NoBody}, nil
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
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// lockedRand is a source of random numbers for several goroutines.
type lockedRand struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (r *lockedRand) intN(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.IntN(n)
}

// TestLimiter_Refused checks how a refusal changes the limit: the first refusal of an epoch
// decreases it by an eighth, or to the requests still in flight if they are fewer, and each other
// refusal by one.
func TestLimiter_Refused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit, inFlight int
		epoch           int // of the request; the limiter is in epoch 3
		wantLimit       int
		wantEpoch       int
	}{
		"first of all":                  {0, 12, 3, 12, 4},
		"first of all, alone":           {0, 0, 3, 1, 4},
		"first of an epoch":             {16, 15, 3, 14, 4},
		"first of an epoch, fewer left": {16, 5, 3, 5, 4},
		"first of an epoch, alone":      {16, 0, 3, 1, 4},
		"first at the minimum limit":    {1, 0, 3, 1, 4},
		"another of a burst":            {16, 15, 2, 15, 3},
		"another at the minimum limit":  {1, 0, 2, 1, 3},
	} {
		l := &limiter{logger: slog.New(slog.DiscardHandler), limit: test.limit, inFlight: test.inFlight, epoch: 3, successes: 2}
		l.refused(t.Context(), &slot{epoch: test.epoch}, &http.Response{Header: http.Header{}})
		if l.limit != test.wantLimit || l.epoch != test.wantEpoch || l.successes != 0 || !l.cooldown.IsZero() {
			t.Errorf("%s: limit %d in epoch %d after %d successes, cooldown until %s; "+
				"want limit %d in epoch %d", name, l.limit, l.epoch, l.successes, l.cooldown, test.wantLimit, test.wantEpoch)
		}
	}
}

// TestLimiter_Cooldown checks that a cooldown is a little longer than the server's Retry-After and
// never ends early.
func TestLimiter_Cooldown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{logger: slog.New(slog.DiscardHandler), limit: 8}
		ctx, now := t.Context(), time.Now()
		refuse := func(seconds string) time.Duration {
			l.refused(ctx, &slot{}, &http.Response{Header: http.Header{"Retry-After": {seconds}}})
			return l.cooldown.Sub(now)
		}
		first := refuse("10")
		if first <= 10*time.Second || first > 11250*time.Millisecond || l.increase.Sub(now) != increaseCost*first {
			t.Errorf("cooldown of %s, no increase for %s; "+
				"want a little more than 10 seconds, and %d times that", first, l.increase.Sub(now), increaseCost)
		}
		if got := refuse("5"); got != first {
			t.Errorf("a shorter wait changes the cooldown from %s to %s", first, got)
		}
		if got := refuse("20"); got <= 20*time.Second {
			t.Errorf("a longer wait leaves a cooldown of %s", got)
		}
	})
}

// TestLimiter_CanceledHead cancels a request at the head of the queue that waits for all slots.
// The next request must then stop waiting.
func TestLimiter_CanceledHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{limit: 2, inFlight: 1}
		ctx, cancel := context.WithCancel(t.Context())
		head, next := &slot{attempts: 2, granted: make(chan struct{})}, &slot{granted: make(chan struct{})}
		var work sync.WaitGroup
		work.Go(func() {
			if err := l.acquire(ctx, head); !errors.Is(err, context.Canceled) {
				t.Errorf("the head of the queue returned %v", err)
			}
		})
		synctest.Wait()
		work.Go(func() {
			if err := l.acquire(t.Context(), next); err != nil {
				t.Errorf("the next one returned %v", err)
			}
		})
		synctest.Wait()
		cancel()
		work.Wait()
		if l.inFlight != 2 || len(l.queue) != 0 {
			t.Errorf("%d slots in use and %d waiting, want 2 and none", l.inFlight, len(l.queue))
		}
	})
}

// TestLimiter_Increase checks that the limit increases by one after as many successes as its value,
// but not before the time for increases.
func TestLimiter_Increase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, l := limitedClient(t, &limitedServer{limit: 1000})
		const wait = time.Minute
		l.limit, l.increase = 2, time.Now().Add(wait)
		succeed := func() int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := l.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			return l.limit
		}
		got := []int{succeed(), succeed(), succeed()} // too early
		time.Sleep(wait)
		for range 6 {
			got = append(got, succeed())
		}
		if want := []int{2, 2, 2, 3, 3, 3, 4, 4, 4}; !slices.Equal(got, want) {
			t.Errorf("the limits are %v, want %v", got, want)
		}
	})
}
