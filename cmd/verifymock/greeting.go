// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"text/template"
	"unicode"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// greeting is the output of the program when it is ready. Scripts read the first line; people copy
// the rest.
var greeting = template.Must(template.New("greeting").Funcs(template.FuncMap{"quote": quote}).Parse(
	`listening on {{.URL}}

export TWILIO_VERIFY_BASE_URL={{quote .URL}}
export TWILIO_ACCOUNT_SID={{quote .AccountSID}}
export TWILIO_AUTH_TOKEN={{quote .AuthToken}}
{{- if .CAFile}}
export SSL_CERT_FILE={{quote .CAFile}}

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
	caFile := o.tlsSelfSigned
	if caFile != "" {
		var err error
		if caFile, err = filepath.Abs(caFile); err != nil {
			return err
		}
	}
	scheme := "http"
	if o.servesTLS() {
		scheme = "https"
	}
	return greeting.Execute(w, map[string]any{
		"URL":         scheme + "://" + reachable(addr),
		"AccountSID":  o.accountSID,
		"AuthToken":   o.authToken,
		"CAFile":      caFile,
		"Certificate": strings.TrimSpace(certificate),
		"Services":    services,
	})
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
