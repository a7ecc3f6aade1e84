// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	officialType    = "twilio_verify_services_webhooks_v2"
	rjPearson94Type = TypeName
)

func (r *webhookResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: move}}
}

// move moves a webhook from Twilio's own, abandoned provider or from RJPearson94's. Both name their
// attributes after the fields of the API's response, and differ only in the ID, which is not
// needed. For any other source it leaves resp empty, and Terraform reports an error.
func move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	official := shared.IsOfficialProvider(req.SourceProviderAddress) && req.SourceTypeName == officialType
	rjPearson94 := shared.IsRJPearson94Provider(req.SourceProviderAddress) && req.SourceTypeName == rjPearson94Type
	if !official && !rjPearson94 {
		return
	}
	shared.Move(ctx, req, resp, "webhook", resourceIdentity, func(w *client.Webhook) (any, []types.String) {
		m := newModel(shared.OptionalString(w.ServiceSID), w)
		identity := m.identity()
		return m, identity
	})
}
