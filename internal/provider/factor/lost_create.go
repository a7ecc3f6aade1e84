// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
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
	if note, unknown := r.CreateFailed(err, c.createSubject(), &resp.Diagnostics); unknown {
		c.plan.complete(nil, nil)
		c.plan.URL = note
		codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	}
}

// completeRecovered completes a factor that was found after its response was lost. It composes the
// values that only the lost response contained, if possible.
func (r *factorResource) completeRecovered(ctx context.Context, c change, private shared.PrivateState, diags *diag.Diagnostics) {
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

// lostCreate returns the create of the factor, whose outcome is unknown.
func (r *factorResource) lostCreate(state *resourceModel) shared.LostCreate[client.Factor] {
	return shared.LostCreate[client.Factor]{
		Create:  r.Client.FactorCreate(state.entity(), state.createParams(state.BindingSecret)),
		URL:     state.URL,
		Subject: newSubject("", state, state),
	}
}

// readLost searches for a factor whose create has an unknown outcome. If there is none, it removes
// the resource from the state, and the next plan creates it.
func (r *factorResource) readLost(ctx context.Context, state *resourceModel, resp *resource.ReadResponse) {
	factor, certain := r.lostCreate(state).Find(ctx, r.ProviderData, &resp.Diagnostics)
	switch {
	case !certain:
		return
	case factor == nil:
		resp.State.RemoveResource(ctx)
	default:
		state.URL = types.StringNull()
		r.saveRead(ctx, state, factor, resp)
	}
	// The framework requires a resource identity even for a removal.
	r.Set(resp.Identity, state.identity())
}
