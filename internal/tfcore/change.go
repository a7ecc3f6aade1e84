// SPDX-License-Identifier: MPL-2.0

package tfcore

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Action is what a plan does with an object.
type Action string

// The actions.
const (
	Nothing Action = "nothing"
	Create  Action = "create"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
)

// Change is the planned change of an object.
type Change struct {
	Action   Action
	Object   *Object // the prior object, or nil
	Planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// Destroys reports whether the change destroys the prior object.
func (c *Change) Destroys() bool { return c.Action == Delete || c.Action == Replace }

// Plan plans an object that may be nil. A tainted object is replaced, and so is any if force is set.
func (p *Provider) Plan(ctx context.Context, typeName string, o *Object, config tftypes.Value, force bool) (*Change, Diagnostics) {
	if o == nil || o.Tainted {
		c, _, diags := p.planFrom(ctx, typeName, nil, nil, config)
		c.Action = Create
		if c.Object = o; o != nil {
			c.Action = Replace
		}
		return c, diags
	}
	c, replace, diags := p.planFrom(ctx, typeName, o, o.Private, config)
	switch {
	case Failed(diags):
		return c, diags
	case replace || force:
		var more Diagnostics
		c, _, more = p.planFrom(ctx, typeName, nil, c.private, config)
		c.Action, c.Object = Replace, o
		return c, append(diags, more...)
	case c.Planned.Equal(o.Value):
		c.Action = Nothing
	default:
		c.Action = Update
	}
	c.Object = o
	return c, diags
}

// PlanDelete plans the destruction of an object.
func (p *Provider) PlanDelete(ctx context.Context, typeName string, o *Object) (*Change, Diagnostics) {
	null := p.Null(typeName)
	resp, err := p.Server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: Dynamic(o.Value), ProposedNewState: Dynamic(null), Config: Dynamic(null),
		PriorPrivate: o.Private, PriorIdentity: o.Identity,
	})
	c := &Change{Action: Delete, Object: o, Planned: null, identity: o.Identity}
	switch {
	case err != nil:
		return c, callFailed(err)
	case Failed(resp.Diagnostics):
		return c, resp.Diagnostics
	case !decode(resp.PlannedState, p.Type(typeName)).IsNull():
		return c, inconsistent("The plan of a destroy is not null.")
	}
	c.private = resp.PlannedPrivate
	return c, resp.Diagnostics
}

// planFrom makes one call, and checks the plan as Terraform does. The prior object may be nil.
func (p *Provider) planFrom(
	ctx context.Context, typeName string, o *Object, private []byte, config tftypes.Value,
) (c *Change, replace bool, diags Diagnostics) {
	prior := p.Null(typeName)
	var identity *tfprotov6.ResourceIdentityData
	if o != nil {
		prior, identity = o.Value, o.Identity
	}
	c = &Change{Planned: p.Null(typeName)}
	resp, err := p.Server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: Dynamic(prior), ProposedNewState: Dynamic(p.propose(typeName, prior, config)), Config: Dynamic(config),
		PriorPrivate: private, PriorIdentity: identity,
	})
	switch {
	case err != nil:
		return c, false, callFailed(err)
	case Failed(resp.Diagnostics):
		return c, false, resp.Diagnostics
	}
	c.Planned, c.private, c.identity = decode(resp.PlannedState, p.Type(typeName)), resp.PlannedPrivate, resp.PlannedIdentity
	before, after := Members(prior), Members(c.Planned)
	for _, path := range resp.RequiresReplace {
		name := strings.TrimSuffix(strings.TrimPrefix(path.String(), `AttributeName("`), `")`)
		replace = replace || !prior.IsNull() && !before[name].Equal(after[name])
	}
	return c, replace, append(resp.Diagnostics, p.checkPlan(typeName, before, Members(config), after)...)
}

// propose does what objchange.ProposedNew does for attributes.
func (p *Provider) propose(typeName string, prior, config tftypes.Value) tftypes.Value {
	proposed, before := Members(config), Members(prior)
	for _, a := range p.Schemas.ResourceSchemas[typeName].Block.Attributes {
		switch {
		case a.WriteOnly:
			proposed[a.Name] = tftypes.NewValue(a.Type, nil)
		case a.Computed && proposed[a.Name].IsNull() && before != nil:
			proposed[a.Name] = before[a.Name]
		}
	}
	return tftypes.NewValue(p.Type(typeName), proposed)
}

