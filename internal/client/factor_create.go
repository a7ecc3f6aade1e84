// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"strings"
)

// CreateResult is the result of [Client.CreateFactor].
type CreateResult struct {
	Factor *Factor
	// Recovered is true if the response was lost and the factor was found by a search. It has no
	// Binding then: a secret that Twilio generated is lost for good.
	Recovered bool
}

// CreateFactor makes a factor. If it cannot be told whether a factor was made, or which one, the
// error is an [*UnknownOutcomeError]; any other error means that none was. An interrupt does not cut
// off a request in flight, nor the search after a lost response.
func (c *Client) CreateFactor(ctx context.Context, entity Entity, params FactorParams) (CreateResult, error) {
	if err := entity.check(); err != nil {
		return CreateResult{}, &Error{Operation: OperationCreateFactor, Err: err}
	}
	factor, recovered, err := c.lostFactor(entity, params).run(ctx)
	return CreateResult{Factor: factor, Recovered: recovered}, err
}

// ResolvePending looks again for a factor that a create may have made, and claims it. It returns nil
// if there is none, and an [*UnknownOutcomeError] while that is not certain.
func (c *Client) ResolvePending(ctx context.Context, entity Entity, params FactorParams, pending Pending) (*Factor, error) {
	var found *Factor
	err := c.lostFactor(entity, params).resolve(ctx, pending, c.serviceVisible(ctx, entity.ServiceSID), func(factor *Factor) error {
		found = factor
		c.claims.add(entity.scope(), factor.SID)
		return nil
	})
	return found, err
}

// DeletePending deletes the factor that a create may have made, if there is one. While that is not
// certain, it deletes nothing and returns an [*UnknownOutcomeError].
func (c *Client) DeletePending(ctx context.Context, entity Entity, params FactorParams, pending Pending) error {
	return c.lostFactor(entity, params).resolve(ctx, pending, c.serviceVisible(ctx, entity.ServiceSID), func(factor *Factor) error {
		if err := c.DeleteFactor(ctx, entity, factor.SID); err != nil && !IsNotFound(err) {
			return err
		}
		return nil
	})
}

// serviceVisible checks that the credentials can see what the service contains: with those of
// another account the list is empty as well. If they may not read services, the list itself has to
// do.
func (c *Client) serviceVisible(ctx context.Context, serviceSID string) func(listed bool) error {
	return func(listed bool) error {
		_, err := c.FetchService(ctx, serviceSID)
		var e *Error
		if listed && errors.As(err, &e) && (e.Status == StatusUnauthorized || e.Status == StatusForbidden) {
			return nil
		}
		return err
	}
}

func (c *Client) lostFactor(entity Entity, params FactorParams) *lostCreate[Factor] {
	name := *cmp.Or(params.FriendlyName, new(string))
	return &lostCreate[Factor]{
		client: c,
		noun:   "factor",
		scope:  entity.scope(),
		key:    strings.Join([]string{entity.scope(), string(params.FactorType), name}, "\x00"),
		create: OperationCreateFactor,
		post: func(ctx context.Context) (*Factor, error) {
			return c.doFactor(ctx, &call{endpoint: createFactor, form: params.form()}, entity, "")
		},
		list:      func(ctx context.Context) iter.Seq2[*Factor, error] { return c.Factors(ctx, entity, MaxPageSize) },
		resembles: params.resembles,
		sid:       func(f *Factor) string { return f.SID },
		date:      func(f *Factor) string { return f.DateCreated },
		conflict:  CodeBindingExists,
	}
}

// resembles reports whether the factor could have come from a create with these parameters. What
// the response leaves empty does not rule it out.
func (p FactorParams) resembles(f *Factor) bool {
	return (f.FactorType == p.FactorType || f.FactorType == "") &&
		compatible(p.FriendlyName, f.FriendlyName) &&
		(p.Config.Alg == nil || f.Config.Alg == "" || strings.EqualFold(*p.Config.Alg, f.Config.Alg)) &&
		compatibleInt(p.Config.CodeLength, f.Config.CodeLength) &&
		compatibleInt(p.Config.Skew, f.Config.Skew) &&
		compatibleInt(p.Config.TimeStep, f.Config.TimeStep) &&
		compatible(p.AppID, f.Config.AppID) &&
		compatible(p.Config.NotificationPlatform, f.Config.NotificationPlatform) &&
		compatible(p.Config.SDKVersion, f.Config.SDKVersion)
}

func compatible(want *string, got string) bool { return want == nil || got == "" || *want == got }

func compatibleInt(want, got *int64) bool { return want == nil || got == nil || *want == *got }
