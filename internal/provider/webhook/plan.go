// SPDX-License-Identifier: MPL-2.0

package webhook

import "github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"

// NoOpPlan answers the plan of a webhook that stays as it is. Terraform proposes to keep a status or
// version that the configuration leaves out, and only the framework knows that it goes back to the
// default.
var NoOpPlan = fwshim.NewNoOpPlan(codec, func(proposed *model) bool {
	return proposed.Status.ValueString() == defaultStatus && proposed.Version.ValueString() == defaultVersion
})
