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
	// Recovered is true if the response was lost and a search found the factor. The factor then has
	// no Binding: a secret that Twilio generated is lost.
	Recovered bool
}

// CreateFactor creates a factor. If it is unknown whether a factor was created, or which one, the
// error is an [*UnknownOutcomeError]; any other error means that none was created. Canceling ctx
// cuts off neither a request in flight nor the search after a lost response.
func (c *Client) CreateFactor(ctx context.Context, entity Entity, params FactorParams) (CreateResult, error) {
	if err := entity.check(); err != nil {
		return CreateResult{}, &Error{Operation: OperationCreateFactor, Err: err}
	}
	factor, recovered, err := c.FactorCreate(entity, params).run(ctx)
	return CreateResult{Factor: factor, Recovered: recovered}, err
}

// serviceVisible returns a function that returns an error unless the credentials can see the
// service. An empty list does not show that: it is also empty for the credentials of another
// account. If the credentials may not read services, a list that exists is enough.
func (c *Client) serviceVisible(serviceSID string) func(ctx context.Context, listed bool) error {
	return func(ctx context.Context, listed bool) error {
		_, err := c.FetchService(ctx, serviceSID)
		var e *Error
		if listed && errors.As(err, &e) && (e.Status == StatusUnauthorized || e.Status == StatusForbidden) {
			return nil
		}
		return err
	}
}

// FactorCreate returns the create of a factor without running it, to call [Create.Resolve] or
// [Create.Delete] after an unknown outcome.
func (c *Client) FactorCreate(entity Entity, params FactorParams) *Create[Factor] {
	name := *cmp.Or(params.FriendlyName, new(string))
	return &Create[Factor]{
		client:    c,
		noun:      "factor",
		scope:     entity.scope(),
		key:       strings.Join([]string{entity.scope(), string(params.FactorType), name}, "\x00"),
		operation: OperationCreateFactor,
		post: func(ctx context.Context) (*Factor, error) {
			return c.doFactor(ctx, &call{endpoint: createFactor, form: params.form()}, entity, "")
		},
		list:      func(ctx context.Context) iter.Seq2[*Factor, error] { return c.Factors(ctx, entity, MaxPageSize) },
		resembles: params.resembles,
		hasKey:    func(f *Factor) bool { return f.FactorType != "" && f.FriendlyName != "" },
		sid:       factors.sid,
		date:      func(f *Factor) string { return f.DateCreated },
		conflict:  CodeBindingExists,
		remove:    func(ctx context.Context, sid string) error { return c.DeleteFactor(ctx, entity, sid) },
		visible:   c.serviceVisible(entity.ServiceSID),
	}
}

// resembles reports whether the factor could be the result of a create with these parameters. An
// empty field in the response matches anything.
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
