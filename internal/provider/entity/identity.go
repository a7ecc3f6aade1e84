// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// identityModel is the resource identity.
type identityModel struct {
	ServiceSID types.String `tfsdk:"service_sid"`
	Identity   types.String `tfsdk:"identity"`
}

func (r *entityResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"service_sid": identityschema.StringAttribute{RequiredForImport: true, Description: "SID of the Verify service."},
			"identity":    identityschema.StringAttribute{RequiredForImport: true, Description: "Identity of the entity."},
		},
	}
}

func (r *entityResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var id identityModel
	if req.Identity.Raw.IsNull() {
		id = parseImportID(req.ID)
	} else {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &id)...)
	}
	if problem := id.problem(); problem != "" {
		resp.Diagnostics.AddError("Invalid import ID",
			fmt.Sprintf("%s. Expected service_sid/identity, such as VA0123456789abcdef0123456789abcdef/robot-account-0001, got: %q",
				problem, cmp.Or(req.ID, id.importID())))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("service_sid"), id.ServiceSID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("identity"), id.Identity)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, id)...)
}

// problem describes the first invalid part, empty if both are valid.
func (i identityModel) problem() string {
	switch {
	case i == identityModel{}:
		return "The ID does not have two parts"
	case !client.ServiceSIDPattern.MatchString(i.ServiceSID.ValueString()):
		return "The service_sid is invalid"
	case !client.IdentityPattern.MatchString(i.Identity.ValueString()):
		return "The identity is invalid"
	}
	return ""
}

func (i identityModel) importID() string {
	return i.ServiceSID.ValueString() + "/" + i.Identity.ValueString()
}

// parseImportID returns the parts of an import ID, none if their number is wrong.
func parseImportID(id string) identityModel {
	parts := strings.Split(id, "/")
	if len(parts) != 2 {
		return identityModel{}
	}
	return identityModel{ServiceSID: types.StringValue(parts[0]), Identity: types.StringValue(parts[1])}
}
