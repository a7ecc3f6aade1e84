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
	refusal    string        // the body of a refusal
	jitter     time.Duration // the longest time that a request or a response takes on the network

	mu       sync.Mutex
	limit    int
	inFlight int
	most     int // requests that were in flight at once
	requests []limitedRequest
	refusals int
}

type limitedRequest struct {
	caller int
	at     time.Time
}

func (s *limitedServer) accept(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
}

// RoundTrip implements [http.RoundTripper].
func (s *limitedServer) RoundTrip(req *http.Request) (*http.Response, error) {
	caller, _ := req.Context().Value(callerKey{}).(int)
	call := callFrom(req.Context()) // recorded as by the exchange, which this server replaces
	call.attempts++
	if s.jitter > 0 {
		time.Sleep(rand.N(s.jitter))
		defer func() { time.Sleep(rand.N(s.jitter)) }()
	}
	s.mu.Lock()
	s.requests = append(s.requests, limitedRequest{caller, time.Now()})
	refused, takes := s.inFlight >= s.limit, s.latency
	if refused {
		takes = s.refusing + time.Duration(s.refusals)*s.stagger
		s.refusals++
	} else {
		s.inFlight++
		s.most = max(s.most, s.inFlight)
	}
	s.mu.Unlock()
	err := Sleep(req.Context(), takes)
	if refused {
		header := http.Header{"Retry-After": {s.retryAfter}}
		call.response, call.body = &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: http.NoBody}, []byte(s.refusal)
		return call.response, err
	}
	s.mu.Lock()
	s.inFlight--
	s.mu.Unlock()
	call.response, call.body = &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, []byte(factorJSON(1))
	return call.response, err
}

type callerKey struct{}

// limitedClient returns a client whose requests go to the server in memory.
func limitedClient(t *testing.T, server http.RoundTripper, change ...func(*Config)) (*Client, *limiter) {
	t.Helper()
	c := newClient(t, "http://127.0.0.1:1", append([]func(*Config){withRetries(10)}, change...)...)
	limit := &limiter{next: server, logger: c.config.Logger}
	c.http.HTTPClient.Transport = limit
	return c, limit
}

// run makes calls from concurrent callers, and returns how long it took.
func run(t *testing.T, c *Client, callers, calls int) time.Duration {
	t.Helper()
	started := time.Now()
	var work sync.WaitGroup
	for range callers {
		work.Go(func() {
			for range calls / callers {
				if err := fetch(t.Context(), c); err != nil {
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

// TestLimiter_InFlight makes 1,000 calls at parallelism 100, without a limit and with one.
func TestLimiter_InFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for limited, want := range map[int]string{0: "100 at once took 500ms", 7: "7 at once took 7.15s"} {
			server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
			c, limit := limitedClient(t, server)
			limit.limit, limit.increase = limited, time.Now().Add(time.Hour)
			took := run(t, c, 100, 1000)
			expect(t, strconv.Itoa(limited), fmt.Sprintf("%d at once took %s", server.most, took), want)
			assertIdle(t, limit)
		}
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
				server := &limitedServer{limit: atOnce, latency: 50 * time.Millisecond}
				server.retryAfter, server.refusing, server.stagger = test.retryAfter, test.refusing, test.stagger
				c, limit := limitedClient(t, server, withRetries(6))
				took := run(t, c, callers, calls)
				ratio := float64(took) / float64(calls/atOnce*server.latency)
				if got := len(server.requests); got > calls*3/2 || ratio > test.most {
					t.Errorf("%d requests in %.2f times the unlimited time, want at most %d in %.1f", got, ratio, calls*3/2, test.most)
				}
				assertIdle(t, limit)
			})
		})
	}
}

