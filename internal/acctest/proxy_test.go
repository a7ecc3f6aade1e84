// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// proxy tunnels every connection to one address, regardless of the requested host.
type proxy struct {
	target string

	mu    sync.Mutex
	asked []string
}

// ServeHTTP implements [http.Handler].
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.Host)
	p.mu.Unlock()
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

// TestAccProvider_Proxy applies through the proxy in the environment, to a mock whose certificate is
// that in SSL_CERT_FILE. Go reads this part of the environment once, so the provider runs in a
// process of its own. How the client treats proxies and certificates is tested there.
func TestAccProvider_Proxy(t *testing.T) {
	t.Parallel()
	const name = "example.com" // which is in the test certificate
	for variable, exempt := range map[string]string{"HTTPS_PROXY": "", "https_proxy": "", "HTTPS_PROXY, but not for the host": ".invalid"} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			server := verifymock.New(verifymock.Config{})
			listener := httptest.NewUnstartedServer(server)
			listener.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
			listener.StartTLS()
			t.Cleanup(listener.Close)
			authority := filepath.Join(t.TempDir(), "authority.pem")
			writeFile(t, authority, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw})))
			p := &proxy{target: listener.Listener.Addr().String()}
			tunnel := httptest.NewServer(p)
			t.Cleanup(tunnel.Close)
			m := &mock{Server: server, url: "https://" + name}
			if exempt != "" {
				m.url, variable = "https://no-proxy.invalid", "HTTPS_PROXY"
			}
			w := newWorkspace(t, m, m.config(totpFactor))
			for _, other := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_DIR"} {
				w.env = append(w.env, other+"=")
			}
			w.env = append(w.env, "NO_PROXY="+exempt, "SSL_CERT_FILE="+authority, variable+"="+tunnel.URL)
			output, err := w.run("apply", "-auto-approve", "-parallelism=1")
			p.mu.Lock()
			defer p.mu.Unlock()
			if exempt != "" { // a name that does not resolve
				if err == nil || len(p.asked) > 0 {
					t.Errorf("error %v, the proxy was asked for %q\n%s", err, p.asked, output)
				}
				return
			}
			asked := strings.Join(slices.Compact(p.asked), ", ") // once for each connection
			if err != nil || len(server.Factors()) != 1 || asked != "CONNECT "+name+":443" {
				t.Errorf("error %v, %d factors, the proxy was asked for %q\n%s", err, len(server.Factors()), asked, output)
			}
		})
	}
}
