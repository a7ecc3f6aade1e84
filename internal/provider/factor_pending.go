// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// pendingScheme begins the url of a factor whose create brought no answer. What
// is known of it follows, as JSON. Private state would be the place for it, but
// of a tainted resource Terraform gives none to the delete.
const pendingScheme = "pending:"

func pendingURL(pending client.Pending) (types.String, error) {
	text, err := json.Marshal(pending)
	return types.StringValue(pendingScheme + string(text)), err
}

// pending is what is known of a factor that the state has no SID of.
func (m *factorResourceModel) pending() (pending client.Pending, err error) {
	text, ok := strings.CutPrefix(m.URL.ValueString(), pendingScheme)
	if !ok {
		return pending, errors.New("the state has neither a SID nor a note of a create without an answer; run terraform state rm for this resource, and import the factor if there is one")
	}
	err = json.Unmarshal([]byte(text), &pending)
	return pending, err
}

// lostDiagnostic reports a create of which nobody can tell what became.
func (r *factorResource) lostDiagnostic(lost *client.LostAnswerError, m, config *factorResourceModel) diag.Diagnostic {
	d := r.conn.errorDiagnostic(lost.Err, factorSubject("A factor may have been created unseen", m, config))
	what := "It was looked for, and neither found nor ruled out. " + replaceAnew
	switch {
	case len(lost.SIDs) > lost.Pending.Lost:
		what = fmt.Sprintf("These came at the same time and look the same, and some are somebody else's: %s. %s", strings.Join(lost.SIDs, ", "), tellThemApart)
	case len(lost.SIDs) > 0:
		what = fmt.Sprintf("It is one of these, which came at the same time and look the same: %s. %s", strings.Join(lost.SIDs, ", "), replaceAnew)
	}
	return diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\n"+what)
}

// What the user does about a lost factor.
const (
	replaceAnew   = "The resource stays in the state as tainted, without a SID. Apply again: the provider then looks for the factor, deletes it if it is there, and creates it anew."
	tellThemApart = "None of them was taken. Find out which one is this resource's and delete it, run terraform state rm for the resource, and apply again to create it anew."
)

// bindingGiven tells whether the secret or key is the user's own.
func (m *factorResourceModel) bindingGiven() bool {
	return !m.BindingSecret.IsNull() || !m.BindingSecretWOVersion.IsNull() || !m.BindingPublicKey.IsNull()
}

// readPending looks for a factor whose create brought no answer. Nothing found
// means that there is none, and the next plan creates it. Of several that were
// lost with secrets or keys of their own it cannot be told which is whose; the delete
// before the next create takes them all.
func (r *factorResource) readPending(ctx context.Context, state *factorResourceModel, resp *resource.ReadResponse) {
	pending, err := state.pending()
	if pending.Lost > 1 && state.bindingGiven() {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
		return
	}
	var factor *client.Factor
	if err == nil {
		factor, err = r.conn.ResolvePending(ctx, state.entity(), state.createParams(state.BindingSecret), pending)
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(r.lostAgain(err, state))
	case factor == nil:
		// Without an identity Terraform before 1.12 takes no removal.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
		resp.State.RemoveResource(ctx)
	default:
		r.saveRead(ctx, state, factor, resp)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel())...)
	}
}

// deletePending deletes what a create without an answer may have made.
func (r *factorResource) deletePending(ctx context.Context, state *factorResourceModel, diags *diag.Diagnostics) {
	pending, err := state.pending()
	if err == nil {
		err = r.conn.DeletePending(ctx, state.entity(), state.createParams(state.BindingSecret), pending)
	}
	if err != nil {
		diags.Append(r.lostAgain(err, state))
	}
}

func (r *factorResource) lostAgain(err error, m *factorResourceModel) diag.Diagnostic {
	var lost *client.LostAnswerError
	if errors.As(err, &lost) && len(lost.SIDs) > 0 {
		return diag.NewErrorDiagnostic("Several factors may be the lost one",
			fmt.Sprintf("An earlier create of a factor %q for identity %q brought no answer. These came at the same time and look the same, and some are somebody else's: %s. %s",
				m.FriendlyName.ValueString(), m.Identity.ValueString(), strings.Join(lost.SIDs, ", "), tellThemApart))
	}
	return r.conn.errorDiagnostic(err, factorSubject("Cannot clear up the lost factor", m, m))
}
