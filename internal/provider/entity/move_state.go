// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const officialType = "twilio_verify_services_entities_v2"

func (r *entityResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: move}}
}

// move moves an entity from Twilio's own, abandoned provider, whose attributes are named after the
// fields of the API's response. For any other source it leaves resp empty, and Terraform reports an
// error.
func move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if !shared.IsOfficialProvider(req.SourceProviderAddress) || req.SourceTypeName != officialType || req.SourceRawState == nil {
		return
	}
	var e client.EntityRecord
	err := json.Unmarshal(req.SourceRawState.JSON, &e)
	m := resourceModel{apiAttributes: newAPIAttributes(shared.OptionalString(e.ServiceSID), &e)}
	if err != nil || m.identityModel().problem() != "" {
		resp.Diagnostics.AddError("Cannot move the entity",
			"The state of "+req.SourceTypeName+" does not have the form that "+req.SourceProviderAddress+" writes. Remove the entity from the state with terraform state rm, and import it.")
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, m.identityModel())...)
}
