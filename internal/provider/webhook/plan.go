// SPDX-License-Identifier: MPL-2.0

package webhook

import "github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"

// NoOpPlan plans an unchanged webhook. If the configuration leaves out a status or version,
// Terraform proposes to keep it, and only the framework resets it to the default.
var NoOpPlan = fwshim.NewNoOpPlan(codec, func(proposed *model) bool {
	return proposed.Status.ValueString() == defaultStatus && proposed.Version.ValueString() == defaultVersion
})
