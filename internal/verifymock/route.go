// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	serviceTemplate = "/v2/Services/{ServiceSid}"
	factorsTemplate = "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors"
	factorTemplate  = factorsTemplate + "/{Sid}"

	maxBody = 1 << 20 // bytes; far beyond what the parameters may hold
)

// route is one method of one path of the API.
type route struct {
	operation Operation
	method    string
	template  string
	status    int // of success
	handle    func(*Server, *call) (any, *apiError)
}

var routes = []*route{
	{OperationService, http.MethodGet, serviceTemplate, http.StatusOK, (*Server).fetchService},
	{OperationCreate, http.MethodPost, factorsTemplate, http.StatusCreated, (*Server).createFactor},
	{OperationList, http.MethodGet, factorsTemplate, http.StatusOK, (*Server).listFactors},
	{OperationFetch, http.MethodGet, factorTemplate, http.StatusOK, (*Server).fetchFactor},
	{OperationUpdate, http.MethodPost, factorTemplate, http.StatusOK, (*Server).updateFactor},
	{OperationDelete, http.MethodDelete, factorTemplate, http.StatusNoContent, (*Server).deleteFactor},
}

// call is a request on its way through the server.
type call struct {
	logged  *Request
	route   *route
	account *Account
	service *Service
	path    map[string]string // by the template's names, decoded
	baseURL string            // scheme and host that the request came to
	now     time.Time         // of processing, whole seconds
	refusal *apiError         // why the request is refused whatever the state is
}

// receive reads the request and checks all that does not depend on the state.
func (s *Server) receive(r *http.Request) *call {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	c := &call{baseURL: scheme + "://" + r.Host, account: s.authenticate(r)}
	c.logged = &Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Header: r.Header,
		RemoteAddr: r.RemoteAddr, RequestID: newSID("RQ"), Received: s.now(),
	}
	form, badBody := readForm(r)
	c.logged.Form = form
	noRoute := c.findRoute()

	switch {
	case c.account == nil:
		c.refusal = errUnauthorized()
		return c
	case noRoute != nil:
		c.refusal = noRoute
	case badBody != nil:
		c.refusal = badBody
	default:
		c.refusal = s.checkCall(c)
	}
	c.logged.Account = c.account.SID
	return c
}

// readForm reads the body, which the API takes in one format only.
func readForm(r *http.Request) (url.Values, *apiError) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return url.Values{}, errUnreadableBody()
	}
	if len(body) == 0 {
		return url.Values{}, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return url.Values{}, errUnreadableBody()
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return form, errUnreadableBody()
	}
	return form, nil
}

// findRoute sets the call's route from path and method.
func (c *call) findRoute() *apiError {
	for _, route := range routes {
		path, ok := matchPath(route.template, c.logged.Path)
		if !ok {
			continue
		}
		c.path = path
		c.logged.Route = route.template
		if route.method == c.logged.Method {
			c.route = route
			break
		}
	}
	switch {
	case c.logged.Route == "":
		return errNotFound(c.logged.Path)
	case c.route == nil:
		return errMethodNotAllowed()
	}
	c.logged.Operation = c.route.operation
	if c.route.operation == OperationUpdate && c.logged.Form.Has("AuthPayload") {
		c.logged.Operation = OperationVerify
	}
	return nil
}

// matchPath returns the decoded values of the template's names. A slash at the end does not count: a request for a
// factor with an empty SID is one for the list of factors.
func matchPath(template, escaped string) (map[string]string, bool) {
	names := strings.Split(template, "/")
	segments := strings.Split(strings.TrimSuffix(escaped, "/"), "/")
	if len(names) != len(segments) {
		return nil, false
	}
	path := map[string]string{}
	for i, name := range names {
		segment, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, false
		}
		if strings.HasPrefix(name, "{") {
			path[strings.Trim(name, "{}")] = segment
		} else if name != segment {
			return nil, false
		}
	}
	return path, true
}

// checkCall checks query, service and identity.
func (s *Server) checkCall(c *call) *apiError {
	for _, name := range slices.Sorted(maps.Keys(c.logged.Query)) {
		single := len(c.logged.Query[name]) == 1
		if c.route.operation != OperationList || !slices.Contains(pageParameters, name) || !single {
			return s.errInvalidParameter(name)
		}
	}
	if c.route.method != http.MethodPost && len(c.logged.Form) > 0 {
		return errUnreadableBody()
	}
	if c.service = c.account.service(c.path["ServiceSid"]); c.service == nil {
		return errNotFound(c.logged.Path)
	}
	if identity, ok := c.path["Identity"]; ok && !identityPattern.MatchString(identity) {
		return s.errInvalidParameter("Identity")
	}
	return nil
}
