// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// verification is a verification of this apply that has not succeeded.
type verification struct {
	ended chan struct{}
	sid   string // of the factor, once ended is closed
}

// trackVerification records that this apply is to verify a factor. The returned function records
// the result that the plan then has.
func (r *factorResource) trackVerification(c change, method verifyMethod) (end func()) {
	if method == verifyNone {
		return func() {}
	}
	v := &verification{ended: make(chan struct{})}
	r.Unverified.Store(v, nil)
	return func() {
		v.sid = c.plan.SID.ValueString()
		if !shared.IsKnown(c.plan.SID) || c.plan.isVerified() {
			r.Unverified.Delete(v)
		}
		close(v.ended)
	}
}

// reportUnverified adds an error and returns true if a verified factor is to be deleted, and this
// apply has not verified another one that it should have. The other one may replace it: Terraform
// does not tell the provider which factor replaces which, and their identities, services, and types
// may differ. It waits for the verifications in progress.
func (r *factorResource) reportUnverified(state *resourceModel, diags *diag.Diagnostics) (reported bool) {
	if !state.isVerified() {
		return false
	}
	r.Unverified.Range(func(key, _ any) bool {
		v := key.(*verification) //nolint:forcetypeassert // the only type stored
		<-v.ended
		if _, reported = r.Unverified.Load(v); reported {
			diags.AddError("Factor kept, replacement unverified",
				fmt.Sprintf("Factor %s of identity %q was not deleted, because factor %s, which may replace it, is not verified; "+
					"see the message about that one. "+
					"Deleting a verified factor now could leave an identity without one. Apply again: once %s is verified, Terraform deletes %s.",
					state.SID.ValueString(), state.Identity.ValueString(), v.sid, v.sid, state.SID.ValueString()))
		}
		return !reported
	})
	return reported
}
