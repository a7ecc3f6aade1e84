// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var resourceIdentity = shared.ResourceIdentity{
	{Name: "sid", Description: "SID of the service.", Pattern: client.ServiceSIDPattern, Example: "VA0123456789abcdef0123456789abcdef"},
}

// identityModel is the resource identity.
type identityModel struct {
	SID types.String `tfsdk:"sid"`
}

func (r *serviceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = resourceIdentity.Schema()
}

func (r *serviceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resourceIdentity.Import(ctx, req, resp)
}
