// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// warnDeleted warns that a factor was deleted outside Terraform. It does not warn during an import,
// when the factor was never in the state.
func warnDeleted(m *resourceModel, diags *diag.Diagnostics) {
	if m.FactorType.IsNull() {
		return
	}
	secret := "The next apply creates a new factor. " +
		"Unless the configuration sets the secret, the factor gets a new secret, and everything that uses the old one has to be enrolled again."
	if m.isType(client.FactorTypePush) {
		secret = "The next apply creates a new factor with the configured public key."
	}
	reason := ""
	if !m.isVerified() {
		reason = " It was never verified, and Twilio deletes such a factor 1 to 24 hours after its creation. To keep the next one, verify it: " +
			"set auto_verify = true (TOTP), or auth_payload_wo."
	}
	diags.AddWarning("Factor deleted outside Terraform",
		fmt.Sprintf("Factor %s of identity %q no longer exists.%s %s", m.SID.ValueString(), m.Identity.ValueString(), reason, secret))
}
