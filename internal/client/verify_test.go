// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestClient_VerifyComputesThePayloadForEachAttempt serves refusals, whose payloads the last response
// quotes.
func TestClient_VerifyComputesThePayloadForEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var payloads []string
		var times []time.Time
		const ahead = time.Hour
		started := time.Now()
		c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			payloads = append(payloads, r.FormValue("AuthPayload"))
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			if len(payloads) < 3 {
				w.Header().Set("Retry-After", "43")
				failure(http.StatusTooManyRequests, CodeTooManyRequests)(w, r)
				return
			}
			respond(http.StatusBadRequest, fmt.Sprintf(`{"code":60200,"message":"refused: %s","status":400}`, strings.Join(payloads, " ")))(w, r)
		}, withRetries(3))
		_, err := c.VerifyFactor(t.Context(), robot, factorSID(1), func(_ context.Context, serverTime time.Time) (string, error) {
			times = append(times, serverTime)
			return fmt.Sprintf("payload-%d", len(times)), nil
		})
		expect(t, "error", message(err), "Twilio returned HTTP 400 Bad Request, error 60200: refused: "+
			"(sensitive value) (sensitive value) (sensitive value)")
		expect(t, "payloads", strings.Join(payloads, " "), "payload-1 payload-2 payload-3")
		if got := times[1].Sub(started); got < 43*time.Second+ahead-2*time.Second || got > 49*time.Second+ahead {
			t.Errorf("the second payload was computed for %s, want the server's time after the wait", got)
		}
	})
}

func TestClient_VerifyComputesThePayloadWithTheSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				time.Sleep(20 * time.Second)
			}
			respond(http.StatusOK, factorJSON(1))(w, r)
		})
		c.http.HTTPClient.Transport.(*limiter).limit = 1
		go func() { _ = fetch(t.Context(), c) }()
		time.Sleep(time.Second)
		started, called := time.Now(), time.Duration(0)
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
		c := newMemoryClient(t, respond(http.StatusOK, factorJSON(1)), func(config *Config) { config.RequestTimeout = 2 * time.Second })
		for timeout, want := range map[time.Duration]string{
			time.Hour: "after 3s: ok", time.Second: "after 1s: the request was not sent: context deadline exceeded",
		} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			started := time.Now()
			_, err := c.VerifyFactor(ctx, robot, factorSID(1), func(ctx context.Context, _ time.Time) (string, error) {
				return "123456", Sleep(ctx, 3*time.Second)
			})
			cancel()
			expect(t, timeout.String(), fmt.Sprintf("after %s: %s", time.Since(started), message(err)), want)
		}
	})
}

func TestClient_VerifyPayloadError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		errExpired := errors.New("the payload has expired")
		for sent, want := range []string{"the request was not sent", "the request was not sent again", "the request was not sent again"} {
			calls := 0
			c := newMemoryClient(t, failure(http.StatusTooManyRequests, CodeTooManyRequests), withRetries(5))
			_, err := c.VerifyFactor(t.Context(), robot, factorSID(1), func(context.Context, time.Time) (string, error) {
				if calls++; calls > sent {
					return "", fmt.Errorf("no code: %w", errExpired)
				}
				return "123456", nil
			})
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, errExpired) || e.Attempts != sent || e.OutcomeUnknown || e.Status != 0 || calls != sent+1 {
				t.Errorf("error %+v after %d calls", e, calls)
			}
			expect(t, "error", message(err), want+": no code: the payload has expired")
		}
	})
}

// TestClient_VerifyIsUncancelable cancels a verification while it is in flight. It ends with the
// response or, without a complete one, at the timeout.
func TestClient_VerifyIsUncancelable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const timedOut = "after 1m0s: no response from Twilio: no complete response within the request_timeout of 1m0s"
		for name, test := range map[string]struct {
			handler http.HandlerFunc
			want    string
		}{
			"response": {func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(5 * time.Second)
				respond(http.StatusOK, factorJSON(1))(w, r)
			}, "after 5s: ok"},
			"no response": {hang, timedOut},
			"half a response": {func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(`{"sid":`))
				_ = http.NewResponseController(w).Flush()
				hang(w, r)
			}, timedOut},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
				cancel()
				test.handler(w, r)
			}, withRetries(3))
			started := time.Now()
			_, err := c.VerifyFactor(ctx, robot, factorSID(1), fixed("123456"))
			expect(t, name, fmt.Sprintf("after %s: %s", time.Since(started), message(err)), test.want)
			if e, ok := errors.AsType[*Error](err); ok && (!e.OutcomeUnknown || e.Attempts != 1) {
				t.Errorf("%s: error %+v", name, e)
			}
		}
	})
}
