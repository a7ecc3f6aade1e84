// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// reset ends the connection without a response.
func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// hang waits until the client has disconnected.
func hang(_ http.ResponseWriter, r *http.Request) {
	// Only a server that has read the body notices that the client disconnects.
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// truncate promises more than it sends.
func truncate(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000")
	respond(http.StatusOK, factorJSON(1))(w, r)
}

// attempt runs an operation, whose client repeats a request once, on a server that makes all requests
// fail. It returns how many requests the server got, without those with which a create searches.
func attempt(t *testing.T, name string, fail http.HandlerFunc) (int, error) {
	t.Helper()
	var requests atomic.Int64
	c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
		if name == "create factor" && r.Method == http.MethodGet {
			respond(http.StatusOK, `{"factors":[]}`)(w, r)
			return
		}
		requests.Add(1)
		fail(w, r)
	}, withRetries(1))
	err := operations[name](t.Context(), c, robot, factorSID(1))
	return int(requests.Load()), err
}

// TestClient_RetryPolicy checks a table of the retry policy. A digit is the number of requests of an
// operation. A plus sign means success, and a question mark that a create may have been processed.
func TestClient_RetryPolicy(t *testing.T) {
	t.Parallel()
	columns := []string{
		"read factor", "list factors", "read service", "update factor", "create access token", "delete factor",
		"verify factor", "create challenge", "create factor",
	}
	for name, test := range map[string]struct {
		fail http.HandlerFunc
		want string // by column
	}{
		"reset":                   {reset, "222222 11? 2?"},
		"timeout":                 {hang, "222222 11? 2?"},
		"truncated":               {truncate, "222222 11? 2?"},
		"too large":               {respond(200, strings.Repeat(" ", maxResponse+1)), "111111 11? 2?"},
		"302":                     {respond(302, ""), "111111 11? 2?"},
		"400":                     {failure(400, 60200), "111111 11 1"},
		"401":                     {failure(401, CodeAuthenticationFailed), "111111 11 1"},
		"403 60311":               {failure(403, CodeVerificationFailed), "111111 11 1"},
		"403 60318":               {failure(403, CodeFactorUnverified), "111111 11 1"},
		"404":                     {failure(404, 20404), "111111 11 1"},
		"408":                     {respond(408, "<html>"), "222222 11? 2?"},
		"409":                     {failure(409, CodeBindingExists), "111111 11 1"},
		"429 20429":               {failure(429, CodeTooManyRequests), "222222 22 2"},
		"429 HTML":                {respond(429, "<html>"), "222222 22 2"},
		"429 60310":               {failure(429, CodeTooManyFactorAttempts), "111111 11 1"},
		"429 60308":               {failure(429, CodeTooManyChallengeAttempts), "111111 11 1"},
		"429 60309":               {failure(429, CodeTooManyNotifications), "111111 11 1"},
		"429 60312":               {failure(429, CodeTooManyChallenges), "111111 11 1"},
		"429 60326":               {failure(429, CodeTooManyCreates), "111111 11 1"},
		"429 60326 as a string":   {respond(429, `{"code":"60326"}`), "111111 11 1"},
		"403 60328 (per second)":  {failure(403, CodeTooManyNewEntities), "222222 22 2"},
		"500":                     {failure(500, 20500), "222222 11? 2?"},
		"501":                     {failure(501, 0), "111111 11? 2?"},
		"502":                     {respond(502, "<html>"), "222222 11? 2?"},
		"503":                     {respond(503, ""), "222222 11? 2?"},
		"504":                     {respond(504, ""), "222222 11? 2?"},
		"505":                     {respond(505, ""), "111111 11? 2?"},
		"200 HTML":                {respond(200, "<html>"), "222222 11? 2?"},
		"200 empty":               {respond(200, ""), "22222+ 11? 2?"},
		"200 cut":                 {respond(200, `{"sid":`), "222222 11? 2?"},
		"200 with another object": {respond(200, `{"ok":true}`), "111111 11? 2?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := ""
				for _, operation := range columns {
					if operation == "verify factor" || operation == "create factor" {
						got += " "
					}
					requests, err := attempt(t, operation, test.fail)
					if err == nil {
						got += "+"
						continue
					}
					got += strconv.Itoa(requests)
					if lost, ok := errors.AsType[*CreateError](err); ok && lost.Unknown {
						got += "?"
					}
					var e *Error
					if !errors.As(err, &e) || operation != "create factor" && e.Attempts != requests {
						t.Errorf("%s: error %+v after %d requests", operation, err, requests)
					}
				}
				expect(t, name, got, test.want)
			})
		})
	}
}

