// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

// Operations on entities.
const (
	OperationCreateEntity Operation = "create entity"
	OperationFetchEntity  Operation = "read entity"
	OperationListEntities Operation = "list entities"
	OperationDeleteEntity Operation = "delete entity"
)

const (
	entitiesRoute = serviceRoute + "/Entities"
	entityRoute   = entitiesRoute + "/{Identity}"
)

// createEntity is repeatable: an identity has only one entity, and CreateEntity accepts an existing
// one.
var (
	createEntity = endpoint{operation: OperationCreateEntity, method: http.MethodPost, route: entitiesRoute, repeatable: true, shielded: true}
	fetchEntity  = endpoint{operation: OperationFetchEntity, method: http.MethodGet, route: entityRoute, repeatable: true}
	listEntities = endpoint{operation: OperationListEntities, method: http.MethodGet, route: entitiesRoute, repeatable: true}
	deleteEntity = endpoint{operation: OperationDeleteEntity, method: http.MethodDelete, route: entityRoute, repeatable: true}
)

var entitySIDPattern = sidPattern("YE")

// EntityRecord is an entity as the API returns it. Any field may be empty, because each is nullable
// in the API's schema.
type EntityRecord struct {
	SID         string `json:"sid"`
	AccountSID  string `json:"account_sid"`
	ServiceSID  string `json:"service_sid"`
	Identity    string `json:"identity"`
	DateCreated string `json:"date_created"`
	DateUpdated string `json:"date_updated"`
	URL         string `json:"url"`
}

// CreateEntity creates an entity, or reads it if it already exists: creating the first factor of an
// identity also creates its entity. Canceling ctx does not cut off a request in flight.
func (c *Client) CreateEntity(ctx context.Context, entity Entity) (*EntityRecord, error) {
	if err := entity.check(); err != nil {
		return nil, &Error{Operation: OperationCreateEntity, Err: err}
	}
	call := c.call(createEntity, entity.ServiceSID)
	call.form = url.Values{"Identity": {entity.Identity}}
	record, err := c.doEntity(ctx, call, entity)
	var e *Error
	if errors.As(err, &e) && (e.Code == CodeEntityExists || e.Code == CodeEntityAlreadyExists) {
		return c.FetchEntity(ctx, entity)
	}
	return record, err
}

// FetchEntity reads an entity.
func (c *Client) FetchEntity(ctx context.Context, entity Entity) (*EntityRecord, error) {
	if err := entity.check(); err != nil {
		return nil, &Error{Operation: OperationFetchEntity, Err: err}
	}
	return c.doEntity(ctx, c.call(fetchEntity, entity.ServiceSID, entity.Identity), entity)
}

// Entities iterates over the entities of a service in the order of the API. pageSize is 1 to
// [MaxPageSize], or 0 for the API's default of 50. An error ends the iteration.
func (c *Client) Entities(ctx context.Context, serviceSID string, pageSize int) iter.Seq2[*EntityRecord, error] {
	if err := listEntities.check(ServiceSIDPattern, "a service", serviceSID); err != nil {
		return func(yield func(*EntityRecord, error) bool) { yield(nil, err) }
	}
	return pages[EntityRecord](ctx, c, listEntities, "entities", pageSize, serviceSID)
}

// DeleteEntity deletes an entity with its factors and challenges. If the entity does not exist,
// [IsNotFound] is true for the error.
func (c *Client) DeleteEntity(ctx context.Context, entity Entity) error {
	if err := entity.check(); err != nil {
		return &Error{Operation: OperationDeleteEntity, Err: err}
	}
	call := c.call(deleteEntity, entity.ServiceSID, entity.Identity)
	call.noContent = true
	return c.do(ctx, call, nil)
}

// CountEntityFactors counts the factors of an entity. This takes one request, because Twilio allows
// an entity at most 120 factors.
func (c *Client) CountEntityFactors(ctx context.Context, entity Entity) (count int, err error) {
	for _, err := range c.Factors(ctx, entity, MaxPageSize) {
		if err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// CountFactors counts the factors of a service, up to limit. It makes the same requests as
// [Client.ServiceFactors].
func (c *Client) CountFactors(ctx context.Context, serviceSID string, limit int) (count int, err error) {
	for _, err := range c.ServiceFactors(ctx, serviceSID, MaxPageSize) {
		if err != nil {
			return count, err
		}
		if count++; count >= limit {
			break
		}
	}
	return count, nil
}

// doEntity makes a call that returns an entity.
func (c *Client) doEntity(ctx context.Context, call *call, entity Entity) (*EntityRecord, error) {
	var record EntityRecord
	if err := c.do(ctx, call, &record); err != nil {
		return nil, err
	}
	if !entitySIDPattern.MatchString(record.SID) || record.Identity != "" && !strings.EqualFold(record.Identity, entity.Identity) {
		return nil, c.responseError(call, errors.New("the response is not the requested entity"))
	}
	return &record, nil
}
