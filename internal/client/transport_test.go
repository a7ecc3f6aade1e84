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
	start, base := server.Start, "http://127.0.0.1:1"
	if secure {
		start, base = server.StartTLS, "https://127.0.0.1:1"
	}
	start()
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
				name := []string{"read factor", "update factor"}[i%2]
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

// newTLSServer serves a factor over TLS until the test ends. No connection outlives its request.
func newTLSServer(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		respond(http.StatusOK, factorJSON(1))(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestClient_OldTLSIsRefused(t *testing.T) {
	t.Parallel()
	for version, ok := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		server := newTLSServer(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version})
		c := newClient(t, server.URL)
		trust(c, server)
		if err := fetch(t.Context(), c); (err == nil) != ok {
			t.Errorf("%s: error %v", tls.VersionName(version), err)
		}
	}
}

// childURL is set in the process that fetchInChild starts.
const childURL = "CLIENT_TEST_CHILD_URL"

// TestClient_FetchInChild does nothing except in a process that fetchInChild started.
func TestClient_FetchInChild(t *testing.T) {
	t.Parallel()
	if url := os.Getenv(childURL); url != "" {
		if err := fetch(t.Context(), newClient(t, url)); err != nil {
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

// writeAuthority writes the certificate of a server to ca.pem in a directory, which it returns.
func writeAuthority(t *testing.T, server *httptest.Server) string {
	t.Helper()
	directory := t.TempDir()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(directory, "ca.pem"), authority, 0o600); err != nil {
		t.Fatal(err)
	}
	return directory
}

func TestClient_CertificatesFromEnvironment(t *testing.T) {
	t.Parallel()
	server := newTLSServer(t, nil)
	if err := fetchInChild(t, server.URL, "SSL_CERT_FILE="+filepath.Join(writeAuthority(t, server), "ca.pem")); err != nil {
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
	server, other := newTLSServer(t, nil), t.TempDir()
	directory := writeAuthority(t, server)
	file, invalid := filepath.Join(directory, "ca.pem"), filepath.Join(other, "x")
	if err := os.WriteFile(invalid, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file, directories string
		ok                bool
	}{
		{file, "", true},
		{"", directory, true},
		{filepath.Join(directory, "none"), other + string(filepath.ListSeparator) + directory, true},
		{invalid, other, false},
		{"", "", false},
	} {
		t.Setenv("SSL_CERT_FILE", test.file)
		t.Setenv("SSL_CERT_DIR", test.directories)
		c := newClient(t, server.URL)
		c.transport.TLSClientConfig.RootCAs = authorities()
		if err := fetch(t.Context(), c); (err == nil) != test.ok || err != nil && !IsCertificateInvalid(err) {
			t.Errorf("%+v: error %v", test, err)
		}
	}
}

// TestClient_SchemeMismatch checks that a TLS request to a server without TLS is sent once.
func TestClient_SchemeMismatch(t *testing.T) {
	t.Parallel()
	server := newServer(t, respond(http.StatusOK, factorJSON(1)))
	err := fetch(t.Context(), newClient(t, strings.Replace(server.URL, "http://", "https://", 1), withRetries(1)))
	var e *Error
	if !errors.As(err, &e) || !IsSchemeMismatch(err) || e.Attempts != 1 {
		t.Errorf("got %+v", err)
	}
}

// TestClient_ProxyFromEnvironment checks that nothing that a proxy says or that names it is quoted,
// because it may contain the proxy's password.
func TestClient_ProxyFromEnvironment(t *testing.T) {
	t.Parallel()
	const password = "canary-proxy-password"
	for response, want := range map[string]string{ // to CONNECT
		"HTTP/1.1 407 Wrong " + password + "\r\n\r\n":      "the proxy refused to connect: HTTP 407 Proxy Authentication Required",
		"HTTP/1.1 299 " + password + "\r\n\r\n":            "the proxy refused to connect: HTTP 299",
		password + "\r\n\r\n":                              "malformed HTTP",
		"HTTP/1.1 200 OK\r\n" + password + "\r\n" + "\r\n": "malformed MIME header",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Value
			proxy := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Store(r.Method + " " + r.Host)
				hijack(w, response)
			})
			address := strings.Replace(proxy.URL, "//", "//user:"+password+"@", 1)
			err := fetchInChild(t, "https://verify.example", "HTTPS_PROXY="+address, "NO_PROXY=")
			if err == nil || strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
			expect(t, "request", fmt.Sprint(asked.Load()), "CONNECT verify.example:443")
		})
	}
}

// TestClient_TunnelsThroughProxy reaches a server by a name that only the proxy knows, unless NO_PROXY
// lists the name.
func TestClient_TunnelsThroughProxy(t *testing.T) {
	t.Parallel()
	server := newTLSServer(t, nil) // with a certificate for example.com
	var asked atomic.Value
	proxy := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method + " " + r.Host)
		there, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	})
	authority := "SSL_CERT_FILE=" + filepath.Join(writeAuthority(t, server), "ca.pem")
	for _, test := range []struct {
		variable, url, noProxy string
		asked                  string // "" if the proxy is not asked, and the name is not found
	}{
		{"HTTPS_PROXY", "https://example.com", "", "CONNECT example.com:443"},
		{"https_proxy", "https://example.com", "", "CONNECT example.com:443"},
		{"HTTPS_PROXY", "https://no-proxy.invalid", ".invalid", ""},
	} {
		asked.Store("")
		err := fetchInChild(t, test.url, authority, test.variable+"="+proxy.URL, "NO_PROXY="+test.noProxy)
		if got := asked.Load(); got != test.asked || (err == nil) != (test.asked != "") {
			t.Errorf("%s and NO_PROXY=%s: the proxy was asked for %v, error %v", test.variable, test.noProxy, got, err)
		}
	}
}