// TestLimiter_Unsteady makes 1,000 calls, each with two retries, while requests and responses overtake
// each other, as on a slow machine, or while the server's other clients come and go.
func TestLimiter_Unsteady(t *testing.T) {
	t.Parallel()
	histories := 100
	if testing.Short() {
		histories = 20
	}
	for i := range histories {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &limitedServer{latency: 50 * time.Millisecond, refusing: 5 * time.Millisecond, limit: 10}
				c, limit := limitedClient(t, server, withRetries(2))
				ctx, cancel := context.WithCancel(t.Context())
				var others sync.WaitGroup
				if i%2 == 0 {
					server.stagger, server.jitter = rand.N(5*time.Millisecond), 50*time.Millisecond
				} else {
					others.Go(func() {
						for Sleep(ctx, 100*time.Millisecond+rand.N(900*time.Millisecond)) == nil {
							server.accept(5 + rand.IntN(16))
						}
					})
				}
				run(t, c, 100, 1000)
				cancel()
				others.Wait()
				if got := len(server.requests); i%2 == 0 && got > 1500 {
					t.Errorf("%d requests for 1,000 calls, want at most 1.5 each", got)
				}
				assertIdle(t, limit)
			})
		})
	}
}

func TestLimiter_FirstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &limitedServer{latency: 50 * time.Millisecond, limit: 1000}
		c, limit := limitedClient(t, server)
		limit.limit, limit.increase = 1, time.Now().Add(time.Hour)
		var work sync.WaitGroup
		for caller := range 20 {
			work.Go(func() {
				if err := fetch(context.WithValue(t.Context(), callerKey{}, caller), c); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // this caller is in the queue
		}
		work.Wait()
		for i, r := range server.requests {
			if r.caller != i {
				t.Errorf("caller %d was served in place %d", r.caller, i)
			}
		}
	})
}

// TestLimiter_SharesCooldown refuses the first request. All others wait as well.
func TestLimiter_SharesCooldown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			retryAfter, refusal string
			least, most         time.Duration
		}{
			"Retry-After":          {"5", "", 5 * time.Second, 5750 * time.Millisecond},
			"Retry-After, capped":  {"86400", "", time.Minute, time.Minute + 6250*time.Millisecond},
			"entities in a second": {"", `{"code":60328}`, time.Second, 1350 * time.Millisecond},
		} {
			var lines bytes.Buffer
			server := &limitedServer{latency: time.Millisecond, retryAfter: test.retryAfter, refusal: test.refusal}
			c, limit := limitedClient(t, server, func(config *Config) { config.Logger = slog.New(slog.NewTextHandler(&lines, nil)) })
			started := time.Now()
			var first sync.WaitGroup
			first.Go(func() { run(t, c, 1, 1) })
			synctest.Wait()
			server.accept(1000)
			run(t, c, 10, 10)
			first.Wait()
			if len(server.requests) != 12 {
				t.Errorf("%s: %d requests, want 12", name, len(server.requests))
			}
			for _, r := range server.requests[1:] {
				// The limit is now 1, so each request also waits for the previous ones.
				if after := r.at.Sub(started); after < test.least || after > test.most+12*time.Millisecond {
					t.Errorf("%s: a request was sent after %s, want %s to %s", name, after, test.least, test.most)
				}
			}
			if got := strings.Count(lines.String(), "level=INFO"); got != 2 || !strings.Contains(lines.String(), "wait_ms=") {
				t.Errorf("%s: the log has %d lines about the limit and the cooldown, want 2:\n%s", name, got, &lines)
			}
			assertIdle(t, limit)
		}
	})
}

func TestLimiter_WaitsLongerEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, retryAfter := range []string{"", "0"} {
			server := &limitedServer{retryAfter: retryAfter}
			c, _ := limitedClient(t, server, withRetries(6))
			var e *Error
			if err := fetch(t.Context(), c); !errors.As(err, &e) || e.Status != http.StatusTooManyRequests || len(server.requests) != 7 {
				t.Fatalf("%q: error %v after %d requests, want 7", retryAfter, err, len(server.requests))
			}
			for i := range 6 {
				wait := server.requests[i+1].at.Sub(server.requests[i].at)
				if span := backoffMin << i; wait < span/2 || wait > span {
					t.Errorf("%q: wait %d was %s, want %s to %s", retryAfter, i, wait, span/2, span)
				}
			}
		}
	})
}

