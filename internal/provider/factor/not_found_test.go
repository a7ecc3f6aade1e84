// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestFactor_WarnDeleted(t *testing.T) {
	t.Parallel()
	const summary = "Factor deleted outside Terraform"
	for name, test := range map[string]struct {
		factorType types.String
		status     string
		want       string
	}{
		"never known": {types.StringNull(), "", ""},
		"verified totp": {text("totp"), "verified", "no longer exists. The next apply creates a new factor. " +
			"Unless the configuration sets the secret, the factor gets a new secret,"},
		"verified push": {text("push"), "verified", "no longer exists. The next apply creates a new factor with the configured " +
			"public key."},
		"unverified totp": {text("totp"), "unverified", "It was never verified, and Twilio deletes such a factor 1 to 24 hours after its " +
			"creation."},
		"unverified push, too": {text("push"), "unverified", "auth_payload_wo. The next apply creates a new factor with the configured " +
			"public key."},
	} {
		m := resourceModel{apiAttributes: totpState()}
		m.FactorType, m.Status = test.factorType, text(test.status)
		var diags diag.Diagnostics
		warnDeleted(&m, &diags)
		var want map[string][2]string
		if test.want != "" {
			want = map[string][2]string{"": {summary, test.want}}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectDiagnostics(t, diags, want)
		})
	}
}
