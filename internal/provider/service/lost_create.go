// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"errors"
	"fmt"

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
	// A later search needs the account and the credentials to check that it searches in the right
	// account.
	c.plan.AccountSID = shared.OptionalString(r.Credentials.AccountSID)
	unknown.Pending.Username = r.Credentials.Username
	note, noteErr := shared.PendingURL(unknown.Pending)
	if noteErr != nil {
		resp.Diagnostics.AddError("Cannot encode the note about the service", noteErr.Error())
	}
	c.plan.URL = note
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	resp.Diagnostics.Append(r.UnknownOutcomeDiagnostic(unknown, "service", s))
}

// seesPending reports whether the credentials belong to the account of a service whose create has an
// unknown outcome. If that is not certain, it adds an error: a search in another account finds
// nothing.
func (r *serviceResource) seesPending(ctx context.Context, state *resourceModel, pending client.Pending, diags *diag.Diagnostics) bool {
	accountSID := state.AccountSID.ValueString()
	switch {
	case r.ReportOtherAccount("service", "pending", accountSID, diags):
		return false
	case pending.Username == r.Credentials.Username, accountSID != "" && r.Credentials.ProvesAccount():
		return true
	}
	if visible, err := r.VisibleAccount(ctx); err == nil && accountSID != "" && visible == accountSID {
		return true
	}
	diags.AddError("Service creation result unknown",
		fmt.Sprintf("The response to an earlier create of service %q was lost. The create was sent by %s, and the credentials are now those of %s (%s), which may belong to another account. "+
			"Apply again with the earlier credentials. Or, if there is no such service, run terraform state rm for the resource.",
			state.FriendlyName.ValueString(), pending.Username, r.Credentials.Username, r.Credentials.Source))
	return false
}

// readPending searches for a service whose create has an unknown outcome. If there is none, it
// removes the resource from the state, and the next plan creates it.
func (r *serviceResource) readPending(ctx context.Context, state *resourceModel, resp *resource.ReadResponse) {
	pending, err := shared.ParsePendingURL(state.URL)
	if err == nil && !r.seesPending(ctx, state, pending, &resp.Diagnostics) {
		return
	}
	var service *client.Service
	if err == nil {
		service, err = r.Client.ResolvePendingService(ctx, state.params(nil), pending)
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(r.StillUnknownDiagnostic(err, "service", newSubject("", state)))
	case service == nil:
		// The framework requires a resource identity that is not null, even for a removal.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{SID: types.StringValue("")})...)
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
	if err == nil && !r.seesPending(ctx, state, pending, diags) {
		return
	}
	if err == nil {
		err = r.Client.DeletePendingService(ctx, state.params(nil), pending)
	}
	if err != nil {
		diags.Append(r.StillUnknownDiagnostic(err, "service", newSubject("", state)))
	}
}
