// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// mockServer is a Verify server in this process.
type mockServer struct {
	mock        *verifymock.Server
	http        *httptest.Server
	url         string
	certificate string // file with the certificate to trust; empty without TLS
}

// authToken contains only letters and digits, because Twilio's own provider refuses other tokens.
const authToken = "0123456789abcdef0123456789abcdef"

func newMock(latency time.Duration) *verifymock.Server {
	return verifymock.New(verifymock.Config{
		Latency: latency,
		Accounts: []verifymock.Account{{
			SID:       verifymock.DefaultAccountSID,
			AuthToken: authToken,
			Services:  []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Benchmark"}},
		}},
	})
}

func newMockServer(latency time.Duration) *mockServer {
	mock := newMock(latency)
	server := httptest.NewServer(mock)
	return &mockServer{mock: mock, http: server, url: server.URL}
}

// newTLSServer returns a server with a certificate for Twilio's host and for loopback.
func newTLSServer(latency time.Duration, http2 bool) (*mockServer, error) {
	certificate, pemBytes, err := selfSigned("verify.twilio.com")
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "bench-*.pem")
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(pemBytes); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	mock := newMock(latency)
	server := httptest.NewUnstartedServer(mock)
	server.EnableHTTP2 = http2
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	return &mockServer{mock: mock, http: server, url: server.URL, certificate: file.Name()}, nil
}

func selfSigned(host string) (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(24 * time.Hour),
		DNSNames:              []string{host},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

func (s *mockServer) close() {
	s.http.Close()
	if s.certificate != "" {
		os.Remove(s.certificate) //nolint:errcheck,gosec // a leftover temporary file is harmless
	}
}

// traffic returns the number of requests since the last reset and of the connections that they
// used.
func (s *mockServer) traffic() (calls, connections int) {
	remotes := map[string]bool{}
	requests := s.mock.Requests()
	for _, r := range requests {
		remotes[r.RemoteAddr] = true
	}
	return len(requests), len(remotes)
}

// proxy is an HTTPS proxy that connects every host name to the mock.
type proxy struct {
	http *httptest.Server
	url  string
}

func newProxy(server *mockServer) *proxy {
	address := server.http.Listener.Addr().String()
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		upstream, err := net.Dial("tcp", address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			upstream.Close() //nolint:errcheck,gosec // nothing was sent yet
			return
		}
		go pipe(upstream, buffered) // including the data that the client has already sent
		pipe(conn, upstream)
	}))
	return &proxy{http: p, url: p.URL}
}

func pipe(to net.Conn, from io.Reader) {
	io.Copy(to, from) //nolint:errcheck,gosec // if either end closes, the other is closed as well
	to.Close()        //nolint:errcheck,gosec // see above
}

func (p *proxy) close() { p.http.Close() }
