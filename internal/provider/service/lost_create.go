// SPDX-License-Identifier: MPL-2.0

package service

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
// with which the next apply can find the service.
func (r *serviceResource) createFailed(ctx context.Context, c change, err error, resp *resource.CreateResponse) {
	s := newSubject("Cannot create the service", c.plan)
	var unknown *client.UnknownOutcomeError
	if !errors.As(err, &unknown) {
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, s))
		return
	}
	c.plan.complete(nil, nil)
	// A later search needs the account to check that it searches in the right one.
	c.plan.AccountSID = shared.OptionalString(r.Credentials.AccountSID)
	note, noteErr := shared.PendingURL(unknown.Pending)
	if noteErr != nil {
		resp.Diagnostics.AddError("Cannot encode the note about the service", noteErr.Error())
	}
	c.plan.URL = note
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	resp.Diagnostics.Append(r.UnknownOutcomeDiagnostic(unknown, "service", s))
}

// readPending searches for a service whose create has an unknown outcome. If there is none, it
// removes the resource from the state, and the next plan creates it.
func (r *serviceResource) readPending(ctx context.Context, state *resourceModel, resp *resource.ReadResponse) {
	if r.ReportOtherAccount("service", "pending", state.AccountSID.ValueString(), &resp.Diagnostics) {
		return
	}
	pending, err := shared.ParsePendingURL(state.URL)
	var service *client.Service
	if err == nil {
		service, err = r.Client.ResolvePendingService(ctx, state.params(nil), pending)
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(r.StillUnknownDiagnostic(err, "service", newSubject("", state)))
	case service == nil:
		// Terraform before 1.12 requires a resource identity for a removal.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
		resp.State.RemoveResource(ctx)
	default:
		state.URL = types.StringNull()
		state.refresh(service)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
	}
}

// deletePending deletes a service whose create has an unknown outcome, if it exists.
func (r *serviceResource) deletePending(ctx context.Context, state *resourceModel, diags *diag.Diagnostics) {
	pending, err := shared.ParsePendingURL(state.URL)
	if err == nil {
		err = r.Client.DeletePendingService(ctx, state.params(nil), pending)
	}
	if err != nil {
		diags.Append(r.StillUnknownDiagnostic(err, "service", newSubject("", state)))
	}
}
