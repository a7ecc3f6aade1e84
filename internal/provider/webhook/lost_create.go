// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// createFailed reports a failed create. If its outcome is unknown, it saves a note in the state
// with which the next apply can find the webhook.
func (r *webhookResource) createFailed(ctx context.Context, plan *model, err error, resp *resource.CreateResponse) {
	s := createSubject(plan)
	var unknown *client.UnknownOutcomeError
	if !errors.As(err, &unknown) {
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, s))
		return
	}
	plan.complete(nil, nil)
	note, noteErr := shared.PendingURL(unknown.Pending)
	if noteErr != nil {
		resp.Diagnostics.AddError("Cannot encode the note about the webhook", noteErr.Error())
	}
	plan.URL = note
	codec.Write(ctx, plan, &resp.State.Raw, &resp.Diagnostics)
	resp.Diagnostics.Append(r.UnknownOutcomeDiagnostic(unknown, "webhook", s))
}

// readPending searches for a webhook whose create has an unknown outcome. If there is none, it
// removes the resource from the state, and the next plan creates it.
func (r *webhookResource) readPending(ctx context.Context, state *model, resp *resource.ReadResponse) {
	pending, err := shared.ParsePendingURL(state.URL)
	var webhook *client.Webhook
	if err == nil {
		webhook, err = r.Client.ResolvePendingWebhook(ctx, state.ServiceSID.ValueString(), state.params(nil), pending)
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(r.StillUnknownDiagnostic(err, "webhook", newSubject("", state)))
	case webhook == nil:
		// Terraform before 1.12 requires a resource identity for a removal.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
		resp.State.RemoveResource(ctx)
	default:
		state.URL = types.StringNull()
		state.refresh(webhook)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
	}
}

// deletePending deletes a webhook whose create has an unknown outcome, if it exists.
func (r *webhookResource) deletePending(ctx context.Context, state *model, diags *diag.Diagnostics) {
	pending, err := shared.ParsePendingURL(state.URL)
	if err == nil {
		err = r.Client.DeletePendingWebhook(ctx, state.ServiceSID.ValueString(), state.params(nil), pending)
	}
	if err != nil {
		diags.Append(r.StillUnknownDiagnostic(err, "webhook", newSubject("", state)))
	}
}
