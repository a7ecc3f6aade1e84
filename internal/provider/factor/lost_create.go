// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// createFailed reports a failed create. If its outcome is unknown, it saves a note in the state
// with which the next apply can find the factor.
func (r *factorResource) createFailed(ctx context.Context, c change, err error, resp *resource.CreateResponse) {
	var unknown *client.UnknownOutcomeError
	if !errors.As(err, &unknown) {
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, c.createSubject()))
		return
	}
	c.plan.complete(nil, nil)
	note, noteErr := shared.PendingURL(unknown.Pending)
	if noteErr != nil {
		resp.Diagnostics.AddError("Cannot encode the note about the factor", noteErr.Error())
	}
	c.plan.URL = note
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	resp.Diagnostics.Append(r.UnknownOutcomeDiagnostic(unknown, "factor", c.createSubject()))
}

// completeRecovered completes a factor that was found after its response was lost. It composes the
// values that only the lost response contained, if possible.
func (r *factorResource) completeRecovered(ctx context.Context, c change, private privateState, diags *diag.Diagnostics) {
	if !c.plan.isType(client.FactorTypeTOTP) {
		return
	}
	if c.config.BindingSecret.IsNull() && c.config.BindingSecretWO.IsNull() {
		diags.AddError("Generated secret lost",
			fmt.Sprintf("Twilio created factor %s of identity %q, but the response, which was the only copy of the generated secret, was lost. "+
				"The factor is in the state as tainted, and the next apply replaces it.", c.plan.SID.ValueString(), c.plan.Identity.ValueString()))
		return
	}
	composed := r.composeURI(ctx, c.plan)
	setKey(ctx, private, uriPendingKey, !composed, diags)
}

// composeURI sets the binding URI to the one that Twilio issued, and reports whether it could read
// the issuer. With a write-only secret the URI is null, because it would contain the secret.
func (r *factorResource) composeURI(ctx context.Context, m *resourceModel) bool {
	if m.BindingSecret.IsNull() {
		return true
	}
	service, err := r.Service(ctx, m.ServiceSID.ValueString())
	if err != nil {
		return false
	}
	m.BindingURI = types.StringValue(totp.URI(service.Issuer(), m.FriendlyName.ValueString(), m.BindingSecret.ValueString(), m.totpConfig()))
	return true
}

// readPending searches for a factor whose create has an unknown outcome. If there is none, it
// removes the resource from the state, and the next plan creates it.
func (r *factorResource) readPending(ctx context.Context, state *resourceModel, resp *resource.ReadResponse) {
	pending, err := shared.ParsePendingURL(state.URL)
	var factor *client.Factor
	if err == nil {
		factor, err = r.Client.ResolvePending(ctx, state.entity(), state.createParams(state.BindingSecret), pending)
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(r.StillUnknownDiagnostic(err, "factor", newSubject("", state, state)))
	case factor == nil:
		// Terraform before 1.12 requires a resource identity for a removal.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
		resp.State.RemoveResource(ctx)
	default:
		r.saveRead(ctx, state, factor, resp)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
	}
}

// deletePending deletes a factor whose create has an unknown outcome, if it exists.
func (r *factorResource) deletePending(ctx context.Context, state *resourceModel, diags *diag.Diagnostics) {
	pending, err := shared.ParsePendingURL(state.URL)
	if err == nil {
		err = r.Client.DeletePending(ctx, state.entity(), state.createParams(state.BindingSecret), pending)
	}
	if err != nil {
		diags.Append(r.StillUnknownDiagnostic(err, "factor", newSubject("", state, state)))
	}
}