// TestClient_NoProxyForHTTP checks that no proxy sees a request to this machine, however its name is
// spelled.
func TestClient_NoProxyForHTTP(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	proxy := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		respond(http.StatusOK, factorJSON(1))(w, r)
	})
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
	var sent atomic.Int64
	server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		for range 100 {
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := fetch(t.Context(), newClient(t, server.URL, withRetries(2)))
	runtime.ReadMemStats(&after)
	server.Close() // waits for the handler
	expect(t, "error", message(err), "the response is larger than 8 MiB")
	if n := sent.Load(); n > 4*maxResponse {
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
	c := newMemoryClient(t, respond(http.StatusOK, factor+strings.Repeat(" ", maxResponse-len(factor))))
	expect(t, "error", message(fetch(t.Context(), c)), "ok")
}

func TestClient_CompressedResponseIsBounded(t *testing.T) {
	t.Parallel()
	var megabyte bytes.Buffer
	compressed := gzip.NewWriter(&megabyte)
	_, writeErr := compressed.Write(make([]byte, 1<<20))
	if err := errors.Join(writeErr, compressed.Close()); err != nil {
		t.Fatal(err)
	}
	c := newMemoryClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bytes.Repeat(megabyte.Bytes(), 100))
	})
	expect(t, "error", message(fetch(t.Context(), c)), "the response is larger than 8 MiB")
}

func TestClient_CancelInFlight(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"read factor", "list factors", "update factor", "delete factor", "read service", "create access token"} {
		ctx, cancel := context.WithCancel(t.Context())
		c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			cancel()
			hang(w, r)
		}, withRetries(3))
		if err := operations[name](ctx, c, robot, factorSID(1)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want a cancellation", name, err)
		}
	}
}

func TestClient_Log(t *testing.T) {
	t.Parallel()
	const secret, token, payload = "GEZDGNBVGY3TQOJQ", "canary:token/+0123456789", "canary-payload+/="
	created := strings.NewReplacer(documentedSID, factorSID(1), documentedService, serviceSID, documentedIdentity, robot.Identity,
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", secret).Replace(documentedCreateTOTP)
	var output bytes.Buffer
	requests := 0
	c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Twilio-Request-Id", "RQ0123")
		switch requests++; {
		case requests == 1:
			reset(w, r)
		case r.Method == http.MethodDelete:
			_, password, _ := r.BasicAuth()
			hijack(w, "canary "+password+"\r\n\r\n")
		default:
			respond(http.StatusCreated, created)(w, r)
		}
	}, withRetries(1), func(config *Config) {
		config.Logger = slog.New(slog.NewJSONHandler(&output, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	form := url.Values{
		"FriendlyName": {"canary-name"}, "Metadata": {`{"canary":"metadata"}`}, parameterSecret: {secret}, "Config.NotificationToken": {token},
	}
	fetchErr := fetch(t.Context(), c)
	_, createErr := Factors.Create(t.Context(), c, form, robot.path()...)
	_, verifyErr := c.VerifyFactor(t.Context(), robot, factorSID(1), fixed(payload))
	if err := errors.Join(fetchErr, createErr, verifyErr); err != nil {
		t.Fatal(err)
	}
	if err := Factors.Delete(t.Context(), c, robot.path(factorSID(1))...); err == nil {
		t.Fatal("no error from a broken delete")
	}
	const (
		list      = "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors"
		failed    = "attempt duration_ms error level method msg operation route time"
		responded = "attempt duration_ms level method msg operation request_id route status time"
	)
	var got []string
	for line := range strings.Lines(output.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		names := strings.Join(slices.Sorted(maps.Keys(l)), " ")
		got = append(got, fmt.Sprint(l["level"], " ", l["method"], " ", l["route"], " ", l["operation"], " ", l["attempt"], ": ", names))
		if id, ok := l["request_id"]; ok && id != "RQ0123" {
			t.Errorf("request ID %v", id)
		}
	}
	expect(t, "log", strings.Join(got, "\n"), strings.Join([]string{
		"DEBUG GET " + list + "/{Sid} read factor 1: " + failed,
		"DEBUG GET " + list + "/{Sid} read factor 2: " + responded,
		"DEBUG POST " + list + " create factor 1: " + responded,
		"DEBUG POST " + list + "/{Sid} verify factor 1: " + responded,
		"DEBUG DELETE " + list + "/{Sid} delete factor 1: " + failed,
		"DEBUG DELETE " + list + "/{Sid} delete factor 2: " + failed,
	}, "\n"))
	secrets := []string{
		authToken, secret, token, payload, "canary-name", "metadata", "otpauth", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
		accountSID, robot.Identity, serviceSID, factorSID(1), "client-test/1", "Authorization",
	}
	for _, s := range slices.Clone(secrets) {
		secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(s)))
	}
	assertNoSecret(t, output.String(), secrets)
}
