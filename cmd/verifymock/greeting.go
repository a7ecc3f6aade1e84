// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io"
	"net"
	"strings"
	"text/template"
	"unicode"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// greeting is the output of the program when it is ready. Scripts read the first line; people copy
// the rest.
var greeting = template.Must(template.New("greeting").Parse(
	`listening on {{.URL}}

{{.Exports}}
{{- if .Certificate}}

# The certificate in that file:
{{.Certificate}}
{{- end}}

# Open {{.URL}} in a browser to see factors, codes, and challenges.
{{range .Services}}
# service_sid = "{{.SID}}" ({{.FriendlyName}})
{{- end}}
`))

// greet prints how to use the server. certificate is the one that it made, if any.
func greet(w io.Writer, addr net.Addr, o *options, certificate string, services []verifymock.Service) error {
	scheme := "http"
	if o.servesTLS() {
		scheme = "https"
	}
	url := scheme + "://" + reachable(addr)
	return greeting.Execute(w, map[string]any{
		"URL":         url,
		"Exports":     o.exports(url, o.authToken),
		"Certificate": strings.TrimSpace(certificate),
		"Services":    services,
	})
}

// exports returns the commands that connect a shell to the mock at the URL.
func (o *options) exports(url, token string) string {
	lines := []string{
		"export TWILIO_VERIFY_BASE_URL=" + quote(url),
		"export TWILIO_ACCOUNT_SID=" + quote(o.accountSID),
		"export TWILIO_AUTH_TOKEN=" + quote(token),
	}
	if o.tlsSelfSigned != "" {
		lines = append(lines, "export SSL_CERT_FILE="+quote(o.tlsSelfSigned))
	}
	return strings.Join(lines, "\n")
}

// shownExports returns the commands as the mock's page shows them. A token that a flag sets may be a
// real one.
func (o *options) shownExports(url string) string {
	if o.authToken != verifymock.DefaultAuthToken {
		return o.exports(url, "the value of -auth-token")
	}
	return o.exports(url, o.authToken)
}

// reachable returns the address to connect to: loopback for a server that listens on all addresses.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
	}
	return addr.String()
}

// quote quotes a string for a shell.
func quote(s string) string {
	if !strings.ContainsFunc(s, needsQuotes) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func needsQuotes(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/:.[]_-", r)
}
