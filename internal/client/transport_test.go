// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
)

// trust makes the client accept the server's certificate.
func trust(c *Client, server *httptest.Server) {
	transport, _ := server.Client().Transport.(*http.Transport)
	c.transport.TLSClientConfig.RootCAs = transport.TLSClientConfig.RootCAs
}

// TestClient_ConnectionPool checks that the client opens at most twice as many connections as there
// are concurrent requests, even if the server limits them.
func TestClient_ConnectionPool(t *testing.T) {
	t.Parallel()
	for _, workers := range []int64{10, 100} {
		for _, secure := range []bool{false, true} {
			for _, atOnce := range []int64{0, 10} { // 0 means no limit
				t.Run(fmt.Sprintf("parallelism %d, TLS %t, limit %d", workers, secure, atOnce), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						if got := connections(t, workers, secure, atOnce); got < min(workers, cmp.Or(atOnce, workers)) || got > 2*workers {
							t.Errorf("%d connections for %d requests at once", got, workers)
						}
					})
				})
			}
		}
	}
}

// connections returns the number of connections that 20 calls of each worker open.
func connections(t *testing.T, workers int64, secure bool, atOnce int64) int64 {
	t.Helper()
	var opened, inFlight atomic.Int64
	listener := memnet.Listen()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer inFlight.Add(-1)
		if n := inFlight.Add(1); atOnce > 0 && n > atOnce {
			failure(http.StatusTooManyRequests, CodeTooManyRequests)(w, r)
			return
		}
		time.Sleep(time.Millisecond)
		respond(http.StatusOK, factorJSON(1))(w, r)
	}))
	_ = server.Listener.Close()
	server.Listener = listener
	server.EnableHTTP2 = true // although the client does not use it
	base := "http://127.0.0.1:1"
	if secure {
		base = "https://127.0.0.1:1"
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	c := newClient(t, base, withRetries(10), func(config *Config) {
		config.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			opened.Add(1)
			return listener.Dial(ctx, network, address)
		}
	})
	t.Cleanup(c.CloseIdleConnections)
	if secure {
		trust(c, server)
	}
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for i := range 20 {
				name := []Operation{"read factor", "update factor"}[i%2]
				if err := operations[name](t.Context(), c, robot, factorSID(1)); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Millisecond) // all connections are idle at the same time
			}
		})
	}
	work.Wait()
	return opened.Load()
}

func TestClient_OldTLSIsRefused(t *testing.T) {
	t.Parallel()
	for version, ok := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(respond(http.StatusOK, factorJSON(1)))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
			server.StartTLS()
			t.Cleanup(server.Close)
			c := newClient(t, server.URL)
			trust(c, server)
			if _, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...); (err == nil) != ok {
				t.Errorf("error %v", err)
			}
		})
	}
}

// childURL is set in the process that fetchInChild starts.
const childURL = "CLIENT_TEST_CHILD_URL"

// TestClient_FetchInChild does nothing except in a process that fetchInChild started.
func TestClient_FetchInChild(t *testing.T) {
	t.Parallel()
	if url := os.Getenv(childURL); url != "" {
		if _, err := Factors.Fetch(t.Context(), newClient(t, url), robot.path(factorSID(1))...); err != nil {
			t.Error(err)
		}
	}
}

