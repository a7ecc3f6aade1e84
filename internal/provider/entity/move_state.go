// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
	if !shared.IsOfficialProvider(req.SourceProviderAddress) || req.SourceTypeName != officialType {
		return
	}
	shared.Move(ctx, req, resp, "entity", resourceIdentity, func(e *client.EntityRecord) (any, []types.String) {
		m := resourceModel{apiAttributes: newAPIAttributes(shared.OptionalString(e.ServiceSID), e)}
		identity := m.identity()
		return m, identity
	})
}
