// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Entities are the entities of services, by identity.
var Entities = &Kind[*Entity]{
	Noun: "entity", List: "entities", Prefix: "YE",
	Route:    "/v2/Services/{ServiceSid}/Entities/{Identity}",
	Path:     []Parameter{serviceParameter, identityParameter},
	Key:      []string{"identity"},
	Conflict: CodeEntityExists,
}

// Entity is an entity as the API returns it. Any field may be empty, because each is nullable
// in the API's schema.
type Entity struct {
	Common

	ServiceSID string `json:"service_sid"`
	Identity   string `json:"identity" form:"Identity"`
}

// CreateEntity creates the entity with a path, or reads it if it already exists: creating the first
// factor of an identity also creates its entity. Canceling ctx does not cut off a request in flight.
//
// The request may be repeated, because an identity has only one entity. After any conflict, or a
// response that does not show what happened, a look at the entity does.
func (c *Client) CreateEntity(ctx context.Context, path ...string) (*Entity, error) {
	call := Entities.call(c, "create entity", http.MethodPost, path[:1])
	call.invalid, call.uncancelable, call.form = Entities.invalid(path), true, url.Values{"Identity": {path[1]}}
	created, err := Entities.receive(ctx, c, call, path[:1], call.form)
	var failed *Error
	if !errors.As(err, &failed) || failed.Status != http.StatusConflict && failed.Code != CodeEntityAlreadyExists && !failed.mayHaveActed() {
		return created, err
	}
	ctx, cancel := finish(ctx)
	defer cancel()
	existing, fetchErr := Entities.Fetch(ctx, c, path...)
	if fetchErr != nil {
		return nil, err
	}
	return existing, nil
}
