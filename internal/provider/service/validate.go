// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

const (
	// maxFriendlyName is the larger of the two limits that Twilio documents.
	maxFriendlyName = 32
	senderPrefix    = "whatsapp:"
)

var (
	senderPattern = regexp.MustCompile(`^(` + senderPrefix + `)?\+[1-9]\d{1,14}$`)
	originPattern = regexp.MustCompile(`^[^,\s]+$`)
)

const lookupRequired = "Twilio looks up the phone number to recognize landlines. Set lookup_enabled = true as well, or remove skip_sms_to_landlines."

func (r *serviceResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var invalid diag.Diagnostics // the framework also reports these errors
	config := codec.Read(ctx, req.Config.Raw, &invalid)
	if !invalid.HasError() {
		config.validate(&resp.Diagnostics)
	}
}

// validate checks attributes against each other. Unknown values pass.
func (m *resourceModel) validate(diags *diag.Diagnostics) {
	lookupOff := !m.LookupEnabled.IsNull() && !m.LookupEnabled.IsUnknown() && !m.LookupEnabled.ValueBool()
	if m.SkipSMSToLandlines.ValueBool() && lookupOff {
		diags.AddAttributeError(path.Root("skip_sms_to_landlines"), "Lookup required", lookupRequired)
	}
}
