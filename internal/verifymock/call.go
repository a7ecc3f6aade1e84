// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"
)

const maxBody = 1 << 20 // bytes; far more than valid parameters need

// call is a request that the server is processing.
type call struct {
	logged  *Request
	route   *route
	account *Account
	login   *deviceLogin // nil unless a device sent the request
	service *record
	path    map[string]string // by the template's names, decoded
	form    url.Values        // of the body
	baseURL string            // scheme and host of the request
	now     time.Time         // of processing, in whole seconds
	lag     time.Duration     // for which a fetch or list does not show a new object
	visible time.Time         // latest time at which an object that it shows was added
	status  int               // of success
	header  http.Header       // of success
	refusal *apiError         // why the request is refused regardless of the state
}

// receive reads the request and performs the checks that do not depend on the state.
func (s *Server) receive(r *http.Request) *call {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	c := &call{baseURL: scheme + "://" + r.Host, header: http.Header{}}
	c.account, c.login = s.authenticate(r)
	c.logged = &Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Header: r.Header,
		RemoteAddr: r.RemoteAddr, RequestID: s.random.sid("RQ"), Received: s.now(),
	}
	form, badBody := readForm(r)
	c.logged.Form, c.form = form, form
	noRoute := c.findRoute()

	switch {
	case c.account == nil:
		c.refusal = errUnauthorized
	case noRoute != nil:
		c.refusal = noRoute
	case badBody != nil:
		c.refusal = badBody
	default:
		c.refusal = checkQuery(c)
	}
	if c.refusal != nil {
		c.logged.Form = nil // anybody can send one
	}
	if c.account != nil {
		c.logged.Account = c.account.SID
	}
	return c
}

// readForm reads the body, which the API accepts in only one format.
func readForm(r *http.Request) (url.Values, *apiError) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return url.Values{}, errUnreadableBody
	}
	if len(body) == 0 {
		return url.Values{}, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return url.Values{}, errUnreadableBody
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return form, errUnreadableBody
	}
	return form, nil
}

// checkQuery refuses query parameters that the route does not accept, and a body if it accepts
// none.
func checkQuery(c *call) *apiError {
	for _, name := range slices.Sorted(maps.Keys(c.logged.Query)) {
		if len(c.logged.Query[name]) != 1 || !slices.Contains(c.route.query, name) {
			return errInvalidParameter(name)
		}
	}
	if c.route.method != http.MethodPost && len(c.logged.Form) > 0 {
		return errUnreadableBody
	}
	return nil
}

// locate sets the call's service, and checks the identity and the device's permissions.
func (s *Server) locate(c *call) *apiError {
	if sid, ok := c.path["ServiceSid"]; ok {
		c.service = s.state.objects[serviceKind.key(func(string) string { return sid })]
		if c.service == nil || c.service.Text("account_sid") != c.account.SID {
			return errNotFound(c.logged.Path)
		}
	}
	if identity, ok := c.path["Identity"]; ok && !isIdentity(identity) {
		return errInvalidParameter("Identity")
	}
	if c.login != nil && !c.login.allows(c) {
		return errForbidden
	}
	return nil
}

// hides reports whether the response does not show the object yet, although it exists.
func (c *call) hides(o *record) bool {
	return c.lag > 0 && c.route.method == http.MethodGet && o.added.After(c.visible)
}

// formatDate formats a date as the API does.
func formatDate(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}

// nullable returns nil for an empty string, which the API returns as null.
func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
