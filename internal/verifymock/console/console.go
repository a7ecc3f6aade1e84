// SPDX-License-Identifier: MPL-2.0

// Package console adds a web page, a health route, and control routes to a verifymock server, for
// the program verifymock. Every other path belongs to the API.
package console

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// Console is an [http.Handler]. It is safe for concurrent use.
type Console struct {
	// Exports, if not nil, returns the commands that connect a shell to the mock at a URL. The page
	// shows them until there is a factor.
	Exports func(url string) string

	hosts     []string
	newServer func() *verifymock.Server
	server    atomic.Pointer[verifymock.Server]
	mux       *http.ServeMux
}

// New returns a console with a server from newServer. Each reset calls newServer again. It serves
// the names and addresses of loopback, and the hosts.
func New(newServer func() *verifymock.Server, hosts ...string) *Console {
	c := &Console{newServer: newServer, mux: http.NewServeMux(), hosts: hosts}
	c.server.Store(newServer())
	c.mux.HandleFunc("GET /{$}", c.page)
	c.mux.HandleFunc("GET /health", health)
	c.mux.HandleFunc("POST /_mock/reset", c.reset)
	c.mux.HandleFunc("POST /_mock/faults", c.addFaults)
	c.mux.HandleFunc("DELETE /_mock/faults", c.clearFaults)
	c.mux.HandleFunc("GET /_mock/factors/{sid}/qr.png", c.qrCode)
	c.mux.HandleFunc("POST /_mock/challenges/{sid}/{response}", c.respond)
	return c
}

// Server returns the current server, which a reset replaces.
func (c *Console) Server() *verifymock.Server { return c.server.Load() }

// ServeHTTP implements [http.Handler]. It refuses requests from pages of other sites, which can
// reach loopback through the user's browser, also by a name of their own that resolves to it.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !c.serves(r.Host):
		http.Error(w, fmt.Sprintf("verifymock does not serve the host %q: name it with -host", r.Host), http.StatusForbidden)
	case crossSite(r):
		http.Error(w, "verifymock refuses requests from pages of other sites", http.StatusForbidden)
	case isOwn(r.URL.Path):
		c.mux.ServeHTTP(w, r)
	default:
		c.Server().ServeHTTP(w, r)
	}
}

// serves reports whether the Host header names loopback or one of the hosts.
func (c *Console) serves(header string) bool {
	host, _, err := net.SplitHostPort(header)
	if err != nil {
		host = strings.Trim(header, "[]")
	}
	same := func(name string) bool { return strings.EqualFold(name, host) }
	return same("localhost") || net.ParseIP(host).IsLoopback() || slices.ContainsFunc(c.hosts, same)
}

// crossSite reports whether a page of another site sent the request. A link to the mock's page is
// none.
func crossSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	link := r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	return (site == "cross-site" || site == "same-site") && !link || http.NewCrossOriginProtection().Check(r) != nil
}

func isOwn(path string) bool {
	return path == "/" || path == "/health" || strings.HasPrefix(path, "/_mock/")
}

// Close closes the server.
func (c *Console) Close() error { return c.Server().Close() }

func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"status":"ok"}`) // fails only if the client has disconnected
}

func (c *Console) reset(w http.ResponseWriter, _ *http.Request) {
	old := c.server.Swap(c.newServer())
	if err := old.Close(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *Console) addFaults(w http.ResponseWriter, r *http.Request) {
	faults, err := ParseFaults(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.Server().Inject(faults...)
	w.WriteHeader(http.StatusNoContent)
}

const maxBody = 1 << 20

func (c *Console) clearFaults(w http.ResponseWriter, _ *http.Request) {
	c.Server().ClearFaults()
	w.WriteHeader(http.StatusNoContent)
}

// respond approves or denies a challenge and redirects to the page.
func (c *Console) respond(w http.ResponseWriter, r *http.Request) {
	sid, response := r.PathValue("sid"), r.PathValue("response")
	switch {
	case response != "approve" && response != "deny":
		http.Error(w, "respond to a challenge with approve or deny", http.StatusNotFound)
	case !c.Server().RespondToChallenge(sid, response == "approve"):
		text := "there is no challenge " + sid
		if v, ok := c.Server().Challenge(sid); ok {
			text = fmt.Sprintf("the challenge %s is not pending: it is %s", sid, v.Status)
		}
		http.Error(w, text, http.StatusNotFound)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}
