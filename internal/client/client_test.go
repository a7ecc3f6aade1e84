// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
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

// counted counts the requests that reach a handler.
func counted(n *atomic.Int64, handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		handler(w, r)
	}
}

func TestClient_CheckBaseURL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw  string
		want string // the URL, or
		err  string // a part of the error
	}{
		"the API":              {raw: "https://verify.twilio.com", want: "https://verify.twilio.com"},
		"a slash at the end":   {raw: "https://verify.twilio.com/", want: "https://verify.twilio.com"},
		"a path":               {raw: "https://proxy.example.com/twilio/", want: "https://proxy.example.com/twilio"},
		"a port":               {raw: "https://proxy.example.com:8443", want: "https://proxy.example.com:8443"},
		"upper case":           {raw: "HTTPS://verify.twilio.com", want: "https://verify.twilio.com"},
		"loopback name":        {raw: "http://localhost:8080", want: "http://localhost:8080"},
		"loopback name cased":  {raw: "http://LocalHost:8080", want: "http://LocalHost:8080"},
		"loopback IPv4":        {raw: "http://127.0.0.1:8080", want: "http://127.0.0.1:8080"},
		"loopback IPv4 net":    {raw: "http://127.8.9.10", want: "http://127.8.9.10"},
		"loopback IPv6":        {raw: "http://[::1]:8080", want: "http://[::1]:8080"},
		"cleartext":            {raw: "http://verify.twilio.com", err: "to verify.twilio.com in clear text"},
		"like loopback":        {raw: "http://localhost.example.com", err: "in clear text"},
		"like a loopback IP":   {raw: "http://127.0.0.1.example.com", err: "in clear text"},
		"all interfaces":       {raw: "http://0.0.0.0:8080", err: "in clear text"},
		"private network":      {raw: "http://192.168.1.1", err: "in clear text"},
		"loopback as the user": {raw: "http://localhost@example.com", err: "in clear text"},
		"nothing":              {raw: "", err: "must begin with https://"},
		"no scheme":            {raw: "verify.twilio.com", err: "must begin with https://"},
		"another scheme":       {raw: "ftp://verify.twilio.com", err: "must begin with https://"},
		"no host":              {raw: "https://", err: "must begin with https://"},
		"a port and no host":   {raw: "https://:443", err: "must begin with https://"},
		"opaque":               {raw: "https:verify.twilio.com", err: "must begin with https://"},
		"a user":               {raw: "https://user:hunter2@verify.twilio.com", err: "must not contain a user name"},
		"the API's path":       {raw: "https://verify.twilio.com/v2", err: "leave out /v2"},
		"the API's path/":      {raw: "https://verify.twilio.com/v2/", err: "leave out /v2"},
		"path behind a proxy":  {raw: "https://proxy.example.com/twilio/v2/Services", err: "leave out /v2"},
		"a service's path":     {raw: "https://verify.twilio.com/v2/Services/" + serviceSID, err: "leave out /v2"},
		"a path like it":       {raw: "https://proxy.example.com/twilio-v2", want: "https://proxy.example.com/twilio-v2"},
		"a query":              {raw: "https://verify.twilio.com?token=hunter2", err: "a query"},
		"a fragment":           {raw: "https://verify.twilio.com#hunter2", err: "a fragment"},
		"not a URL":            {raw: "https://user:hunter2@verify.twilio.com:port", err: "not a URL"},
		"a control character":  {raw: "https://verify.twilio.com\n", err: "not a URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := CheckBaseURL(test.raw)
			switch {
			case test.err == "" && err != nil:
				t.Fatalf("error %q, want %s", err, test.want)
			case test.err == "" && got.String() != test.want:
				t.Errorf("got %s, want %s", got, test.want)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want %q in it", err, test.err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error quotes a secret: %v", err)
			}
		})
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
	headers := make(chan http.Header, 2)
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header
		respond(http.StatusOK, factorJSON(1))(w, r)
	})
	c := newClient(t, server.URL)
	if _, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...); err != nil {
		t.Fatal(err)
	}
	if _, err := Factors.Update(t.Context(), c, url.Values{"FriendlyName": {"name"}}, robot.path(factorSID(1))...); err != nil {
		t.Fatal(err)
	}
	for _, contentType := range []string{"", "application/x-www-form-urlencoded"} {
		got := http.Request{Header: <-headers}
		username, password, _ := got.BasicAuth()
		if username != accountSID || password != authToken {
			t.Errorf("credentials %q, %q", username, password)
		}
		for name, want := range map[string]string{
			"Accept": "application/json", "User-Agent": "client-test/1", "Content-Type": contentType,
		} {
			if got.Header.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
			}
		}
	}
}

func TestClient_EndpointEscapesEachSegment(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://verify.twilio.com":  "https://verify.twilio.com/v2/Services/a%2Fb%3Fc%23d/Entities/%20%25%2F..%2F/Factors",
		"https://host.example/a%2Fb": "https://host.example/a%2Fb/v2/Services/a%2Fb%3Fc%23d/Entities/%20%25%2F..%2F/Factors",
	} {
		got := newClient(t, base).endpointURL("", "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors", "a/b?c#d", " %/../").String()
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestClient_BasePathIsKept(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 1)
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.Path
		respond(http.StatusOK, factorJSON(1))(w, r)
	})
	if _, err := Factors.Fetch(t.Context(), newClient(t, server.URL+"/twilio/"), robot.path(factorSID(1))...); err != nil {
		t.Fatal(err)
	}
	want := "/twilio/v2/Services/" + serviceSID + "/Entities/robot-0001/Factors/" + factorSID(1)
	if got := <-paths; got != want {
		t.Errorf("path %s, want %s", got, want)
	}
}

// fixed returns a payload that does not depend on time.
func fixed(payload string) AuthPayloadFunc {
	return func(context.Context, time.Time) (string, error) { return payload, nil }
}

// serveInMemory serves in the test's bubble until the test ends, and returns a function that dials it.
func serveInMemory(t *testing.T, handler http.Handler) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	listener := memnet.Listen()
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Hour}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Dial
}

// newMemoryClient returns a client for an in-memory server; it works in a synctest bubble.
func newMemoryClient(t *testing.T, handler http.Handler, change ...func(*Config)) *Client {
	t.Helper()
	dial := serveInMemory(t, handler)
	c := newClient(t, "http://127.0.0.1:1", append([]func(*Config){func(config *Config) { config.DialContext = dial }}, change...)...)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// redirectAway sends the client to another address.
func redirectAway(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "https://example.com/")
	w.WriteHeader(http.StatusFound)
}