// fetchInChild fetches a factor in a separate process, because Go reads proxies and certificates
// from the environment only once.
func fetchInChild(t *testing.T, url string, environment ...string) error {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestClient_FetchInChild$")
	child.Env = append(os.Environ(), append(environment, childURL+"="+url)...)
	output, err := child.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

func TestClient_CertificatesFromEnvironment(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // no connection of the child may outlive its test
		respond(http.StatusOK, factorJSON(1))(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fetchInChild(t, server.URL, "SSL_CERT_FILE="+file); err != nil {
		t.Errorf("with the authority: %v", err)
	}
	if err := fetchInChild(t, server.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without it: %v", err)
	}
}

// TestAuthorities_FromEnvironment sets the variables after Go has read the system's authorities, so Go
// itself ignores them, as it always does on Windows and macOS.
func TestAuthorities_FromEnvironment(t *testing.T) { //nolint:paralleltest // it sets the environment
	if _, err := x509.SystemCertPool(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(respond(http.StatusOK, factorJSON(1)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	directory, other := t.TempDir(), t.TempDir()
	file := filepath.Join(directory, "ca.pem")
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := errors.Join(os.WriteFile(file, authority, 0o600), os.WriteFile(filepath.Join(other, "x"), []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file, directories string
		ok                bool
	}{
		{file, "", true},
		{"", directory, true},
		{filepath.Join(directory, "none"), other + string(filepath.ListSeparator) + directory, true},
		{filepath.Join(other, "x"), other, false},
		{"", "", false},
	} {
		t.Setenv("SSL_CERT_FILE", test.file)
		t.Setenv("SSL_CERT_DIR", test.directories)
		transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities()}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if (err == nil) != test.ok || err != nil && !IsCertificateInvalid(err) {
			t.Errorf("%+v: error %v", test, err)
		}
		if err == nil {
			_ = resp.Body.Close()
		}
		transport.CloseIdleConnections()
	}
}

// TestClient_SchemeMismatch checks that a TLS request to a server without TLS is sent once.
func TestClient_SchemeMismatch(t *testing.T) {
	t.Parallel()
	server := newServer(t, respond(http.StatusOK, factorJSON(1)))
	_, err := Factors.Fetch(t.Context(), newClient(t, strings.Replace(server.URL, "http://", "https://", 1)), robot.path(factorSID(1))...)
	var e *Error
	if !errors.As(err, &e) || !IsSchemeMismatch(err) || e.Attempts != 1 {
		t.Errorf("got %v after %d attempts", err, e.Attempts)
	}
}

func TestClient_ProxyFromEnvironment(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	proxy := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	})
	const password = "canary-proxy-password"
	err := fetchInChild(t, "https://verify.example", "HTTPS_PROXY="+strings.Replace(proxy.URL, "//", "//user:"+password+"@", 1), "NO_PROXY=")
	if err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("error %v, want one without the password", err)
	}
	proxy.Close() // after this, asked has a value if there was a request
	close(asked)
	if got := <-asked; got != "CONNECT verify.example:443" {
		t.Errorf("the proxy was asked for %s", got)
	}
}

// TestClient_ProxyTexts checks that nothing that a proxy says or that names it is quoted, because it
// may contain the proxy's password.
func TestClient_ProxyTexts(t *testing.T) {
	t.Parallel()
	const password = "canary-proxy-password"
	for name, test := range map[string]struct {
		response string // to CONNECT
		want     string
	}{
		"refused":      {"HTTP/1.1 407 Wrong " + password + "\r\n\r\n", "the proxy refused to connect: HTTP 407 Proxy Authentication Required"},
		"other status": {"HTTP/1.1 299 " + password + "\r\n\r\n", "the proxy refused to connect: HTTP 299"},
		"not HTTP":     {password + "\r\n\r\n", "malformed HTTP"},
		"no header":    {"HTTP/1.1 200 OK\r\n" + password + "\r\n\r\n", "malformed MIME header"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := newServer(t, func(w http.ResponseWriter, _ *http.Request) { hijack(w, test.response) })
			address := strings.Replace(proxy.URL, "//", "//user:"+password+"@", 1)
			err := fetchInChild(t, "https://verify.example", "HTTPS_PROXY="+address, "NO_PROXY=")
			if err == nil || strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// TestClient_NoProxyForHTTP checks that no proxy sees a request to this machine, however its name is
// spelled.
func TestClient_NoProxyForHTTP(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	proxy := newServer(t, counted(&asked, respond(http.StatusOK, factorJSON(1))))
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // no connection of the child may outlive its test
		respond(http.StatusOK, factorJSON(1))(w, r)
	})
	for _, host := range []string{"LOCALHOST", "LocalHost", "127.0.0.1"} {
		url := strings.Replace(server.URL, "127.0.0.1", host, 1)
		if err := fetchInChild(t, url, "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY="); err != nil {
			t.Error(err)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("the proxy got %d requests", asked.Load())
	}
}

func TestClient_ResponseIsBounded(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	sent := make(chan int64, 10)
	server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		var n int64
		for range 100 {
			m, err := w.Write(chunk)
			n += int64(m)
			if err != nil {
				break
			}
		}
		sent <- n
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Factors.Fetch(t.Context(), newClient(t, server.URL, withRetries(2)), robot.path(factorSID(1))...)
	runtime.ReadMemStats(&after)
	server.Close() // after this, sent has a value if there was a request
	close(sent)
	if !errors.Is(err, errResponseTooLarge) || !strings.Contains(err.Error(), "larger than 8 MiB") {
		t.Errorf("error %v", err)
	}
	if n := <-sent; n > 4*maxResponse {
		t.Errorf("%d bytes were taken off the wire", n)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 8*maxResponse {
		t.Errorf("%d MiB were allocated for a response that was refused at %d", got>>20, maxResponse>>20)
	}
}

// TestClient_LargestResponse accepts a response of exactly the largest size.
func TestClient_LargestResponse(t *testing.T) {
	t.Parallel()
	factor := factorJSON(1)
	c := newClient(t, newServer(t, respond(http.StatusOK, factor+strings.Repeat(" ", maxResponse-len(factor)))).URL)
	if _, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...); err != nil {
		t.Error(err)
	}
}

func TestClient_CompressedResponseIsBounded(t *testing.T) {
	t.Parallel()
	var megabyte bytes.Buffer
	compressed := gzip.NewWriter(&megabyte)
	_, writeErr := compressed.Write(make([]byte, 1<<20))
	if err := errors.Join(writeErr, compressed.Close()); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bytes.Repeat(megabyte.Bytes(), 100))
	}).URL)
	if _, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...); !errors.Is(err, errResponseTooLarge) {
		t.Errorf("error %v", err)
	}
}

