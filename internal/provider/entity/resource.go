// SPDX-License-Identifier: MPL-2.0

// Package entity implements the resource, data source, and list resource for entities of a Verify
// service. An entity owns the factors of an identity.
package entity

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// TypeName is the name of the resource and its list resource.
const TypeName = "twilio_verify_entity"

type entityResource struct {
	shared.Resource
	shared.ResourceIdentity
}

var (
	_ resource.ResourceWithConfigure   = (*entityResource)(nil)
	_ resource.ResourceWithIdentity    = (*entityResource)(nil)
	_ resource.ResourceWithImportState = (*entityResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*entityResource)(nil)
	_ resource.ResourceWithMoveState   = (*entityResource)(nil)
)

// NewResource returns the resource twilio_verify_entity.
func NewResource() resource.Resource {
	return &entityResource{shared.Resource{TypeName: TypeName}, resourceIdentity}
}

func (r *entityResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

// Create does not search for the entity after an unknown outcome, because the next apply takes over
// an existing entity.
func (r *entityResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan := codec.Read(ctx, req.Plan.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	unlock, err := r.EntityLocks.Lock(ctx, entityKey(plan))
	if err != nil {
		resp.Diagnostics.Append(r.ErrorDiagnostic(&client.Error{Operation: client.OperationCreateEntity, Err: err}, createSubject(plan)))
		return
	}
	defer unlock()
	entity, err := r.Client.CreateEntity(ctx, plan.entity())
	if err != nil {
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, createSubject(plan)))
		return
	}
	plan.complete(newAPIAttributes(plan.ServiceSID, entity))
	codec.Write(ctx, plan, &resp.State.Raw, &resp.Diagnostics)
	r.Set(resp.Identity, plan.identity())
	r.WarnOtherAccount("entity", plan.name(), entity.AccountSID, &resp.Diagnostics)
	r.KeptEntities.Store(entityKey(plan), objectName(ctx, resp.Private, &resp.Diagnostics))
}

func (r *entityResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	r.SetMissing(resp.Identity, state.identity())
	entity, err := r.Client.FetchEntity(ctx, state.entity())
	switch {
	case client.IsNotFound(err):
		if confirmDeleted(ctx, r.ProviderData, state, &resp.Diagnostics) {
			warnDeleted(state, &resp.Diagnostics)
			resp.State.RemoveResource(ctx)
		}
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot read the entity", state)))
	case r.ReportOtherAccount("entity", state.name(), entity.AccountSID, &resp.Diagnostics):
	case r.isSecondObject(ctx, state, entity.SID, resp.Private, &resp.Diagnostics):
		resp.State.RemoveResource(ctx)
	default:
		state.refresh(entity)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
	}
}

// Update makes no request. Only force_destroy, which Twilio does not have, and the case of the
// identity, which it ignores, can change. If an earlier apply replaced the entity with itself and
// failed, Terraform deletes the old object after the update, and the entity must not be deleted.
func (r *entityResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, state := codec.Read(ctx, req.Plan.Raw, &resp.Diagnostics), codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	r.KeptEntities.Store(entityKey(state), objectName(ctx, resp.Private, &resp.Diagnostics))
	r.SetMissing(resp.Identity, state.identity())
	plan.complete(state.apiAttributes)
	codec.Write(ctx, plan, &resp.State.Raw, &resp.Diagnostics)
}

func (r *entityResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) ||
		r.ReportOtherAccount("entity", state.name(), state.AccountSID.ValueString(), &resp.Diagnostics) {
		return
	}
	unlock, err := r.EntityLocks.Lock(ctx, entityKey(state))
	if err != nil {
		resp.Diagnostics.Append(r.ErrorDiagnostic(&client.Error{Operation: client.OperationDeleteEntity, Err: err}, newSubject("Cannot delete the entity", state)))
		return
	}
	defer unlock()
	if r.keptByOther(ctx, state, req.Private, &resp.Diagnostics) {
		warnKept(state, &resp.Diagnostics)
		return
	}
	if !state.ForceDestroy.ValueBool() && !r.confirmEmpty(ctx, state, &resp.Diagnostics) {
		return
	}
	err = r.Client.DeleteEntity(ctx, state.entity())
	switch {
	case client.IsNotFound(err):
		confirmDeleted(ctx, r.ProviderData, state, &resp.Diagnostics)
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot delete the entity", state)))
	}
}
