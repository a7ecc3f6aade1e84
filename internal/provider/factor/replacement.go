// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

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
