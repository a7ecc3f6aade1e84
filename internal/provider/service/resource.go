// SPDX-License-Identifier: MPL-2.0

// Package service implements the resource, data sources, and list resource for Verify services,
// which contain identities and their factors.
package service

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// TypeName is the name of the resource, its list resource, and its data source.
const TypeName = "twilio_verify_service"

type serviceResource struct {
	shared.Resource
	shared.ResourceIdentity
}

var (
	_ resource.ResourceWithConfigure      = (*serviceResource)(nil)
	_ resource.ResourceWithIdentity       = (*serviceResource)(nil)
	_ resource.ResourceWithImportState    = (*serviceResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*serviceResource)(nil)
	_ resource.ResourceWithValidateConfig = (*serviceResource)(nil)
	_ resource.ResourceWithMoveState      = (*serviceResource)(nil)
)

// NewResource returns the resource twilio_verify_service.
func NewResource() resource.Resource {
	return &serviceResource{shared.Resource{TypeName: TypeName}, resourceIdentity}
}

func (r *serviceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *serviceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	c := readChange(ctx, req.Plan.Raw, req.Config.Raw, tftypes.Value{}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	service, err := r.Client.CreateService(ctx, c.plan.params(nil))
	if err != nil {
		r.createFailed(ctx, c, err, resp)
		return
	}
	c.plan.complete(service, nil)
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	r.Set(resp.Identity, c.plan.identity())
	c.rememberUncleared(ctx, service, resp.Private, &resp.Diagnostics)
	r.KeepService(service)
	r.WarnOtherAccount("service", service.SID, service.AccountSID, &resp.Diagnostics)
}

func (r *serviceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	if state.SID.IsNull() {
		r.readLost(ctx, state, resp)
		return
	}
	r.SetMissing(resp.Identity, state.identity())
	service, err := r.Client.FetchService(ctx, state.SID.ValueString())
	switch {
	case client.IsNotFound(err):
		if r.confirmDeleted(ctx, state, &resp.Diagnostics) {
			warnDeleted(state, &resp.Diagnostics)
			resp.State.RemoveResource(ctx)
		}
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot read the service", state)))
	case r.ReportOtherAccount("service", service.SID, service.AccountSID, &resp.Diagnostics):
	default:
		state.refresh(service)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
	}
}

func (r *serviceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	c := readChange(ctx, req.Plan.Raw, req.Config.Raw, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) ||
		r.ReportOtherAccount("service", c.state.SID.ValueString(), c.state.AccountSID.ValueString(), &resp.Diagnostics) {
		return
	}
	r.SetMissing(resp.Identity, c.state.identity())
	var service *client.Service
	if params := c.plan.params(c.state); params != (client.ServiceParams{}) {
		var err error
		service, err = r.Client.UpdateService(ctx, c.plan.SID.ValueString(), params)
		if err != nil {
			resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot update the service", c.plan)))
			return
		}
		r.KeepService(service)
		c.rememberUncleared(ctx, service, resp.Private, &resp.Diagnostics)
	}
	c.plan.complete(service, c.state)
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
}

func (r *serviceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	if state.SID.IsNull() {
		r.lostCreate(state).Delete(ctx, r.ProviderData, &resp.Diagnostics)
		return
	}
	if r.ReportOtherAccount("service", state.SID.ValueString(), state.AccountSID.ValueString(), &resp.Diagnostics) {
		return
	}
	if !state.ForceDestroy.ValueBool() && !r.confirmEmpty(ctx, state, &resp.Diagnostics) {
		return
	}
	err := r.Client.DeleteService(ctx, state.SID.ValueString())
	switch {
	case client.IsNotFound(err):
		r.confirmDeleted(ctx, state, &resp.Diagnostics)
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot delete the service", state)))
	}
}
