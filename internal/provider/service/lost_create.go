// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	adviceApplyAgain = "The resource is in the state as tainted, without a SID. Apply again: the provider then looks for the service, deletes it if it exists, and creates a new one."
	adviceAmbiguous  = "None of them was taken into the state or deleted. Find out which one belongs to this resource and delete it, run terraform state rm for the resource, and apply again."
)

// createFailed reports a failed create. If it has an unknown outcome, the state keeps what
// identifies the service, so that the next apply finds it.
func (r *serviceResource) createFailed(ctx context.Context, c change, err error, resp *resource.CreateResponse) {
	s := newSubject("Cannot create the service", c.plan)
	var unknown *client.UnknownOutcomeError
	if !errors.As(err, &unknown) {
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, s))
		return
	}
	c.plan.complete(nil, nil)
	// The account is all that tells a later search that it looks in the right place.
	c.plan.AccountSID = shared.OptionalString(r.Credentials.AccountSID)
	note, noteErr := shared.PendingURL(unknown.Pending)
	if noteErr != nil {
		resp.Diagnostics.AddError("Cannot encode the note about the service", noteErr.Error())
	}
	c.plan.URL = note
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	s.Summary = "Service creation result unknown"
	d := r.ErrorDiagnostic(unknown.Err, s)
	outcome := "The provider looked for the service, and could neither find it nor rule it out. " + adviceApplyAgain
	if unknown.Pending.Ambiguous {
		outcome = fmt.Sprintf("These services could be the new one: %s. %s", strings.Join(unknown.SIDs, ", "), adviceAmbiguous)
	}
	resp.Diagnostics.AddError(d.Summary(), d.Detail()+"\n\n"+outcome)
}

// readPending looks for a service whose creation has an unknown outcome. If there is none, the
// resource is removed from the state, and the next plan creates it.
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
		resp.Diagnostics.Append(r.stillUnknownDiagnostic(err, state))
	case service == nil:
		// Terraform before 1.12 does not accept a removal without a resource identity.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
		resp.State.RemoveResource(ctx)
	default:
		state.URL = types.StringNull()
		state.refresh(service)
		codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
	}
}

// deletePending deletes a service whose creation has an unknown outcome, if it exists.
func (r *serviceResource) deletePending(ctx context.Context, state *resourceModel, diags *diag.Diagnostics) {
	pending, err := shared.ParsePendingURL(state.URL)
	if err == nil {
		err = r.Client.DeletePendingService(ctx, state.params(nil), pending)
	}
	if err != nil {
		diags.Append(r.stillUnknownDiagnostic(err, state))
	}
}

func (r *serviceResource) stillUnknownDiagnostic(err error, m *resourceModel) diag.Diagnostic {
	var unknown *client.UnknownOutcomeError
	if errors.As(err, &unknown) && len(unknown.SIDs) > 0 {
		return diag.NewErrorDiagnostic("Service creation result unknown",
			fmt.Sprintf("The response to an earlier create of service %q was lost. These services could be the one that it made: %s. %s",
				m.FriendlyName.ValueString(), strings.Join(unknown.SIDs, ", "), adviceAmbiguous))
	}
	return r.ErrorDiagnostic(err, newSubject("Cannot look for the service of an earlier create", m))
}
