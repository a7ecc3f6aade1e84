// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// reset ends the connection without a response.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

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

// tooLarge streams 100 MB.
func tooLarge(w http.ResponseWriter, _ *http.Request) {
	chunk := make([]byte, 1<<20)
	for range 100 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func failure(status, code int) http.HandlerFunc {
	return respond(status, fmt.Sprintf(`{"code":%d,"message":"m","status":%d}`, code, status))
}

// TestClient_RetryPolicy checks a table of the retry policy. A cell is the number of requests to a
// server that makes all of them fail, from a client with one retry. Searches for a create are not
// counted.
func TestClient_RetryPolicy(t *testing.T) {
	t.Parallel()
	columns := []Operation{
		"read factor", "list factors", "read service", "delete factor", "update factor", OperationVerifyFactor,
		"create factor",
	}
	tests := map[string]struct {
		fail http.HandlerFunc
		want [7]int64 // by column
	}{
		"reset":                   {reset, [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"timeout":                 {hang, [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"truncated":               {truncate, [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"too large":               {tooLarge, [7]int64{1, 1, 1, 1, 1, 1, 2}},
		"302":                     {respond(http.StatusFound, ""), [7]int64{1, 1, 1, 1, 1, 1, 2}},
		"400":                     {failure(400, 60200), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"401":                     {failure(401, CodeAuthenticationFailed), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"403 60311":               {failure(403, CodeVerificationFailed), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"404":                     {failure(404, 20404), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"408":                     {respond(408, "<html>"), [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"409":                     {failure(409, CodeBindingExists), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"429 20429":               {failure(429, CodeTooManyRequests), [7]int64{2, 2, 2, 2, 2, 2, 2}},
		"429 HTML":                {respond(429, "<html>"), [7]int64{2, 2, 2, 2, 2, 2, 2}},
		"429 60310":               {failure(429, CodeTooManyFactorAttempts), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"429 60308":               {failure(429, CodeTooManyChallengeAttempts), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"429 60309":               {failure(429, CodeTooManyNotifications), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"429 60312":               {failure(429, CodeTooManyChallenges), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"429 60326":               {failure(429, CodeTooManyCreates), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"429 60326 as a string":   {respond(429, `{"code":"60326"}`), [7]int64{1, 1, 1, 1, 1, 1, 1}},
		"403 60328 (per second)":  {failure(403, CodeTooManyNewEntities), [7]int64{2, 2, 2, 2, 2, 2, 2}},
		"500":                     {failure(500, 20500), [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"501":                     {failure(501, 0), [7]int64{1, 1, 1, 1, 1, 1, 2}},
		"502":                     {respond(502, "<html>"), [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"503":                     {respond(503, ""), [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"504":                     {respond(504, ""), [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"505":                     {respond(505, ""), [7]int64{1, 1, 1, 1, 1, 1, 2}},
		"200 HTML":                {respond(200, "<html>"), [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"200 empty":               {respond(200, ""), [7]int64{2, 2, 2, 0, 2, 1, 2}},
		"200 cut":                 {respond(200, `{"sid":`), [7]int64{2, 2, 2, 2, 2, 1, 2}},
		"200 with another object": {respond(200, `{"ok":true}`), [7]int64{1, 1, 1, 1, 1, 1, 2}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if name == "timeout" {
				timeout = 3 * time.Second
			}
			var cells sync.WaitGroup
			for i, operation := range columns {
				if test.want[i] == 0 {
					continue // a success
				}
				cells.Go(func() {
					if got := requestsSeen(t, operation, test.fail, timeout); got != test.want[i] {
						t.Errorf("%s: %d requests, want %d", operation, got, test.want[i])
					}
				})
			}
			cells.Wait()
		})
	}
}

// requestsSeen counts the requests of an operation that fails.
func requestsSeen(t *testing.T, operation Operation, fail http.HandlerFunc, timeout time.Duration) int64 {
	t.Helper()
	var requests atomic.Int64
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if operation == "create factor" && r.Method == http.MethodGet {
			respond(http.StatusOK, `{"factors":[]}`)(w, r)
			return
		}
		requests.Add(1)
		fail(w, r)
	})
	c := newClient(t, server.URL, withRetries(1), func(config *Config) { config.RequestTimeout = timeout })
	if err := operations[operation](t.Context(), c, robot, factorSID(1)); err == nil {
		t.Errorf("%s: no error", operation)
	}
	return requests.Load()
}

func TestClient_DialFailureIsRetriedForAll(t *testing.T) {
	t.Parallel()
	for name, operation := range operations {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dials := 0
				c := newClient(t, "https://verify.example", withRetries(9), func(config *Config) {
					config.DialContext = func(context.Context, string, string) (net.Conn, error) {
						dials++
						return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
					}
				})
				err := operation(t.Context(), c, robot, factorSID(1))
				var e *Error
				if !errors.As(err, &e) || e.Attempts != 10 || dials != 10 || e.OutcomeUnknown || e.Status != 0 || !IsConnectionRefused(err) {
					t.Errorf("%d dials, error %+v", dials, err)
				}
				if _, ok := errors.AsType[*CreateError](err); ok {
					t.Error("want a known outcome, because no request was sent")
				}
			})
		})
	}
}

func TestClient_ConnectionRefusedOnLoopback(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"localhost", "127.0.0.1", "[::1]"} {
		for _, retries := range []int{0, 1, 3, 20, 100} {
			t.Run(fmt.Sprintf("%s, %d retries", host, retries), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					dials := 0
					c := newClient(t, "http://"+host+":1", withRetries(retries), func(config *Config) {
						config.DialContext = func(context.Context, string, string) (net.Conn, error) {
							dials++
							return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
						}
					})
					started := time.Now()
					_, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...)
					if took := time.Since(started); took > 3*time.Second || !IsConnectionRefused(err) || dials <= min(retries, 3) {
						t.Errorf("took %s, %d dials, error %v", took, dials, err)
					}
				})
			})
		}
	}
}

func TestClient_ConnectionRefusedByTheSystem(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Factors.Fetch(t.Context(), newClient(t, "http://"+address), robot.path(factorSID(1))...)
	if !IsConnectionRefused(err) {
		t.Errorf("error %v", err)
	}
}

func TestClient_RefusedCertificateIsNotRetried(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(respond(http.StatusOK, factorJSON(1)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	for name, operation := range operations {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			err := operation(t.Context(), newClient(t, server.URL, withRetries(3)), robot, factorSID(1))
			var e *Error
			if !errors.As(err, &e) || e.Attempts != 1 || e.OutcomeUnknown {
				t.Errorf("error %+v", e)
			}
		})
	}
}

func TestClient_RetrySucceeds(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := newClient(t, newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch requests.Add(1) {
		case 1:
			reset(w, r)
		case 2:
			respond(http.StatusServiceUnavailable, "")(w, r)
		default:
			if body, _ := io.ReadAll(r.Body); string(body) != "FriendlyName=name" {
				t.Errorf("the body of the third attempt is %q", body)
			}
			respond(http.StatusOK, factorJSON(1))(w, r)
		}
	}).URL, withRetries(2))
	if _, err := Factors.Update(t.Context(), c, url.Values{"FriendlyName": {"name"}}, robot.path(factorSID(1))...); err != nil {
		t.Error(err)
	}
}

func TestClient_ExhaustedRetriesKeepMessage(t *testing.T) {
	t.Parallel()
	c := newClient(t, newServer(t, failure(429, CodeTooManyRequests)).URL, withRetries(2))
	_, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...)
	var e *Error
	if !errors.As(err, &e) || e.Attempts != 3 || e.Status != 429 || e.Code != CodeTooManyRequests || e.Message != "m" {
		t.Errorf("error %+v", e)
	}
}

func TestRetry_After(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	tests := map[string]struct {
		value, date string
		want        time.Duration
		ok          bool
	}{
		"none":                    {"", "", 0, false},
		"seconds":                 {"7", "", 7 * time.Second, true},
		"seconds with spaces":     {" 7 ", "", 7 * time.Second, true},
		"zero":                    {"0", "", 0, true},
		"capped":                  {"61", "", time.Minute, true},
		"a day":                   {"86400", "", time.Minute, true},
		"overflow of nanoseconds": {strconv.FormatUint(math.MaxInt64/uint64(time.Second)+1, 10), "", time.Minute, true},
		"overflow of 64 bits":     {"99999999999999999999999999", "", time.Minute, true},
		"negative":                {"-5", "", 0, false},
		"a fraction":              {"1.5", "", 0, false},
		"garbage":                 {"soon", "", 0, false},
		"date":                    {at(9 * time.Second), "", 9 * time.Second, true},
		"date in the past":        {at(-time.Hour), "", 0, true},
		"date far ahead":          {at(time.Hour), "", time.Minute, true},
		"server an hour ahead":    {at(time.Hour + 9*time.Second), at(time.Hour), 9 * time.Second, true},
		"server an hour behind":   {at(-time.Hour + 9*time.Second), at(-time.Hour), 9 * time.Second, true},
		"server's date unusable":  {at(9 * time.Second), "today", 9 * time.Second, true},
		"other formats of date":   {now.Add(9 * time.Second).Format("Monday, 02-Jan-06 15:04:05 GMT"), "", 9 * time.Second, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			header.Set("Retry-After", test.value)
			header.Set("Date", test.date)
			got, ok := retryAfter(header, now)
			if got != test.want || ok != test.ok {
				t.Errorf("got %s, %t, want %s, %t", got, ok, test.want, test.ok)
			}
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range [][2]string{
		{"1", ""},
		{"-1", "Fri, 02 Jan 2026 03:04:05 GMT"},
		{"99999999999999999999", ""},
		{"1e9", ""},
		{"Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:00 GMT"},
		{"Fri, 02 Jan 0000 03:04:05 GMT", "x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		wait, ok := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Now())
		if wait < 0 || wait > retryAfterMax || !ok && wait != 0 {
			t.Errorf("%q at %q: %s, %t", value, date, wait, ok)
		}
	})
}

func TestRetry_Backoff(t *testing.T) {
	t.Parallel()
	response := func(status int, retryAfter string) *http.Response {
		return &http.Response{StatusCode: status, Body: memoryBody(nil), Header: http.Header{"Retry-After": {retryAfter}}}
	}
	tests := map[string]struct {
		attempt     int
		resp        *http.Response
		least, most time.Duration
	}{
		"first":         {0, nil, 125 * time.Millisecond, 250 * time.Millisecond},
		"second":        {1, nil, 250 * time.Millisecond, 500 * time.Millisecond},
		"eighth":        {7, nil, 15 * time.Second, 30 * time.Second},
		"hundredth":     {99, nil, 15 * time.Second, 30 * time.Second},
		"503":           {0, response(503, ""), 125 * time.Millisecond, 250 * time.Millisecond},
		"503 and wait":  {0, response(503, "2"), 2 * time.Second, 2450 * time.Millisecond},
		"503 and none":  {0, response(503, "0"), 0, 250 * time.Millisecond},
		"503 and a day": {0, response(503, "86400"), time.Minute, time.Minute + 6250*time.Millisecond},
		"429 and wait":  {3, response(429, "2"), 0, 0},
		"429":           {0, response(429, ""), 125 * time.Millisecond, 250 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			different := map[time.Duration]bool{}
			for range 100 {
				got := backoff(0, 0, test.attempt, test.resp)
				if got < test.least || got > test.most {
					t.Fatalf("%s is not between %s and %s", got, test.least, test.most)
				}
				different[got] = true
			}
			if test.most > 0 && len(different) < 50 {
				t.Errorf("only %d different waits in 100: clients would retry at the same time", len(different))
			}
		})
	}
}

// TestRetry_BackoffAfter checks that a repeated create waits like any other request.
func TestRetry_BackoffAfter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err         Error
		attempt     int
		least, most time.Duration
	}{
		"no response":    {Error{}, 3, time.Second, 2 * time.Second},
		"asked to wait":  {Error{retryAfter: 10 * time.Second}, 3, 10 * time.Second, 11250 * time.Millisecond},
		"longest of all": {Error{retryAfter: retryAfterMax}, 0, retryAfterMax, (retryAfterMax + retryAfterMax/10 + backoffMin)},
	} {
		longest := time.Duration(0)
		for range 1000 {
			got := backoffAfter(&test.err, test.attempt)
			if longest = max(longest, got); got < test.least || got > test.most {
				t.Fatalf("%s: %s is not between %s and %s", name, got, test.least, test.most)
			}
		}
		if slack := (test.most - test.least) / 20; longest < test.most-slack {
			t.Errorf("%s: the longest of 1,000 waits is %s, want nearly %s", name, longest, test.most)
		}
	}
}

func TestClient_CancelDuringWait(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for name, operation := range operations {
			if name == OperationVerifyFactor && status == http.StatusServiceUnavailable {
				continue // not retried, so there is no wait
			}
			t.Run(fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					failed := make(chan struct{}, 10)
					c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if name == "create factor" && r.Method == http.MethodGet {
							respond(http.StatusOK, `{"factors":[]}`)(w, r)
							return
						}
						w.Header().Set("Retry-After", "60")
						failure(status, 0)(w, r)
						failed <- struct{}{}
					}), withRetries(5))
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					returned := make(chan error)
					go func() { returned <- operation(ctx, c, robot, factorSID(1)) }()
					<-failed
					select {
					case err := <-returned:
						t.Fatalf("it did not wait: %v", err)
					case <-time.After(300 * time.Millisecond):
					}
					cancel()
					select {
					case err := <-returned:
						want := fmt.Sprintf("HTTP %d, but the request was not sent again: context canceled", status)
						if name == "create factor" && status == http.StatusServiceUnavailable {
							want = "HTTP 503" // the wait is that between two creates
						}
						if err == nil || !strings.Contains(err.Error(), want) {
							t.Errorf("error %v, want %q", err, want)
						}
					case <-time.After(10 * time.Second):
						t.Fatal("still waiting ten seconds after the cancellation")
					}
				})
			})
		}
	}
}
