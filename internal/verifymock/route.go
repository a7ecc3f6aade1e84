// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
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
	accessTokensTemplate  = serviceTemplate + "/AccessTokens"
	accessTokenTemplate   = accessTokensTemplate + "/{Sid}"
)

// route is one method of one path of the API.
type route struct {
	operation Operation
	method    string
	template  string
	status    int      // of success
	query     []string // valid parameters
	maxPage   int      // objects on a page; 0 for the usual maximum
	handle    func(*Server, *call) (any, *apiError)
}

var routes = append(declaredRoutes(),

	createRoute(OperationCreate, factorsTemplate, (*Server).createFactor),
	listRoute(OperationList, factorsTemplate, (*Server).listFactors),
	fetchRoute(OperationFetch, factorTemplate, (*Server).fetchFactor),
	updateRoute(OperationUpdate, factorTemplate, (*Server).updateFactor),
	removeRoute(OperationDelete, factorTemplate, (*Server).deleteFactor),

	createRoute(OperationChallengeCreate, challengesTemplate, (*Server).createChallenge),
	listRoute(OperationChallengeList, challengesTemplate, (*Server).listChallenges, "FactorSid", "Status", "Order"),
	fetchRoute(OperationChallengeFetch, challengeTemplate, (*Server).fetchChallenge),
	updateRoute(OperationChallengeUpdate, challengeTemplate, (*Server).updateChallenge),
	createRoute(OperationNotificationCreate, notificationsTemplate, (*Server).createNotification),

	createRoute(OperationAccessTokenCreate, accessTokensTemplate, (*Server).createAccessToken),
	fetchRoute(OperationAccessTokenFetch, accessTokenTemplate, (*Server).fetchAccessToken),
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

func createRoute(o Operation, template string, handle handler) *route {
	return &route{operation: o, method: http.MethodPost, template: template, status: http.StatusCreated, handle: handle}
}

func listRoute(o Operation, template string, handle handler, filters ...string) *route {
	return &route{operation: o, method: http.MethodGet, template: template, status: http.StatusOK, query: append(filters, pageParameters...), handle: handle}
}

func fetchRoute(o Operation, template string, handle handler) *route {
	return &route{operation: o, method: http.MethodGet, template: template, status: http.StatusOK, handle: handle}
}

func updateRoute(o Operation, template string, handle handler) *route {
	return &route{operation: o, method: http.MethodPost, template: template, status: http.StatusOK, handle: handle}
}

func removeRoute(o Operation, template string, handle handler) *route {
	return &route{operation: o, method: http.MethodDelete, template: template, status: http.StatusNoContent, handle: handle}
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
		return newError(codeMethodNotAllowed)
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
