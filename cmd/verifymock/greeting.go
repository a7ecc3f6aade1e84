// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io"
	"net"
	"strings"
	"text/template"
)

// greeting is what the program prints when it is ready. Scripts read the first line; the rest is
// for copying.
var greeting = template.Must(template.New("greeting").Funcs(template.FuncMap{"quote": quote}).Parse(
	`listening on {{.URL}}

provider "twilio" {
  account_sid = {{quote .AccountSID}}
  auth_token  = {{quote .AuthToken}}
  base_url    = {{quote .URL}}
}
{{range .Services}}
# service_sid = {{quote .SID}} ({{.FriendlyName}})
{{- end}}
`))

// greet prints how to use the server.
func greet(w io.Writer, addr net.Addr, o *options) error {
	return greeting.Execute(w, map[string]any{
		"URL":        "http://" + reachable(addr),
		"AccountSID": o.accountSID,
		"AuthToken":  o.authToken,
		"Services":   o.services,
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

// quote writes a string as HCL does.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{", "\n", `\n`).Replace(s) + `"`
}
