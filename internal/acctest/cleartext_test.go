// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// secureMock is a mock behind TLS.
type secureMock struct {
	*verifymock.Server
	listener *httptest.Server
	// authority is the file with the certificate that signed the server's.
	authority   string
	connections atomic.Int64
}

func newSecureMock(t *testing.T, maxVersion uint16) *secureMock {
	t.Helper()
	m := &secureMock{Server: verifymock.New(verifymock.Config{})}
	m.listener = httptest.NewUnstartedServer(m.Server)
	m.listener.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: maxVersion}
	m.listener.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes
	m.listener.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			m.connections.Add(1)
		}
	}
	m.listener.StartTLS()
	t.Cleanup(m.listener.Close)
	m.authority = filepath.Join(t.TempDir(), "authority.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.listener.Certificate().Raw})
	if err := os.WriteFile(m.authority, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

// workspace returns a workspace for a factor on this server. The provider runs in a separate
// process, because Go reads this part of the environment only once.
func (m *secureMock) workspace(t *testing.T, baseURL string, env ...string) *workspace {
	t.Helper()
	plain := &mock{Server: m.Server, url: baseURL}
	w := newWorkspace(t, plain, plain.config(totpFactor))
	for _, name := range []string{
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE",
		"SSL_CERT_DIR",
	} {
		w.env = append(w.env, name+"=")
	}
	w.env = append(w.env, env...)
	return w
}

func TestAccProvider_TLS(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		maxVersion uint16
		trusted    bool
		refusal    string // "" if the apply must succeed
	}{
		"1.3":             {tls.VersionTLS13, true, ""},
		"1.2":             {tls.VersionTLS12, true, ""},
		"1.1":             {tls.VersionTLS11, true, "protocol version"},
		"1.0":             {tls.VersionTLS10, true, "protocol version"},
		"unknown signer":  {tls.VersionTLS13, false, "certificate signed by unknown authority"},
		"unknown, in 1.2": {tls.VersionTLS12, false, "certificate signed by unknown authority"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecureMock(t, c.maxVersion)
			var env []string
			if c.trusted {
				env = append(env, "SSL_CERT_FILE="+m.authority)
			}
			output, err := m.workspace(t, m.listener.URL, env...).run("apply", "-auto-approve")
			if c.refusal == "" {
				if err != nil || len(m.Factors()) != 1 {
					t.Errorf("%v\n%s", err, output)
				}
				return
			}
			if err == nil || !words(c.refusal).MatchString(output) {
				t.Errorf("want %q, got %v\n%s", c.refusal, err, output)
			}
			if n := len(m.Requests()); n != 0 {
				t.Errorf("the server received %d requests", n)
			}
			if n := m.connections.Load(); !c.trusted && n != 1 {
				t.Errorf("%d connections, want 1: a refused certificate must not be retried", n)
			}
		})
	}
}

// proxy tunnels every connection to one address, regardless of the requested host.
type proxy struct {
	target string

	mu    sync.Mutex
	asked []string
}

func newProxy(t *testing.T, target string) (*proxy, string) {
	t.Helper()
	p := &proxy{target: target}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return p, server.URL
}

// ServeHTTP implements [http.Handler].
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.Host)
	p.mu.Unlock()
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	there, err := net.Dial("tcp", p.target)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{here, there}, {there, here}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
}

func TestAccProvider_Proxy(t *testing.T) {
	t.Parallel()
	for name, variable := range map[string]string{"upper case": "HTTPS_PROXY", "lower case": "https_proxy"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecureMock(t, tls.VersionTLS13)
			p, proxyURL := newProxy(t, m.listener.Listener.Addr().String())
			// The name is in the test certificate. The proxy connects to the mock for any name.
			w := m.workspace(t, "https://example.com", "SSL_CERT_FILE="+m.authority, variable+"="+proxyURL)
			w.mustRun("apply", "-auto-approve", "-parallelism=1")
			if len(m.Factors()) != 1 {
				t.Errorf("the server holds %d factors, want 1", len(m.Factors()))
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if asked := slices.Compact(p.asked); !slices.Equal(asked, []string{"CONNECT example.com:443"}) { // once for each connection
				t.Errorf("the proxy was asked for %q", asked)
			}
		})
	}
}

func TestAccProvider_NoProxy(t *testing.T) {
	t.Parallel()
	m := newSecureMock(t, tls.VersionTLS13)
	p, proxyURL := newProxy(t, m.listener.Listener.Addr().String())
	w := m.workspace(t, "https://no-proxy.invalid", "SSL_CERT_FILE="+m.authority, "HTTPS_PROXY="+proxyURL, "NO_PROXY=.invalid")
	if output, err := w.run("apply", "-auto-approve"); err == nil {
		t.Errorf("a name that does not resolve was reached\n%s", output)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.asked) != 0 {
		t.Errorf("the proxy was asked for %q", p.asked)
	}
}
