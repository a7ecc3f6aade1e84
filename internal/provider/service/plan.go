// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// plan completes the plan of a service.
func plan(ctx context.Context, c shared.Change[*model], diags *diag.Diagnostics) {
	if c.State != nil {
		planClearing(c, readUncleared(ctx, c.Private, diags))
		if c.Config.TOTPIssuer.IsNull() && !c.Plan.FriendlyName.Equal(c.State.FriendlyName) {
			c.Plan.TOTPIssuer = types.StringUnknown() // it may follow the name
		}
	}
	checkLookup(c, diags)
	warnFriendlyName(c, diags)
}

// clearable returns the settings that the API clears when they are sent as empty strings, by
// attribute.
func (m *model) clearable() map[string]*types.String {
	return map[string]*types.String{
		"tts_name":                &m.TTSName,
		"default_template_sid":    &m.DefaultTemplateSID,
		"push_apn_credential_sid": &m.PushAPNCredentialSID,
		"push_fcm_credential_sid": &m.PushFCMCredentialSID,
	}
}

// planClearing plans null for settings that were removed from the configuration. A setting that
// Twilio did not clear earlier keeps its value, because the plan would otherwise never be empty.
func planClearing(c shared.Change[*model], uncleared map[string]string) {
	config, state := c.Config.clearable(), c.State.clearable()
	for name, planned := range c.Plan.clearable() {
		kept, refused := uncleared[name]
		if config[name].IsNull() && (!refused || kept != state[name].ValueString()) {
			*planned = types.StringNull()
		}
	}
}

// checkLookup adds an error if the planned service skips landlines without a lookup, which Twilio
// refuses. A setting that is not configured keeps its value; a new service has lookups off.
func checkLookup(c shared.Change[*model], diags *diag.Diagnostics) {
	off := shared.IsKnown(c.Plan.LookupEnabled) && !c.Plan.LookupEnabled.ValueBool() || c.State == nil && c.Config.LookupEnabled.IsNull()
	if !c.Plan.SkipSMSToLandlines.ValueBool() || !off {
		return
	}
	remedy := "Set lookup_enabled = true as well, or skip_sms_to_landlines = false."
	if c.Config.SkipSMSToLandlines.IsNull() {
		remedy = "The configuration does not set skip_sms_to_landlines, so it keeps its last value, true. " +
			"Set skip_sms_to_landlines = false, or lookup_enabled = true."
	}
	diags.AddAttributeError(path.Root("skip_sms_to_landlines"), "Lookup required",
		"Twilio looks up the phone number to recognize landlines. "+remedy)
}

// warnFriendlyName warns about a new name that Twilio may refuse. It is not an error, because
// Twilio's documents disagree on the rules.
func warnFriendlyName(c shared.Change[*model], diags *diag.Diagnostics) {
	name := c.Plan.FriendlyName
	if name.IsUnknown() || c.State != nil && name.Equal(c.State.FriendlyName) {
		return
	}
	if problem := friendlyNameProblem(name.ValueString()); problem != "" {
		diags.AddAttributeWarning(path.Root("friendly_name"), "Twilio may refuse the friendly name",
			fmt.Sprintf("%q %s. If Twilio refuses it, choose another name.", name.ValueString(), problem))
	}
}

// friendlyNameProblem describes the documented rule that a name breaks, or returns "".
func friendlyNameProblem(name string) string {
	digits := 0
	for _, r := range name {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !unicode.IsLetter(r) && r != ' ' && r != '-' && r != '_':
			return fmt.Sprintf("contains %q; Twilio's documentation allows letters, digits, spaces, dashes, and underscores", r)
		}
	}
	if digits > 4 {
		return fmt.Sprintf("contains %d digits; Twilio's documentation allows at most 4", digits)
	}
	if length := utf8.RuneCountInString(name); length > 30 {
		return fmt.Sprintf("has %d characters; Twilio's documentation allows at most 30 in one place and 32 in another", length)
	}
	return ""
}

// unclearedKey is the key of the private state for settings that Twilio did not clear.
const unclearedKey = "uncleared"

func readUncleared(ctx context.Context, private shared.PrivateState, diags *diag.Diagnostics) (uncleared map[string]string) {
	text, getDiags := private.GetKey(ctx, unclearedKey)
	diags.Append(getDiags...)
	_ = json.Unmarshal(text, &uncleared) // if it is not JSON, the next apply writes it again
	return uncleared
}

// rememberUncleared stores the settings that are not configured but still in the response: Twilio
// did not clear them, or has a default for them.
func rememberUncleared(ctx context.Context, c shared.Change[*model], s *client.Service, diags *diag.Diagnostics) {
	uncleared, response := map[string]string{}, client.Services.Values(s)
	for name, configured := range c.Config.clearable() {
		if value, ok := response[name].(string); ok && configured.IsNull() {
			uncleared[name] = value
		}
	}
	var text []byte
	if len(uncleared) > 0 {
		text, _ = json.Marshal(uncleared) //nolint:errchkjson // a map of strings always encodes
	}
	diags.Append(c.Private.SetKey(ctx, unclearedKey, text)...)
}
