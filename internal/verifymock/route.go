// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"strings"
)

const (
	servicesTemplate      = "/v2/Services"
	serviceTemplate       = servicesTemplate + "/{ServiceSid}"
	entitiesTemplate      = serviceTemplate + "/Entities"
	entityTemplate        = entitiesTemplate + "/{Identity}"
	factorsTemplate       = entityTemplate + "/Factors"
	factorTemplate        = factorsTemplate + "/{Sid}"
	challengesTemplate    = entityTemplate + "/Challenges"
	challengeTemplate     = challengesTemplate + "/{Sid}"
	notificationsTemplate = challengeTemplate + "/Notifications"
	webhooksTemplate      = serviceTemplate + "/Webhooks"
	webhookTemplate       = webhooksTemplate + "/{Sid}"
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
	handle    func(*Server, *call) (any, *apiError)
}

var routes = []*route{
	create(OperationServiceCreate, servicesTemplate, (*Server).createService),
	list(OperationServiceList, servicesTemplate, (*Server).listServices),
	fetch(OperationService, serviceTemplate, (*Server).fetchService),
	update(OperationServiceUpdate, serviceTemplate, (*Server).updateService),
	remove(OperationServiceDelete, serviceTemplate, (*Server).deleteService),

	create(OperationEntityCreate, entitiesTemplate, (*Server).createEntity),
	list(OperationEntityList, entitiesTemplate, (*Server).listEntities),
	fetch(OperationEntityFetch, entityTemplate, (*Server).fetchEntity),
	remove(OperationEntityDelete, entityTemplate, (*Server).deleteEntity),

	create(OperationCreate, factorsTemplate, (*Server).createFactor),
	list(OperationList, factorsTemplate, (*Server).listFactors),
	fetch(OperationFetch, factorTemplate, (*Server).fetchFactor),
	update(OperationUpdate, factorTemplate, (*Server).updateFactor),
	remove(OperationDelete, factorTemplate, (*Server).deleteFactor),

	create(OperationChallengeCreate, challengesTemplate, (*Server).createChallenge),
	list(OperationChallengeList, challengesTemplate, (*Server).listChallenges, "FactorSid", "Status", "Order"),
	fetch(OperationChallengeFetch, challengeTemplate, (*Server).fetchChallenge),
	update(OperationChallengeUpdate, challengeTemplate, (*Server).updateChallenge),
	create(OperationNotificationCreate, notificationsTemplate, (*Server).createNotification),

	create(OperationWebhookCreate, webhooksTemplate, (*Server).createWebhook),
	list(OperationWebhookList, webhooksTemplate, (*Server).listWebhooks),
	fetch(OperationWebhookFetch, webhookTemplate, (*Server).fetchWebhook),
	update(OperationWebhookUpdate, webhookTemplate, (*Server).updateWebhook),
	remove(OperationWebhookDelete, webhookTemplate, (*Server).deleteWebhook),

	create(OperationAccessTokenCreate, accessTokensTemplate, (*Server).createAccessToken),
	fetch(OperationAccessTokenFetch, accessTokenTemplate, (*Server).fetchAccessToken),
}

type handler func(*Server, *call) (any, *apiError)

func create(o Operation, template string, handle handler) *route {
	return &route{operation: o, method: http.MethodPost, template: template, status: http.StatusCreated, handle: handle}
}

func list(o Operation, template string, handle handler, filters ...string) *route {
	return &route{o, http.MethodGet, template, http.StatusOK, append(filters, pageParameters...), handle}
}

func fetch(o Operation, template string, handle handler) *route {
	return &route{operation: o, method: http.MethodGet, template: template, status: http.StatusOK, handle: handle}
}

func update(o Operation, template string, handle handler) *route {
	return &route{operation: o, method: http.MethodPost, template: template, status: http.StatusOK, handle: handle}
}

func remove(o Operation, template string, handle handler) *route {
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
