// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// createFailed reports a failed create. If its outcome is unknown, it saves a note in the state
// with which the next apply can find the webhook.
func (r *webhookResource) createFailed(ctx context.Context, plan *model, err error, resp *resource.CreateResponse) {
	if note, unknown := r.CreateFailed(err, createSubject(plan), &resp.Diagnostics); unknown {
		plan.complete(nil, nil)
		plan.URL = note
		codec.Write(ctx, plan, &resp.State.Raw, &resp.Diagnostics)
	}
}

// lostCreate returns the create of the webhook, whose outcome is unknown.
func (r *webhookResource) lostCreate(state *model) shared.LostCreate[client.Webhook] {
	return shared.LostCreate[client.Webhook]{
		Create:  r.Client.WebhookCreate(state.ServiceSID.ValueString(), state.params(nil)),
		URL:     state.URL,
		Subject: newSubject("", state),
	}
}

// readLost searches for a webhook whose create has an unknown outcome. If there is none, it removes
// the resource from the state, and the next plan creates it.
func (r *webhookResource) readLost(ctx context.Context, state *model, resp *resource.ReadResponse) {
	webhook, certain := r.lostCreate(state).Find(ctx, r.ProviderData, &resp.Diagnostics)
	switch {
	case !certain:
		return
	case webhook == nil:
		resp.State.RemoveResource(ctx)
	default:
		state.URL = types.StringNull()
		state.refresh(webhook)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
	}
	// The framework requires a resource identity even for a removal.
	r.Set(resp.Identity, state.identity())
}
