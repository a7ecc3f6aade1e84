// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// identityModel is the resource identity.
type identityModel struct {
	SID types.String `tfsdk:"sid"`
}

func (r *serviceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"sid": identityschema.StringAttribute{RequiredForImport: true, Description: "SID of the service."},
		},
	}
}

func (r *serviceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := identityModel{SID: types.StringValue(req.ID)}
	if !req.Identity.Raw.IsNull() {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &id)...)
	}
	if !client.ServiceSIDPattern.MatchString(id.SID.ValueString()) {
		resp.Diagnostics.AddError("Invalid import ID",
			fmt.Sprintf("Expected the SID of a Verify service, VA followed by 32 hexadecimal digits, got: %q", id.SID.ValueString()))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("sid"), id.SID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, id)...)
}
