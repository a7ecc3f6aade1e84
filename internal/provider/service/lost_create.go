// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// createFailed reports a failed create. If its outcome is unknown, the state keeps what identifies
// the service, so the next apply can find it.
func (r *serviceResource) createFailed(ctx context.Context, c change, err error, resp *resource.CreateResponse) {
	if note, unknown := r.CreateFailed(err, newSubject("Cannot create the service", c.plan), &resp.Diagnostics); unknown {
		c.plan.complete(nil, nil)
		// A later search needs the account to check that it searches in the right one.
		c.plan.AccountSID = shared.OptionalString(r.Credentials.AccountSID)
		c.plan.URL = note
		codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	}
}

// lostCreate returns the create of the service, whose outcome is unknown.
func (r *serviceResource) lostCreate(state *resourceModel) shared.LostCreate[client.Service] {
	return shared.LostCreate[client.Service]{
		Create:  r.Client.ServiceCreate(state.params(nil)),
		URL:     state.URL,
		Subject: newSubject("", state),
		Visible: func(ctx context.Context, note client.Note, diags *diag.Diagnostics) bool {
			return r.seesLost(ctx, state, note, diags)
		},
	}
}

// seesLost reports whether the credentials belong to the account of a service whose create has an
// unknown outcome. If that is not certain, it adds an error: a search in another account finds
// nothing.
func (r *serviceResource) seesLost(ctx context.Context, state *resourceModel, note client.Note, diags *diag.Diagnostics) bool {
	if note.Username == r.Credentials.Username {
		return true
	}
	accountSID := state.AccountSID.ValueString()
	if r.ReportOtherAccount("service", strconv.Quote(state.FriendlyName.ValueString()), accountSID, diags) {
		return false
	}
	if accountSID != "" && r.Credentials.ProvesAccount() {
		return true
	}
	if visible, err := r.VisibleAccount(ctx); err == nil && accountSID != "" && visible == accountSID {
		return true
	}
	diags.AddError("Service creation result unknown",
		fmt.Sprintf("The response to an earlier create of service %q was lost. The create was sent by %s, and the credentials are now those of %s (%s), which may belong to another account. "+
			"Apply again with the earlier credentials. Or, if there is no such service, run terraform state rm for the resource.",
			state.FriendlyName.ValueString(), note.Username, r.Credentials.Username, r.Credentials.Source))
	return false
}

// readLost searches for a service whose create has an unknown outcome. If there is none, it removes
// the resource from the state, and the next plan creates it.
func (r *serviceResource) readLost(ctx context.Context, state *resourceModel, resp *resource.ReadResponse) {
	service, certain := r.lostCreate(state).Find(ctx, r.ProviderData, &resp.Diagnostics)
	switch {
	case !certain:
		return
	case service == nil:
		// The framework requires a resource identity that is not null, even for a removal.
		state.SID = types.StringValue("")
		resp.State.RemoveResource(ctx)
	default:
		state.URL = types.StringNull()
		state.refresh(service)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
	}
	r.Set(resp.Identity, state.identity())
}
