// SPDX-License-Identifier: MPL-2.0

package webhook

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
	SID        types.String `tfsdk:"sid"`
}

func (r *webhookResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"service_sid": identityschema.StringAttribute{RequiredForImport: true, Description: "SID of the Verify service."},
			"sid":         identityschema.StringAttribute{RequiredForImport: true, Description: "SID of the webhook."},
		},
	}
}

func (r *webhookResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var id identityModel
	if req.Identity.Raw.IsNull() {
		id = parseImportID(req.ID)
	} else {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &id)...)
	}
	if problem := id.problem(); problem != "" {
		resp.Diagnostics.AddError("Invalid import ID",
			fmt.Sprintf("%s. Expected service_sid/sid, such as VA0123456789abcdef0123456789abcdef/YW0123456789abcdef0123456789abcdef, got: %q",
				problem, cmp.Or(req.ID, id.importID())))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("service_sid"), id.ServiceSID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("sid"), id.SID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, id)...)
}

// problem describes the first invalid part, empty if both are valid.
func (i identityModel) problem() string {
	switch {
	case i == identityModel{}:
		return "The ID does not have two parts"
	case !client.ServiceSIDPattern.MatchString(i.ServiceSID.ValueString()):
		return "The service_sid is invalid"
	case !client.WebhookSIDPattern.MatchString(i.SID.ValueString()):
		return "The sid is invalid"
	}
	return ""
}

func (i identityModel) importID() string {
	return i.ServiceSID.ValueString() + "/" + i.SID.ValueString()
}

// parseImportID returns the parts of an import ID, none if their number is wrong.
func parseImportID(id string) identityModel {
	parts := strings.Split(id, "/")
	if len(parts) != 2 {
		return identityModel{}
	}
	return identityModel{ServiceSID: types.StringValue(parts[0]), SID: types.StringValue(parts[1])}
}
