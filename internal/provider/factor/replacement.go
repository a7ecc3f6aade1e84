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

// warnBindingKept warns of a replacement that keeps the secret or key. With create_before_destroy,
// Twilio refuses the new factor, because the old one still has it. It is not an error: Terraform
// does not say which is created or destroyed first.
func (c change) warnBindingKept(replace path.Paths, diags *diag.Diagnostics) {
	attribute := c.keptBinding()
	if attribute == "" || !c.staysWithEntity() || len(replace) == 0 && !c.replacedForMetadata() {
		return
	}
	diags.AddAttributeWarning(path.Root(attribute), "Replacement keeps the secret or key",
		fmt.Sprintf("Factor %s of identity %q is to be replaced, and %s does not change. Twilio refuses a second factor with the same secret or key (409 Conflict, error 60317). "+
			"With create_before_destroy, on this resource or on one that depends on it, the apply therefore fails before the old factor is deleted: "+
			"change the secret or key as well (if it is write-only, increment binding_secret_wo_version), or remove create_before_destroy. "+
			"Without create_before_destroy the old factor is deleted first, and the apply succeeds.",
			c.state.SID.ValueString(), c.state.Identity.ValueString(), attribute))
}

// keptBinding returns the attribute of the secret or key that the configuration has in common with
// the state, empty if there is none. A write-only secret of the same version counts as the same.
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

// staysWithEntity reports whether the new factor is of the same identity and type. Another identity
// may have the same secret or key.
func (c change) staysWithEntity() bool {
	return c.plan.ServiceSID.Equal(c.state.ServiceSID) && !c.plan.Identity.IsUnknown() &&
		strings.EqualFold(c.plan.Identity.ValueString(), c.state.Identity.ValueString()) &&
		c.plan.isType(client.FactorType(c.state.FactorType.ValueString()))
}

// replacedForMetadata reports whether the schema replaces the factor for its metadata, which is not among
// the attributes of [change.planBinding].
func (c change) replacedForMetadata() bool {
	bothEmpty := len(c.plan.Metadata.Elements()) == 0 && len(c.state.Metadata.Elements()) == 0
	return shared.Set(c.config.Metadata) && !bothEmpty && !c.config.Metadata.Equal(c.state.Metadata)
}
