// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
)

// ModifyPlan plans the ID, which has the identity in the user's case.
func (r *entityResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // a destroy
	}
	plan := codec.Read(ctx, req.Plan.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || plan.ServiceSID.IsUnknown() || plan.Identity.IsUnknown() {
		return
	}
	plan.setID()
	codec.Write(ctx, plan, &resp.Plan.Raw, &resp.Diagnostics)
}

// NoOpPlan plans an unchanged entity.
var NoOpPlan = fwshim.NewNoOpPlan(codec, func(*resourceModel) bool { return true })
