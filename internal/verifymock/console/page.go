// SPDX-License-Identifier: MPL-2.0

package console

import (
	"bytes"
	_ "embed"
	"hash/fnv"
	"html/template"
	"net/http"
	"slices"
	"strconv"
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
	Webhooks []verifymock.Webhook
	Entities []*entityPage
}

type entityPage struct {
	verifymock.Entity
	Factors    []factorPage
	Challenges []verifymock.Challenge // except pending push challenges, which the page shows separately
}

type factorPage struct {
	verifymock.Factor
	Code      string
	Remaining time.Duration
	QRCode    string // path of the image, "" if there is none
}

// page shows all contents of the server, including secrets.
func (c *Console) page(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	requests := c.Server().Requests()
	requests = requests[max(0, len(requests)-shownRequests):]
	slices.Reverse(requests)
	services, pending := c.services()
	err := pageTemplate.Execute(&page, map[string]any{"Services": services, "Pending": pending, "Requests": requests})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'")
	_, _ = w.Write(page.Bytes()) // fails only if the client has disconnected
}

// services arranges the server's objects as a tree, and returns the pending push challenges
// separately.
func (c *Console) services() (pages []servicePage, pending []verifymock.Challenge) {
	server := c.Server()
	entities := map[string]*entityPage{}
	byService := map[string][]*entityPage{}
	for _, e := range server.Entities() {
		shown := &entityPage{Entity: e}
		entities[e.SID] = shown
		byService[e.ServiceSID] = append(byService[e.ServiceSID], shown)
	}
	webhooks := map[string][]verifymock.Webhook{}
	for _, w := range server.Webhooks() {
		webhooks[w.ServiceSID] = append(webhooks[w.ServiceSID], w)
	}
	services := map[string]verifymock.Service{}
	for _, v := range server.Services() {
		services[v.SID] = v
		pages = append(pages, servicePage{v, webhooks[v.SID], byService[v.SID]})
	}
	now := server.Now()
	for _, f := range server.Factors() {
		if e := entities[f.EntitySID]; e != nil {
			e.Factors = append(e.Factors, newFactorPage(services[f.ServiceSID], f, now))
		}
	}
	for _, r := range server.Challenges() {
		if r.FactorType == "push" && r.Status == "pending" {
			pending = append(pending, r)
		} else if e := entities[r.EntitySID]; e != nil {
			e.Challenges = append(e.Challenges, r)
		}
	}
	return pages, pending
}

func newFactorPage(v verifymock.Service, f verifymock.Factor, now time.Time) factorPage {
	shown := factorPage{Factor: f}
	if f.FactorType != "totp" {
		return shown
	}
	shown.Code, shown.Remaining = f.Code(now)
	shown.Remaining = shown.Remaining.Truncate(time.Second)
	// The path changes with the image, so the image can be cached.
	version := fnv.New64a()
	_, _ = version.Write([]byte(v.URI(f))) // never fails
	shown.QRCode = "/_mock/factors/" + f.SID + "/qr.png?version=" + strconv.FormatUint(version.Sum64(), 16)
	return shown
}

// qrCode responds with the QR code of a TOTP factor's otpauth URI.
func (c *Console) qrCode(w http.ResponseWriter, r *http.Request) {
	f, ok := c.Server().Factor(r.PathValue("sid"))
	if !ok || f.FactorType != "totp" {
		http.Error(w, "there is no TOTP factor "+r.PathValue("sid"), http.StatusNotFound)
		return
	}
	v, _ := c.Server().Service(f.ServiceSID)
	code, err := qr.Encode(v.URI(f), qr.M)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	code.Scale = 4
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	_, _ = w.Write(code.PNG()) //nolint:gosec // an image; it fails only if the client has disconnected
}

// SpacedCode returns the code in two groups, which are easier to read.
func (f factorPage) SpacedCode() string {
	half := (len(f.Code) + 1) / 2
	return strings.TrimSpace(f.Code[:half] + " " + f.Code[half:])
}