// refuseConnections returns a client whose connections are refused, and counts how often it dials.
func refuseConnections(t *testing.T, base string, retries int) (c *Client, dials *int) {
	t.Helper()
	dials = new(int)
	return newClient(t, base, withRetries(retries), func(config *Config) {
		config.DialContext = func(context.Context, string, string) (net.Conn, error) {
			*dials++
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
	}), dials
}

func TestClient_DialFailureIsRetriedForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, operation := range operations {
			c, dials := refuseConnections(t, "https://verify.example", 9)
			err := operation(t.Context(), c, robot, factorSID(1))
			var e *Error
			if !errors.As(err, &e) || e.Attempts != 10 || *dials != 10 || e.OutcomeUnknown || e.Status != 0 || !IsConnectionRefused(err) {
				t.Errorf("%s: %d dials, error %+v", name, *dials, err)
			}
			if _, ok := errors.AsType[*CreateError](err); ok {
				t.Errorf("%s: want a known outcome, because no request was sent", name)
			}
		}
	})
}

func TestClient_ConnectionRefusedOnLoopback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, host := range []string{"localhost", "127.0.0.1", "[::1]"} {
			for _, retries := range []int{0, 1, 3, 20, 100} {
				c, dials := refuseConnections(t, "http://"+host+":1", retries)
				started := time.Now()
				err := fetch(t.Context(), c)
				if took := time.Since(started); took > 3*time.Second || !IsConnectionRefused(err) || *dials <= min(retries, 3) {
					t.Errorf("%s: took %s, %d dials with %d retries, error %v", host, took, *dials, retries, err)
				}
			}
		}
	})
}

func TestClient_ConnectionRefusedByTheSystem(t *testing.T) {
	t.Parallel()
	server := newServer(t, respond(http.StatusOK, ""))
	server.Close()
	if err := fetch(t.Context(), newClient(t, server.URL)); !IsConnectionRefused(err) {
		t.Errorf("error %v", err)
	}
}

func TestClient_RefusedCertificateIsNotRetried(t *testing.T) {
	t.Parallel()
	server := newTLSServer(t, nil)
	for name, operation := range operations {
		err := operation(t.Context(), newClient(t, server.URL, withRetries(3)), robot, factorSID(1))
		var e *Error
		if !errors.As(err, &e) || e.Attempts != 1 || e.OutcomeUnknown || !IsCertificateInvalid(err) {
			t.Errorf("%s: error %+v", name, e)
		}
	}
}

func TestClient_RetrySendsTheFormAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, server := newScript(t, reset, respond(http.StatusOK, factorJSON(1)))
		err := operations["update factor"](t.Context(), c, robot, factorSID(1))
		update := "POST " + factorsPath + "/" + factorSID(1) + " FriendlyName=name"
		expect(t, message(err), server.sent(), update+"; "+update)
	})
}

