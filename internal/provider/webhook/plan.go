// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
)

// ModifyPlan requires webhook_url for a new webhook only, because configuration that Terraform
// generates for an import leaves out sensitive values.
func (r *webhookResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || !req.State.Raw.IsNull() {
		return
	}
	if config := codec.Read(ctx, req.Config.Raw, &resp.Diagnostics); config.WebhookURL.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("webhook_url"), "Missing webhook URL",
			"A new webhook requires webhook_url, the URL that receives the events. Only an existing webhook keeps the URL stored at Twilio.")
	}
}

// NoOpPlan plans an unchanged webhook. If the configuration leaves out a status or version,
// Terraform proposes to keep it, and only the framework resets it to the default.
var NoOpPlan = fwshim.NewNoOpPlan(codec, func(proposed *model) bool {
	return proposed.Status.ValueString() == defaultStatus && proposed.Version.ValueString() == defaultVersion
})
