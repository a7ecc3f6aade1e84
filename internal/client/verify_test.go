// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// timed returns a function that returns numbered payloads, and records the times that it receives.
func timed(times *[]time.Time) AuthPayloadFunc {
	return func(_ context.Context, serverTime time.Time) (string, error) {
		*times = append(*times, serverTime)
		return fmt.Sprintf("payload-%d", len(*times)), nil
	}
}

func TestClient_VerifyComputesThePayloadForEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var payloads []string
		var times []time.Time
		const ahead = time.Hour
		started := time.Now()
		c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			payloads = append(payloads, r.FormValue("AuthPayload"))
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			if len(payloads) < 3 {
				w.Header().Set("Retry-After", "43")
				failure(http.StatusTooManyRequests, CodeTooManyRequests)(w, r)
				return
			}
			respond(http.StatusOK, factorJSON(1))(w, r)
		}), withRetries(3))
		if _, err := c.VerifyFactor(t.Context(), robot, factorSID(1), timed(&times)); err != nil {
			t.Fatal(err)
		}
		if want := []string{"payload-1", "payload-2", "payload-3"}; !slices.Equal(payloads, want) {
			t.Errorf("the server received %q, want %q", payloads, want)
		}
		if got := times[1].Sub(started); got < 43*time.Second+ahead-2*time.Second || got > 49*time.Second+ahead {
			t.Errorf("the second payload was computed for %s, want the server's time after the wait", got)
		}
	})
}

func TestClient_VerifyComputesThePayloadWithTheSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				time.Sleep(20 * time.Second)
			}
			respond(http.StatusOK, factorJSON(1))(w, r)
		}))
		limit, _ := c.http.HTTPClient.Transport.(*limiter)
		limit.limit = 1
		go func() { _, _ = Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...) }()
		time.Sleep(time.Second)
		started := time.Now()
		called := time.Duration(0)
		_, err := c.VerifyFactor(t.Context(), robot, factorSID(1), func(context.Context, time.Time) (string, error) {
			called = time.Since(started)
			return "123456", nil
		})
		if err != nil || called != 19*time.Second {
			t.Errorf("error %v; the payload was computed after %s, want after the wait for the slot", err, called)
		}
	})
}

// TestClient_VerifyPayloadMayWait computes the payload for longer than a request may take.
func TestClient_VerifyPayloadMayWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const timeout = 2 * time.Second
		c := newMemoryClient(t, respond(http.StatusOK, factorJSON(1)), func(config *Config) { config.RequestTimeout = timeout })
		wait := func(ctx context.Context, _ time.Time) (string, error) {
			return "123456", Sleep(ctx, timeout+time.Second)
		}
		if _, err := c.VerifyFactor(t.Context(), robot, factorSID(1), wait); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		_, err := c.VerifyFactor(ctx, robot, factorSID(1), wait)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != time.Second {
			t.Errorf("an interrupt ended the wait after %s: %v", time.Since(started), err)
		}
	})
}

func TestClient_VerifyPayloadError(t *testing.T) {
	t.Parallel()
	errExpired := errors.New("the payload has expired")
	for sent := range 3 {
		t.Run(fmt.Sprint(sent), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests, calls := 0, 0
				c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests++
					failure(http.StatusTooManyRequests, CodeTooManyRequests)(w, r)
				}), withRetries(5))
				_, err := c.VerifyFactor(t.Context(), robot, factorSID(1), func(context.Context, time.Time) (string, error) {
					if calls++; calls > sent {
						return "", fmt.Errorf("no code: %w", errExpired)
					}
					return "123456", nil
				})
				var e *Error
				if !errors.As(err, &e) || !errors.Is(err, errExpired) || e.Attempts != sent || e.OutcomeUnknown || e.Status != 0 {
					t.Errorf("error %+v", e)
				}
				if requests != sent || calls != sent+1 || !strings.Contains(err.Error(), "the request was not sent") {
					t.Errorf("%d requests, %d calls, error %v", requests, calls, err)
				}
			})
		})
	}
}

func TestClient_VerifyIsShieldedInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			cancel()
			time.Sleep(5 * time.Second)
			respond(http.StatusOK, strings.Replace(factorJSON(1), `"config"`, `"status":"verified","config"`, 1))(w, r)
		}))
		factor, err := c.VerifyFactor(ctx, robot, factorSID(1), fixed("123456"))
		if err != nil || factor.Status != StatusVerified {
			t.Errorf("%+v, error %v", factor, err)
		}
	})
}

func TestClient_VerifyIsBoundedInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			cancel()
			hang(w, r)
		}), withRetries(3))
		started := time.Now()
		_, err := c.VerifyFactor(ctx, robot, factorSID(1), fixed("123456"))
		var e *Error
		if !errors.As(err, &e) || !e.OutcomeUnknown || e.Attempts != 1 || time.Since(started) != time.Minute {
			t.Errorf("error %+v after %s", err, time.Since(started))
		}
	})
}

func TestClient_VerifyIsCancelableWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryClient(t, failure(http.StatusTooManyRequests, CodeTooManyRequests), withRetries(10))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		started := time.Now()
		_, err := c.VerifyFactor(ctx, robot, factorSID(1), fixed("123456"))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != 10*time.Second {
			t.Errorf("error %v after %s", err, time.Since(started))
		}
	})
}

// TestClient_VerifyRedactsEarlierPayloads serves a response to the second attempt that quotes the
// first payload.
func TestClient_VerifyRedactsEarlierPayloads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var payloads []string
		c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			payloads = append(payloads, r.FormValue("AuthPayload"))
			if len(payloads) == 1 {
				failure(http.StatusTooManyRequests, CodeTooManyRequests)(w, r)
				return
			}
			respond(http.StatusBadRequest, fmt.Sprintf(`{"code":60200,"message":"refused: %s","status":400}`, strings.Join(payloads, " ")))(w, r)
		}), withRetries(1))
		var times []time.Time
		_, err := c.VerifyFactor(t.Context(), robot, factorSID(1), timed(&times))
		if err == nil || len(payloads) != 2 || strings.Contains(err.Error(), "payload-") {
			t.Errorf("error %v after %d attempts", err, len(payloads))
		}
	})
}