// TestLimiter_LosesNoSlot mixes refusals, failures, and cancellations. A lost slot would leave a
// caller waiting forever, which synctest reports as a deadlock.
func TestLimiter_LosesNoSlot(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limit := &limiter{logger: slog.New(slog.DiscardHandler), next: roundTrip(func(*http.Request) (*http.Response, error) {
					time.Sleep(rand.N(20 * time.Millisecond))
					switch n := rand.IntN(6); n {
					case 0:
						return nil, errors.New("reset")
					case 1, 2:
						retryAfter := []string{"", strconv.Itoa(rand.IntN(3))}[n-1]
						return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {retryAfter}}}, nil
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
								ctx, cancel = context.WithTimeout(ctx, rand.N(5*time.Second))
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

// TestLimiter_Refused checks how a refusal changes the limit: the first refusal of an epoch
// decreases it by an eighth, or to the requests still in flight if they are fewer, and each other
// refusal by one.
func TestLimiter_Refused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit, inFlight, epoch int // the limiter is in epoch 3
		want                   string
	}{
		"first of all":                  {0, 12, 3, "limit 12 in epoch 4"},
		"first of all, alone":           {0, 0, 3, "limit 1 in epoch 4"},
		"first of an epoch":             {16, 15, 3, "limit 14 in epoch 4"},
		"first of an epoch, fewer left": {16, 5, 3, "limit 5 in epoch 4"},
		"first of an epoch, alone":      {16, 0, 3, "limit 1 in epoch 4"},
		"first at the minimum limit":    {1, 0, 3, "limit 1 in epoch 4"},
		"another of a burst":            {16, 15, 2, "limit 15 in epoch 3"},
		"another at the minimum limit":  {1, 0, 2, "limit 1 in epoch 3"},
	} {
		l := &limiter{logger: slog.New(slog.DiscardHandler), limit: test.limit, inFlight: test.inFlight, epoch: 3, successes: 2}
		l.refused(t.Context(), &slot{epoch: test.epoch}, &http.Response{Header: http.Header{}})
		expect(t, name, fmt.Sprintf("limit %d in epoch %d", l.limit, l.epoch), test.want)
		if l.successes != 0 || !l.cooldown.IsZero() {
			t.Errorf("%s: %d successes, cooldown until %s; want none", name, l.successes, l.cooldown)
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
		increase := l.increase.Sub(now)
		if first <= 10*time.Second || first > 11250*time.Millisecond || increase != increaseCost*first {
			t.Errorf("cooldown of %s, no increase for %s; want a little more than 10 seconds, and %d times that", first, increase, increaseCost)
		}
		if shorter, longer := refuse("5"), refuse("20"); shorter != first || longer <= 20*time.Second {
			t.Errorf("a shorter wait changes the cooldown from %s to %s, and a longer one to %s", first, shorter, longer)
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
		var head, next error
		var work sync.WaitGroup
		work.Go(func() { head = l.acquire(ctx, &slot{attempts: 2, granted: make(chan struct{})}) })
		synctest.Wait()
		work.Go(func() { next = l.acquire(t.Context(), &slot{granted: make(chan struct{})}) })
		synctest.Wait()
		cancel()
		work.Wait()
		if !errors.Is(head, context.Canceled) || next != nil || l.inFlight != 2 || len(l.queue) != 0 {
			t.Errorf("errors %v and %v, %d slots in use and %d waiting, want a cancellation, 2 and none", head, next, l.inFlight, len(l.queue))
		}
	})
}

// TestLimiter_Increase checks that the limit increases by one after as many successes as its value,
// but not before the time for increases.
func TestLimiter_Increase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, l := limitedClient(t, &limitedServer{limit: 1000})
		const wait = time.Minute
		l.limit, l.increase = 2, time.Now().Add(wait)
		var got []int
		for i := range 9 {
			if i == 3 { // until now, it was too early
				time.Sleep(wait)
			}
			run(t, c, 1, 1)
			got = append(got, l.limit)
		}
		expect(t, "limits", fmt.Sprint(got), "[2 2 2 3 3 3 4 4 4]")
	})
}
