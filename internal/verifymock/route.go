// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	serviceTemplate       = "/v2/Services/{ServiceSid}"
	entityTemplate        = serviceTemplate + "/Entities/{Identity}"
	factorsTemplate       = entityTemplate + "/Factors"
	factorTemplate        = factorsTemplate + "/{Sid}"
	challengesTemplate    = entityTemplate + "/Challenges"
	challengeTemplate     = challengesTemplate + "/{Sid}"
	notificationsTemplate = challengeTemplate + "/Notifications"
	accessTokenTemplate   = serviceTemplate + "/AccessTokens/{Sid}"
)

// route is one method of one path of the API.
type route struct {
	operation Operation
	method    string
	template  string
	status    int      // of success
	query     []string // valid parameters
	maxPage   int      // objects on a page; 0 for the usual maximum
	handle    handler
}

var routes = append(declaredRoutes(),
	on(OperationCreate, factorsTemplate, (*Server).createFactor),
	on(OperationUpdate, factorTemplate, found(factorKind.find, (*Server).updateFactor)),

	on(OperationChallengeCreate, challengesTemplate, (*Server).createChallenge),
	on(OperationChallengeUpdate, challengeTemplate, found(challengeKind.find, (*Server).updateChallenge)),
	on(OperationNotificationCreate, notificationsTemplate, found(challengeKind.find, (*Server).createNotification)),
)

// declaredRoutes returns the routes of the declared kinds.
func declaredRoutes() []*route {
	var routes []*route
	for _, k := range kinds {
		routes = append(routes, k.routes()...)
	}
	return routes
}

type handler func(*Server, *call) (any, *apiError)

// found returns a handler that first finds the object of the call.
func found(find func(*Server, *call) (*record, *apiError), handle func(*Server, *call, *record) (any, *apiError)) handler {
	return func(s *Server, c *call) (any, *apiError) {
		object, refusal := find(s, c)
		if refusal != nil {
			return nil, refusal
		}
		return handle(s, c, object)
	}
}

// on returns the route of an operation, whose last word says what it does.
func on(o Operation, template string, handle handler) *route {
	r := &route{operation: o, method: http.MethodGet, template: template, status: http.StatusOK, handle: handle}
	switch words := strings.Split(string(o), "-"); words[len(words)-1] {
	case "create":
		r.method, r.status = http.MethodPost, http.StatusCreated
	case "update":
		r.method = http.MethodPost
	case "delete":
		r.method, r.status = http.MethodDelete, http.StatusNoContent
	case "list":
		r.query = slices.Clone(pageParameters)
	}
	return r
}

// findRoute sets the call's route by path and method.
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
		return errNotServed(c.logged.Method, c.logged.Path)
	case c.route == nil:
		return errMethodNotAllowed
	}
	c.status = c.route.status
	c.logged.Operation = c.route.operation
	if c.route.operation == OperationUpdate && c.logged.Form.Has("AuthPayload") {
		c.logged.Operation = OperationVerify
	}
	return nil
}

// matchPath returns the decoded values of the template's parameters. It ignores a trailing slash,
// so a request for a factor with an empty SID is a request for the list of factors.
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