func TestRetry_After(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for name, test := range map[string]struct{ value, date, want string }{
		"none":                    {"", "", "0s"},
		"seconds":                 {"7", "", "7s"},
		"seconds with spaces":     {" 7 ", "", "7s"},
		"zero":                    {"0", "", "0s"},
		"capped":                  {"61", "", "1m0s"},
		"a day":                   {"86400", "", "1m0s"},
		"overflow of nanoseconds": {strconv.FormatUint(math.MaxInt64/uint64(time.Second)+1, 10), "", "1m0s"},
		"overflow of 64 bits":     {"99999999999999999999999999", "", "1m0s"},
		"negative":                {"-5", "", "0s"},
		"a fraction":              {"1.5", "", "0s"},
		"garbage":                 {"soon", "", "0s"},
		"date":                    {at(9 * time.Second), "", "9s"},
		"date in the past":        {at(-time.Hour), "", "0s"},
		"date far ahead":          {at(time.Hour), "", "1m0s"},
		"server an hour ahead":    {at(time.Hour + 9*time.Second), at(time.Hour), "9s"},
		"server an hour behind":   {at(-time.Hour + 9*time.Second), at(-time.Hour), "9s"},
		"server's date unusable":  {at(9 * time.Second), "today", "9s"},
		"other formats of date":   {now.Add(9 * time.Second).Format("Monday, 02-Jan-06 15:04:05 GMT"), "", "9s"},
	} {
		wait := retryAfter(http.Header{"Retry-After": {test.value}, "Date": {test.date}}, now)
		expect(t, name, wait.String(), test.want)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range [][2]string{
		{"1", ""},
		{"99999999999999999999", ""},
		{"1e9", ""},
		{"-1", "Fri, 02 Jan 2026 03:04:05 GMT"},
		{"Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:00 GMT"},
		{"Fri, 02 Jan 0000 03:04:05 GMT", "x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		wait := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Now())
		if wait < 0 || wait > retryAfterMax {
			t.Errorf("%q at %q: %s", value, date, wait)
		}
	})
}

// TestRetry_Backoff checks the shortest and the longest wait, and that waits are spread between them, so
// clients do not retry at the same time. A repeated create waits like any other request.
func TestRetry_Backoff(t *testing.T) {
	t.Parallel()
	request := func(attempt, status int, retryAfter string) func() time.Duration {
		resp := &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retryAfter}}}
		return func() time.Duration { return backoff(0, 0, attempt, resp) }
	}
	lost := func(attempt int) func() time.Duration {
		return func() time.Duration { return backoff(0, 0, attempt, nil) }
	}
	create := func(attempt int, asked time.Duration) func() time.Duration {
		return func() time.Duration { return backoffAfter(asked, attempt) }
	}
	const longest = retryAfterMax + retryAfterMax/10 + backoffMin
	for name, test := range map[string]struct {
		wait        func() time.Duration
		least, most time.Duration
	}{
		"first":                  {lost(0), 125 * time.Millisecond, 250 * time.Millisecond},
		"second":                 {lost(1), 250 * time.Millisecond, 500 * time.Millisecond},
		"eighth":                 {lost(7), 15 * time.Second, 30 * time.Second},
		"hundredth":              {lost(99), 15 * time.Second, 30 * time.Second},
		"503":                    {request(0, 503, ""), 125 * time.Millisecond, 250 * time.Millisecond},
		"503 and wait":           {request(0, 503, "2"), 2 * time.Second, 2450 * time.Millisecond},
		"503 and none":           {request(0, 503, "0"), 125 * time.Millisecond, 250 * time.Millisecond},
		"503 and a day":          {request(0, 503, "86400"), retryAfterMax, longest},
		"429 and wait":           {request(3, 429, "2"), 0, 0},
		"429":                    {request(0, 429, ""), 125 * time.Millisecond, 250 * time.Millisecond},
		"create":                 {create(3, 0), time.Second, 2 * time.Second},
		"create and wait":        {create(3, 10*time.Second), 10 * time.Second, 11250 * time.Millisecond},
		"create and the longest": {create(0, retryAfterMax), retryAfterMax, longest},
	} {
		var waits []time.Duration
		for range 1000 {
			waits = append(waits, test.wait())
		}
		least, most, slack := slices.Min(waits), slices.Max(waits), (test.most-test.least)/20
		if least < test.least || least > test.least+slack || most > test.most || most < test.most-slack {
			t.Errorf("%s: waits of %s to %s, want %s to %s", name, least, most, test.least, test.most)
		}
	}
}

// TestClient_CancelDuringWait cancels operations while they wait for the Retry-After of a minute.
func TestClient_CancelDuringWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			for name, operation := range operations {
				once := status == http.StatusServiceUnavailable && (name == "verify factor" || name == "create challenge")
				if once {
					continue // not retried, so there is no wait
				}
				c, _ := newScript(t, func(w http.ResponseWriter, r *http.Request) {
					if name == "create factor" && r.Method == http.MethodGet {
						respond(http.StatusOK, `{"factors":[]}`)(w, r)
						return
					}
					w.Header().Set("Retry-After", "60")
					failure(status, 0)(w, r)
				})
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				started := time.Now()
				err := operation(ctx, c, robot, factorSID(1))
				cancel()
				want := fmt.Sprintf("HTTP %d, but the request was not sent again: context deadline exceeded", status)
				if name == "create factor" && status == http.StatusServiceUnavailable {
					want = "HTTP 503" // the wait is that between two creates
				}
				if took := time.Since(started); !strings.Contains(message(err), want) || took < 30*time.Second || took > 40*time.Second {
					t.Errorf("%d, %s: after %s, error %v, want %q", status, name, took, err, want)
				}
			}
		}
	})
}
