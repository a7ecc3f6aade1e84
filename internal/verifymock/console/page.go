// SPDX-License-Identifier: MPL-2.0

package console

import (
	"bytes"
	"cmp"
	_ "embed"
	"hash/fnv"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"short": short}).Parse(pageText))

// shownRows is the maximum number of requests, and of challenges, that the page shows.
const shownRows = 30

type servicePage struct {
	verifymock.Service
	Identities, Factors int
	Cards               []factorPage // of factors, and of identities without one, sorted by identity
}

type factorPage struct {
	verifymock.Factor // without a type for an identity without factors
	Code              string
	Remaining         time.Duration
	QRCode            string // path of the image, "" if there is none
}

// page shows all contents of the server, including the secrets of factors.
func (c *Console) page(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	server := c.Server()
	factors := server.Factors()
	exports := ""
	if len(factors) == 0 && c.Exports != nil {
		exports = c.Exports(origin(r))
	}
	var pending, challenges []verifymock.Challenge
	for _, v := range server.Challenges() {
		if v.FactorType == "push" && v.Status == "pending" {
			pending = append(pending, v)
		} else {
			challenges = append(challenges, v)
		}
	}
	err := pageTemplate.Execute(&page, map[string]any{
		"Pending":                 pending,
		"Exports":                 exports,
		"Services":                servicePages(server, factors),
		"Webhooks":                group(server, verifymock.Webhooks, "service_sid"),
		"RateLimits":              group(server, verifymock.RateLimits, "service_sid"),
		"Buckets":                 group(server, verifymock.Buckets, "rate_limit_sid"),
		"MessagingConfigurations": group(server, verifymock.MessagingConfigurations, "service_sid"),
		"Credentials":             server.Objects(verifymock.Credentials),
		"Challenges":              latest(challenges),
		"Requests":                latest(server.Requests()),
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "+
		"script-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'")
	_, _ = w.Write(page.Bytes()) // fails only if the client has disconnected
}

// origin returns the address by which the browser reached the page.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// latest returns the last rows, the newest first.
func latest[T any](rows []T) []T {
	rows = slices.Clone(rows[max(0, len(rows)-shownRows):])
	slices.Reverse(rows)
	return rows
}

// group returns the objects of a kind by the SID of what contains them.
func group(server *verifymock.Server, kind verifymock.Kind, container string) map[string][]verifymock.Object {
	groups := map[string][]verifymock.Object{}
	for _, o := range server.Objects(kind) {
		groups[o.Text(container)] = append(groups[o.Text(container)], o)
	}
	return groups
}

// servicePages returns the services with what the factors show.
func servicePages(server *verifymock.Server, factors []verifymock.Factor) []servicePage {
	var pages []servicePage
	now, entities := server.Now(), server.Entities()
	for _, v := range server.Services() {
		page := servicePage{Service: v}
		withFactors := map[string]bool{}
		for _, f := range factors {
			if f.ServiceSID == v.SID {
				page.Factors++
				page.Cards = append(page.Cards, newFactorPage(v, f, now))
				withFactors[f.EntitySID] = true
			}
		}
		for _, e := range entities {
			if e.ServiceSID == v.SID {
				page.Identities++
				if !withFactors[e.SID] {
					page.Cards = append(page.Cards, factorPage{Factor: verifymock.Factor{SID: e.SID, Identity: e.Identity}})
				}
			}
		}
		slices.SortStableFunc(page.Cards, func(a, b factorPage) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.Identity), strings.ToLower(b.Identity)), strings.Compare(a.FriendlyName, b.FriendlyName))
		})
		pages = append(pages, page)
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

var sid = regexp.MustCompile(`\b([A-Z]{2}[0-9a-f]{2})([0-9a-f]{26})([0-9a-f]{4})\b`)

// short marks the middle of each SID in the text, which a narrow screen leaves out.
func short(text string) template.HTML {
	return template.HTML(sid.ReplaceAllString(template.HTMLEscapeString(text), "$1<i>$2</i>$3")) //nolint:gosec // it is escaped
}
