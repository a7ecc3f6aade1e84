// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

// certificateLifetime is short enough for all clients to accept.
const certificateLifetime = 30 * 24 * time.Hour

func (o *options) servesTLS() bool { return o.tlsCert != "" || o.tlsSelfSigned != "" }

// tlsConfig returns nil for a server without TLS. If it makes a new certificate, it returns that in
// PEM, too.
func (o *options) tlsConfig() (config *tls.Config, made string, err error) {
	var certificate tls.Certificate
	switch {
	case o.tlsCert != "":
		certificate, err = tls.LoadX509KeyPair(o.tlsCert, o.tlsKey)
	case o.tlsSelfSigned != "":
		certificate, made, err = selfSigned(o.tlsHosts, o.tlsSelfSigned)
	default:
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("cannot serve https: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, made, nil
}

// selfSigned makes a certificate, writes it to a file that clients can trust, and returns it in
// PEM, too. The key stays in memory.
func selfSigned(hosts []string, file string) (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		Subject:               pkix.Name{CommonName: "verifymock"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(certificateLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	for _, host := range append([]string{"localhost", "127.0.0.1", "::1"}, hosts...) {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // a certificate is public
		return tls.Certificate{}, "", err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(text), nil
}