func TestClient_LargePage(t *testing.T) {
	t.Parallel()
	factor := strings.Replace(factorJSON(1), "{}", `{},"metadata":{"k":"`+strings.Repeat("é", 500)+`"}`, 1)
	body := `{"factors":[` + strings.Repeat(factor+",", MaxPageSize-1) + factor + `]}`
	c := newClient(t, newServer(t, respond(http.StatusOK, body)).URL)
	n := 0
	for _, err := range Factors.All(t.Context(), c, MaxPageSize, robot.path()...) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != MaxPageSize {
		t.Errorf("%d factors of %d", n, MaxPageSize)
	}
}

func TestClient_Timeout(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"no response": hang,
		"half a response": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"sid":`))
			_ = http.NewResponseController(w).Flush()
			hang(w, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, newServer(t, handler).URL, func(config *Config) { config.RequestTimeout = time.Second })
			_, err := c.VerifyFactor(t.Context(), robot, factorSID(1), fixed("123456"))
			var e *Error
			if !errors.As(err, &e) || !e.OutcomeUnknown || e.Status != 0 {
				t.Errorf("error %+v", e)
			}
			if want := "no response from Twilio: no complete response within the request_timeout of 1s"; err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
		})
	}
}

func TestClient_CancelInFlight(t *testing.T) {
	t.Parallel()
	for _, name := range []Operation{"read factor", "list factors", "update factor", "delete factor", "read service"} {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := newClient(t, newServer(t, func(w http.ResponseWriter, r *http.Request) {
				cancel()
				hang(w, r)
			}).URL, withRetries(3))
			if err := operations[name](ctx, c, robot, factorSID(1)); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want a cancellation", err)
			}
		})
	}
}

func TestClient_Log(t *testing.T) {
	t.Parallel()
	const secret, token, payload = "GEZDGNBVGY3TQOJQ", "canary:token/+0123456789", "canary-payload+/="
	var output lockedBuffer
	var requests atomic.Int64
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Twilio-Request-Id", "RQ0123")
		switch {
		case requests.Add(1) == 1:
			reset(w, r)
		case r.Method == http.MethodDelete:
			_, password, _ := r.BasicAuth()
			hijack(w, "canary "+password+"\r\n\r\n")
		default:
			body := strings.NewReplacer(documentedSID, factorSID(1), documentedService, serviceSID, documentedIdentity, robot.Identity,
				"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", secret).Replace(documentedCreateTOTP)
			respond(http.StatusCreated, body)(w, r)
		}
	})
	c := newClient(t, server.URL, withRetries(1), func(config *Config) {
		config.Logger = slog.New(slog.NewJSONHandler(&output, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	form := url.Values{
		"FriendlyName": {"canary-name"}, "Metadata": {`{"canary":"metadata"}`},
		parameterSecret: {secret}, parameterNotificationToken: {token},
	}
	_, fetchErr := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...)
	_, createErr := Factors.Create(t.Context(), c, form, robot.path()...)
	_, verifyErr := c.VerifyFactor(t.Context(), robot, factorSID(1), fixed(payload))
	if err := errors.Join(fetchErr, createErr, verifyErr); err != nil {
		t.Fatal(err)
	}
	if err := Factors.Delete(t.Context(), c, robot.path(factorSID(1))...); err == nil {
		t.Fatal("no error from a broken delete")
	}
	const failed, responded = "error", "request_id,status"
	want := []struct {
		method, operation string
		attempt           float64
		outcome           string // the names of the attributes about it
	}{
		{http.MethodGet, "read factor", 1, failed},
		{http.MethodGet, "read factor", 2, responded},
		{http.MethodPost, "create factor", 1, responded},
		{http.MethodPost, "verify factor", 1, responded},
		{http.MethodDelete, "delete factor", 1, failed},
		{http.MethodDelete, "delete factor", 2, failed},
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), output.String())
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		route := Factors.Route
		if want[i].operation == string("create factor") {
			route = "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors"
		}
		if got["method"] != want[i].method || got["operation"] != want[i].operation || got["attempt"] != want[i].attempt ||
			got["route"] != route || got["level"] != "DEBUG" {
			t.Errorf("line %d is %s, want %+v", i, line, want[i])
		}
		for _, name := range []string{"time", "level", "msg", "operation", "method", "route", "attempt", "duration_ms"} {
			if _, ok := got[name]; !ok {
				t.Errorf("line %d has no %s", i, name)
			}
			delete(got, name)
		}
		if rest := strings.Join(slices.Sorted(maps.Keys(got)), ","); rest != want[i].outcome {
			t.Errorf("line %d has %s beyond, want %s", i, rest, want[i].outcome)
		}
		if id, ok := got["request_id"]; ok && id != "RQ0123" {
			t.Errorf("line %d has request ID %v", i, id)
		}
	}
	text := output.String()
	secrets := []string{
		authToken, secret, token, payload, "canary-name", "metadata", "otpauth", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
		accountSID, robot.Identity, serviceSID, factorSID(1), "client-test/1", "Authorization",
	}
	for _, s := range slices.Clone(secrets) {
		secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(s)))
	}
	assertNoSecret(t, text, secrets)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