// checkPlan does what objchange.AssertPlanValid does for attributes.
func (p *Provider) checkPlan(typeName string, before, config, after map[string]tftypes.Value) Diagnostics {
	for _, a := range p.Schemas.ResourceSchemas[typeName].Block.Attributes {
		planned, wanted := after[a.Name], config[a.Name]
		asBefore := before != nil && !before[a.Name].IsNull() && planned.Equal(before[a.Name])
		switch {
		case a.WriteOnly && !planned.IsNull():
			return inconsistent("Write-only %s is in the plan.", a.Name)
		case a.WriteOnly, planned.Equal(wanted), a.Computed && wanted.IsNull(), asBefore && !wanted.IsNull():
		default:
			return inconsistent("Invalid plan: %s is neither the configured nor the prior value.", a.Name)
		}
	}
	return nil
}

// Execute plans a create or update again with the values that are known now, and carries it out.
// After a replacement's destroy, or before it with create_before_destroy, the object is nil.
func (p *Provider) Execute(ctx context.Context, typeName string, o *Object, planned *Change, config tftypes.Value) (*Object, Diagnostics) {
	var private []byte
	if o != nil {
		private = o.Private
	}
	final, replace, diags := p.planFrom(ctx, typeName, o, private, config)
	if Failed(diags) {
		return o, diags
	}
	if name := incompatible(planned.Planned, final.Planned); name != "" || replace {
		return o, append(diags, inconsistent("Inconsistent final plan: must be replaced: %t; %s", replace, name)...)
	}
	final.Action, final.Object = Create, o
	if o != nil {
		if final.Action = Update; final.Planned.Equal(o.Value) {
			return o, diags
		}
	}
	next, more := p.Apply(ctx, typeName, o, final, config)
	return next, append(diags, more...)
}

// Apply carries out a planned create, update, or delete. It returns the object that is then in the
// state, or nil if there is none.
func (p *Provider) Apply(ctx context.Context, typeName string, o *Object, c *Change, config tftypes.Value) (*Object, Diagnostics) {
	before := p.Null(typeName)
	if o != nil {
		before = o.Value
	}
	resp, err := p.Server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: Dynamic(before), PlannedState: Dynamic(c.Planned), Config: Dynamic(config),
		PlannedPrivate: c.private, PlannedIdentity: c.identity,
	})
	if err != nil {
		return o, callFailed(err)
	}
	diags := resp.Diagnostics
	next := p.object(typeName, resp.NewState, resp.Private, resp.NewIdentity, nil)
	if !Failed(diags) {
		diags = append(diags, checkResult(c, next)...)
	}
	failed := Failed(diags)
	switch {
	case next == nil && failed:
		return o, diags
	case next == nil:
		return nil, diags
	}
	if o != nil {
		next.Parents = o.Parents
	}
	next.Tainted = failed && (o == nil || o.Tainted)
	return next, diags
}

// checkResult performs the checks that Terraform performs after an apply without errors.
func checkResult(c *Change, o *Object) Diagnostics {
	switch {
	case c.Action == Delete && o != nil:
		return inconsistent("A destroy without errors left an object.")
	case c.Action == Delete:
	case o == nil:
		return inconsistent("There is no object after apply.")
	case !o.Value.IsFullyKnown():
		return inconsistent("There are unknown values after apply.")
	default:
		if name := incompatible(c.Planned, o.Value); name != "" {
			return inconsistent("Inconsistent result after apply: %s", name)
		}
	}
	return nil
}

// incompatible returns the name and values of an attribute that differs from its planned value, or
// "" if there is none.
func incompatible(planned, actual tftypes.Value) string {
	came := Members(actual)
	for name, value := range Members(planned) {
		if value.IsFullyKnown() && !value.Equal(came[name]) {
			return fmt.Sprintf("%s was planned as %s and is %s", name, value, came[name])
		}
	}
	return ""
}
