// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
)

func TestMain(m *testing.M) {
	// Most of these tests wait for a retry or a timeout and use little CPU time.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

const (
	accountSID = "AC0123456789abcdef0123456789abcdef"
	authToken  = "canary-auth-token-9f8e7d"
	serviceSID = "VA0123456789abcdef0123456789abcdef"
)

var robot = EntityID{ServiceSID: serviceSID, Identity: "robot-0001"}

// factorSID is the SID of a test's n-th factor.
func factorSID(n int) string { return fmt.Sprintf("YF%032x", n) }

// factorJSON returns a TOTP factor as the API returns it.
func factorJSON(n int) string {
	return fmt.Sprintf(`{"sid":%q,"factor_type":"totp","friendly_name":"name","config":{}}`, factorSID(n))
}

// newServer serves until the test ends.
func newServer(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// newClient returns a client that does not retry unless the test changes that.
func newClient(t *testing.T, baseURL string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{
		BaseURL:        baseURL,
		Username:       accountSID,
		Password:       authToken,
		UserAgent:      "client-test/1",
		RequestTimeout: time.Minute,
	}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func withRetries(n int) func(*Config) {
	return func(config *Config) { config.MaxRetries = n }
}

// respond returns a handler that returns one response to every request.
func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func failure(status, code int) http.HandlerFunc {
	return respond(status, fmt.Sprintf(`{"code":%d,"message":"m","status":%d}`, code, status))
}

// script is a server that responds in order, from the last response on always in the same way, and
// records the requests with their forms.
type script struct {
	mu        sync.Mutex
	responses []http.HandlerFunc
	requests  []string
}

func (s *script) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	_ = r.ParseForm()
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+r.PostForm.Encode()))
	next := s.responses[0]
	if len(s.responses) > 1 {
		s.responses = s.responses[1:]
	}
	s.mu.Unlock()
	next(w, r)
}

// newScript returns a client, which repeats a request once, and its server.
func newScript(t *testing.T, responses ...http.HandlerFunc) (*Client, *script) {
	t.Helper()
	s := &script{responses: responses}
	return newMemoryClient(t, s.serve, withRetries(1)), s
}

// sent returns the requests in one line.
func (s *script) sent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.requests, "; ")
}

// fetch reads the first factor of the robot.
func fetch(ctx context.Context, c *Client) error {
	return errorOf(Factors.Fetch(ctx, c, robot.path(factorSID(1))...))
}

// message returns the message of an error, or "ok".
func message(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

func expect(t *testing.T, name, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

func TestClient_CheckBaseURL(t *testing.T) {
	t.Parallel()
	const (
		notURL   = "it is not a URL; write https://host or, for a server on this machine, http://127.0.0.1:port"
		noHost   = "it must begin with https:// and a host name"
		inClear  = "http would send the credentials to %s in clear text; use https, or a loopback host"
		tooMuch  = "it must not contain a user name, a password, a query, or a fragment"
		withPath = "it must not contain the API's path: leave out /v2 and everything after it"
	)
	for raw, want := range map[string]string{ // the URL or the error
		"https://verify.twilio.com":                           "https://verify.twilio.com",
		"https://verify.twilio.com/":                          "https://verify.twilio.com",
		"https://proxy.example.com/twilio/":                   "https://proxy.example.com/twilio",
		"https://proxy.example.com:8443":                      "https://proxy.example.com:8443",
		"HTTPS://verify.twilio.com":                           "https://verify.twilio.com",
		"http://localhost:8080":                               "http://localhost:8080",
		"http://LocalHost:8080":                               "http://LocalHost:8080",
		"http://127.0.0.1:8080":                               "http://127.0.0.1:8080",
		"http://127.8.9.10":                                   "http://127.8.9.10",
		"http://[::1]:8080":                                   "http://[::1]:8080",
		"http://verify.twilio.com":                            fmt.Sprintf(inClear, "verify.twilio.com"),
		"http://localhost.example.com":                        fmt.Sprintf(inClear, "localhost.example.com"),
		"http://127.0.0.1.example.com":                        fmt.Sprintf(inClear, "127.0.0.1.example.com"),
		"http://0.0.0.0:8080":                                 fmt.Sprintf(inClear, "0.0.0.0"),
		"http://192.168.1.1":                                  fmt.Sprintf(inClear, "192.168.1.1"),
		"http://localhost@example.com":                        fmt.Sprintf(inClear, "example.com"),
		"":                                                    noHost,
		"verify.twilio.com":                                   noHost,
		"ftp://verify.twilio.com":                             noHost,
		"https://":                                            noHost,
		"https://:443":                                        noHost,
		"https:verify.twilio.com":                             noHost,
		"https://user:hunter2@verify.twilio.com":              tooMuch,
		"https://verify.twilio.com?token=hunter2":             tooMuch,
		"https://verify.twilio.com#hunter2":                   tooMuch,
		"https://verify.twilio.com/v2":                        withPath,
		"https://verify.twilio.com/v2/":                       withPath,
		"https://proxy.example.com/twilio/v2/Services":        withPath,
		"https://verify.twilio.com/v2/Services/" + serviceSID: withPath,
		"https://proxy.example.com/twilio-v2":                 "https://proxy.example.com/twilio-v2",
		"https://user:hunter2@verify.twilio.com:port":         notURL,
		"https://verify.twilio.com\n":                         notURL,
	} {
		base, err := CheckBaseURL(raw)
		if err != nil {
			expect(t, raw, err.Error(), want)
		} else {
			expect(t, raw, base.String(), want)
		}
	}
}

func TestClient_NewRefusesBadBaseURL(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{BaseURL: "http://verify.twilio.com"}); err == nil {
		t.Error("no error for a base URL without TLS")
	}
}

func TestClient_RequestHeaders(t *testing.T) {
	t.Parallel()
	var got []string
	c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
		username, password, _ := r.BasicAuth()
		got = append(got, strings.Join([]string{username, password, r.Header.Get("Accept"), r.UserAgent(), r.Header.Get("Content-Type")}, " "))
		respond(http.StatusOK, factorJSON(1))(w, r)
	})
	for operation, contentType := range map[string]string{"read factor": "", "update factor": "application/x-www-form-urlencoded"} {
		if err := operations[operation](t.Context(), c, robot, factorSID(1)); err != nil {
			t.Fatal(err)
		}
		want := accountSID + " " + authToken + " application/json client-test/1 " + contentType
		expect(t, operation, got[len(got)-1], want)
	}
}

func TestClient_EndpointEscapesEachSegment(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https://verify.twilio.com", "https://host.example/a%2Fb"} {
		got := newClient(t, base).endpointURL("", "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors", "a/b?c#d", " %/../").String()
		expect(t, base, got, base+"/v2/Services/a%2Fb%3Fc%23d/Entities/%20%25%2F..%2F/Factors")
	}
}

// fixed returns a payload that does not depend on time.
func fixed(payload string) AuthPayloadFunc {
	return func(context.Context, time.Time) (string, error) { return payload, nil }
}

// newMemoryClient returns a client for an in-memory server; it works in a synctest bubble.
func newMemoryClient(t *testing.T, handler http.HandlerFunc, change ...func(*Config)) *Client {
	t.Helper()
	listener := memnet.Listen()
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Hour}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	dial := listener.Dial
	c := newClient(t, "http://127.0.0.1:1", append([]func(*Config){func(config *Config) { config.DialContext = dial }}, change...)...)
	t.Cleanup(c.CloseIdleConnections)
	return c
}
