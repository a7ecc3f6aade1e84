// SPDX-License-Identifier: MPL-2.0

package console

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// shownRequests is the maximum number of requests that the page shows.
const shownRequests = 30

type servicePage struct {
	verifymock.Service
	Entities []*entityPage
}

type entityPage struct {
	verifymock.Entity
	Factors    []factorPage
	Challenges []verifymock.Challenge
}

type factorPage struct {
	verifymock.Factor
	Code      string
	Remaining time.Duration
	QRCode    template.URL // a data URL of a PNG
}

// page shows all contents of the server, including secrets.
func (c *Console) page(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	requests := c.Server().Requests()
	requests = requests[max(0, len(requests)-shownRequests):]
	slices.Reverse(requests)
	err := pageTemplate.Execute(&page, map[string]any{"Services": c.services(), "Requests": requests})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'")
	_, _ = w.Write(page.Bytes()) // fails only if the client has disconnected
}

// services returns the contents of the server as a tree.
func (c *Console) services() []servicePage {
	server := c.Server()
	entities := map[string]*entityPage{}
	byService := map[string][]*entityPage{}
	for _, e := range server.Entities() {
		shown := &entityPage{Entity: e}
		entities[e.SID] = shown
		byService[e.ServiceSID] = append(byService[e.ServiceSID], shown)
	}
	now := server.Now()
	var pages []servicePage
	services := map[string]verifymock.Service{}
	for _, v := range server.Services() {
		services[v.SID] = v
		pages = append(pages, servicePage{v, byService[v.SID]})
	}
	for _, f := range server.Factors() {
		if e := entities[f.EntitySID]; e != nil {
			e.Factors = append(e.Factors, newFactorPage(services[f.ServiceSID], f, now))
		}
	}
	for _, r := range server.Challenges() {
		if e := entities[r.EntitySID]; e != nil {
			e.Challenges = append(e.Challenges, r)
		}
	}
	return pages
}

func newFactorPage(v verifymock.Service, f verifymock.Factor, now time.Time) factorPage {
	shown := factorPage{Factor: f}
	if f.FactorType != "totp" {
		return shown
	}
	shown.Code, shown.Remaining = f.Code(now)
	shown.Remaining = shown.Remaining.Truncate(time.Second)
	if code, err := qr.Encode(v.URI(f), qr.M); err == nil {
		code.Scale = 4
		shown.QRCode = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())) //nolint:gosec // a QR code made here
	}
	return shown
}

// IsPush reports whether challenges of the factor are approved by a person rather than with a code.
func (f factorPage) IsPush() bool { return f.FactorType == "push" }

// SpacedCode returns the code in two groups, which are easier to read.
func (f factorPage) SpacedCode() string {
	half := (len(f.Code) + 1) / 2
	return strings.TrimSpace(f.Code[:half] + " " + f.Code[half:])
}
