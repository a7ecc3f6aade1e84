// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var resourceIdentity = shared.ResourceIdentity{
	{Name: "service_sid", Description: "SID of the Verify service.", Pattern: client.ServiceSIDPattern, Example: "VA0123456789abcdef0123456789abcdef"},
	{Name: "sid", Description: "SID of the webhook.", Pattern: client.WebhookSIDPattern, Example: "YW0123456789abcdef0123456789abcdef"},
}

// identityModel is the resource identity.
type identityModel struct {
	ServiceSID types.String `tfsdk:"service_sid"`
	SID        types.String `tfsdk:"sid"`
}

func (r *webhookResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = resourceIdentity.Schema()
}

func (r *webhookResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resourceIdentity.Import(ctx, req, resp)
}

// problem describes the first invalid part, or returns "" if all are valid.
func (i identityModel) problem() string {
	return resourceIdentity.Problem([]string{i.ServiceSID.ValueString(), i.SID.ValueString()})
}

func (i identityModel) importID() string {
	return i.ServiceSID.ValueString() + "/" + i.SID.ValueString()
}
