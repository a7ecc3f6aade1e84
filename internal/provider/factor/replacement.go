// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// warnBindingKept warns about a replacement that keeps the secret or key. With
// create_before_destroy, Twilio refuses the new factor, because the old one still has it. It is not
// an error, because the provider cannot see whether create_before_destroy is set.
func (c change) warnBindingKept(replace path.Paths, diags *diag.Diagnostics) {
	attribute := c.keptBinding()
	if attribute == "" || !c.staysWithEntity() || len(replace) == 0 && !c.replacedForMetadata() {
		return
	}
	diags.AddAttributeWarning(path.Root(attribute), "Replacement keeps the secret or key",
		fmt.Sprintf("Factor %s of identity %q will be replaced, but %s does not change. Twilio refuses a second factor with the same secret or key (409 Conflict, error 60317). "+
			"With create_before_destroy on this resource, or on one that depends on it, the apply fails before the old factor is deleted: "+
			"change the secret or key as well (if it is write-only, increment binding_secret_wo_version), or remove create_before_destroy. "+
			"Without create_before_destroy the old factor is deleted first, and the apply succeeds.",
			c.state.SID.ValueString(), c.state.Identity.ValueString(), attribute))
}

// keptBinding returns the name of the attribute with the secret or key that does not change, or "".
// A write-only secret with the same version does not change.
func (c change) keptBinding() string {
	switch {
	case shared.Set(c.config.BindingPublicKey) && c.config.BindingPublicKey.Equal(c.state.BindingPublicKey):
		return "binding_public_key"
	case sameSecret(c.config.BindingSecret, c.state.BindingSecret):
		return "binding_secret"
	case sameSecret(c.config.BindingSecretWO, c.state.BindingSecret):
		return "binding_secret_wo"
	case shared.Set(c.config.BindingSecretWOVersion) && c.config.BindingSecretWOVersion.Equal(c.state.BindingSecretWOVersion):
		return "binding_secret_wo_version"
	}
	return ""
}

// staysWithEntity reports whether the new factor has the same identity and type. Different
// identities may use the same secret or key.
func (c change) staysWithEntity() bool {
	return c.plan.ServiceSID.Equal(c.state.ServiceSID) && !c.plan.Identity.IsUnknown() &&
		strings.EqualFold(c.plan.Identity.ValueString(), c.state.Identity.ValueString()) &&
		c.plan.isType(client.FactorType(c.state.FactorType.ValueString()))
}

// replacedForMetadata reports whether the schema replaces the factor because of its metadata, which
// [change.planBinding] does not check.
func (c change) replacedForMetadata() bool {
	bothEmpty := len(c.plan.Metadata.Elements()) == 0 && len(c.state.Metadata.Elements()) == 0
	return shared.Set(c.config.Metadata) && !bothEmpty && !c.config.Metadata.Equal(c.state.Metadata)
}

// group returns what a factor has in common with its replacement.
func (a *apiAttributes) group() string {
	return a.ServiceSID.ValueString() + "/" + strings.ToLower(a.Identity.ValueString()) + "/" + a.FactorType.ValueString()
}

// reportUnverified adds an error and returns true if a verified factor is to be deleted after
// another one could not be verified in the same apply. With create_before_destroy the other one
// replaces it.
func (r *factorResource) reportUnverified(state *resourceModel, diags *diag.Diagnostics) bool {
	unverified, found := r.Unverified.Load(state.group())
	if !found || !state.isVerified() {
		return false
	}
	diags.AddError("Factor kept, replacement unverified",
		fmt.Sprintf("Factor %s of identity %q was not deleted, because factor %s, which may replace it, could not be verified yet; see the warning about that one. "+
			"Deleting it now could leave the identity without a verified factor. Apply again: the provider verifies %s, and Terraform then deletes %s.",
			state.SID.ValueString(), state.Identity.ValueString(), unverified, unverified, state.SID.ValueString()))
	return true
}
