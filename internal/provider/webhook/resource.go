// SPDX-License-Identifier: MPL-2.0

// Package webhook implements the resource, data source, and list resource for webhooks of a Verify
// service, which receive events about factors and challenges.
package webhook

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// TypeName is the name of the resource, its list resource, and its data source.
const TypeName = "twilio_verify_webhook"

type webhookResource struct {
	shared.Resource
	shared.ResourceIdentity
}

var (
	_ resource.ResourceWithConfigure   = (*webhookResource)(nil)
	_ resource.ResourceWithIdentity    = (*webhookResource)(nil)
	_ resource.ResourceWithImportState = (*webhookResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*webhookResource)(nil)
	_ resource.ResourceWithMoveState   = (*webhookResource)(nil)
)

// NewResource returns the resource twilio_verify_webhook.
func NewResource() resource.Resource {
	return &webhookResource{shared.Resource{TypeName: TypeName}, resourceIdentity}
}

func (r *webhookResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *webhookResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan := codec.Read(ctx, req.Plan.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	webhook, err := r.Client.CreateWebhook(ctx, plan.ServiceSID.ValueString(), plan.params(nil))
	if err != nil {
		r.createFailed(ctx, plan, err, resp)
		return
	}
	plan.complete(webhook, nil)
	codec.Write(ctx, plan, &resp.State.Raw, &resp.Diagnostics)
	r.Set(resp.Identity, plan.identity())
	r.WarnOtherAccount("webhook", webhook.SID, webhook.AccountSID, &resp.Diagnostics)
}

func (r *webhookResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	if state.SID.IsNull() {
		r.readLost(ctx, state, resp)
		return
	}
	r.SetMissing(resp.Identity, state.identity())
	webhook, err := r.Client.FetchWebhook(ctx, state.ServiceSID.ValueString(), state.SID.ValueString())
	switch {
	case client.IsNotFound(err):
		if confirmDeleted(ctx, r.ProviderData, state, &resp.Diagnostics) {
			warnDeleted(state, &resp.Diagnostics)
			resp.State.RemoveResource(ctx)
		}
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot read the webhook", state)))
	case r.ReportOtherAccount("webhook", webhook.SID, webhook.AccountSID, &resp.Diagnostics):
	default:
		state.refresh(webhook)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
	}
}

func (r *webhookResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, state := codec.Read(ctx, req.Plan.Raw, &resp.Diagnostics), codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) ||
		r.ReportOtherAccount("webhook", state.SID.ValueString(), state.AccountSID.ValueString(), &resp.Diagnostics) {
		return
	}
	r.SetMissing(resp.Identity, state.identity())
	var webhook *client.Webhook
	// An unknown value in the plan may turn out to be the one in the state.
	if params := plan.params(state); !reflect.ValueOf(params).IsZero() {
		var err error
		webhook, err = r.Client.UpdateWebhook(ctx, plan.ServiceSID.ValueString(), plan.SID.ValueString(), params)
		if err != nil {
			resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot update the webhook", plan)))
			return
		}
	}
	plan.complete(webhook, state)
	codec.Write(ctx, plan, &resp.State.Raw, &resp.Diagnostics)
}

func (r *webhookResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	if state.SID.IsNull() {
		r.lostCreate(state).Delete(ctx, r.ProviderData, &resp.Diagnostics)
		return
	}
	if r.ReportOtherAccount("webhook", state.SID.ValueString(), state.AccountSID.ValueString(), &resp.Diagnostics) {
		return
	}
	err := r.Client.DeleteWebhook(ctx, state.ServiceSID.ValueString(), state.SID.ValueString())
	switch {
	case client.IsNotFound(err):
		confirmDeleted(ctx, r.ProviderData, state, &resp.Diagnostics)
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot delete the webhook", state)))
	}
}
