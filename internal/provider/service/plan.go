// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// change is a service's plan, configuration, and prior state, as Terraform passes them to
// ModifyPlan, Create, and Update.
type change struct {
	plan, config *resourceModel
	// state is nil if the service is to be created.
	state *resourceModel
	// uncleared has the values of settings that Twilio did not clear, by attribute.
	uncleared map[string]string
}

func readChange(ctx context.Context, plan, config, state tftypes.Value, diags *diag.Diagnostics) change {
	c := change{plan: codec.Read(ctx, plan, diags), config: codec.Read(ctx, config, diags)}
	if !state.IsNull() {
		c.state = codec.Read(ctx, state, diags)
	}
	return c
}

func (r *serviceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // a destroy
	}
	c := readChange(ctx, req.Plan.Raw, req.Config.Raw, req.State.Raw, &resp.Diagnostics)
	if c.state != nil {
		c.uncleared = readUncleared(ctx, req.Private, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if c.state == nil {
		c.requireLookup(&resp.Diagnostics)
	} else {
		c.planUpdate()
	}
	c.warnFriendlyName(&resp.Diagnostics)
	codec.Write(ctx, c.plan, &resp.Plan.Raw, &resp.Diagnostics)
}

// NoOpPlan plans an unchanged service. A service with settings that may have to be cleared is left
// to ModifyPlan, which has the configuration.
var NoOpPlan = fwshim.NewNoOpPlan(codec, func(proposed *resourceModel) bool {
	for _, setting := range proposed.clearable() {
		if setting.value.ValueString() != "" {
			return false
		}
	}
	return true
})

// clearable is a setting that the API clears when it is sent as an empty string.
type clearable struct {
	name  string
	value *types.String
}

func (a *apiAttributes) clearable() []clearable {
	return []clearable{
		{"tts_name", &a.TTSName},
		{"default_template_sid", &a.DefaultTemplateSID},
		{"push_apn_credential_sid", &a.PushAPNCredentialSID},
		{"push_fcm_credential_sid", &a.PushFCMCredentialSID},
	}
}

// planUpdate plans a change of an existing service. A setting that is not configured keeps its
// value, unless the API can clear it.
func (c change) planUpdate() {
	config, state := shared.Attributes(&c.config.configurable), shared.Attributes(&c.state.configurable)
	for i, attribute := range shared.Attributes(&c.plan.configurable) {
		if config[i].Value().IsNull() {
			attribute.CopyFrom(state[i])
		}
	}
	c.planClearing()
	if c.config.TOTPIssuer.IsNull() && !c.plan.FriendlyName.Equal(c.state.FriendlyName) {
		c.plan.TOTPIssuer = types.StringUnknown() // it may follow the name
	}
	c.plan.DateUpdated = c.state.DateUpdated
	if c.callsTwilio() {
		c.plan.DateUpdated = types.StringUnknown()
	}
}

// planClearing plans null for settings that were removed from the configuration. A setting that
// Twilio did not clear earlier keeps its value, because the plan would otherwise never be empty.
func (c change) planClearing() {
	config, state := c.config.clearable(), c.state.clearable()
	for i, plan := range c.plan.clearable() {
		kept, refused := c.uncleared[plan.name]
		if config[i].value.IsNull() && (!refused || kept != state[i].value.ValueString()) {
			*plan.value = types.StringNull()
		}
	}
}

// callsTwilio reports whether an update may have something to send.
func (c change) callsTwilio() bool {
	unknown := func(a shared.Attribute) bool { return a.Value().IsUnknown() }
	return c.plan.params(c.state) != (client.ServiceParams{}) ||
		slices.ContainsFunc(shared.Attributes(&c.plan.configurable), unknown) ||
		slices.ContainsFunc(c.plan.PasskeysRelyingPartyOrigins.Elements(), attr.Value.IsUnknown)
}

// requireLookup checks that a new service has lookup_enabled if it needs it. An existing one may
// have it enabled without configuring it.
func (c change) requireLookup(diags *diag.Diagnostics) {
	if c.config.SkipSMSToLandlines.ValueBool() && c.config.LookupEnabled.IsNull() {
		diags.AddAttributeError(path.Root("skip_sms_to_landlines"), "Lookup required", lookupRequired)
	}
}

// warnFriendlyName warns about a new name that Twilio may refuse. It is not an error, because
// Twilio's documents disagree on the rules.
func (c change) warnFriendlyName(diags *diag.Diagnostics) {
	name := c.plan.FriendlyName
	if name.IsUnknown() || c.state != nil && name.Equal(c.state.FriendlyName) {
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

// unclearedKey is present if Twilio did not clear a setting.
const unclearedKey = "uncleared"

func readUncleared(ctx context.Context, private shared.PrivateState, diags *diag.Diagnostics) map[string]string {
	text, getDiags := private.GetKey(ctx, unclearedKey)
	diags.Append(getDiags...)
	var uncleared map[string]string
	if text != nil && json.Unmarshal(text, &uncleared) != nil {
		return nil // the next apply writes it again
	}
	return uncleared
}

// rememberUncleared stores the settings that are not configured but still in the response: Twilio
// did not clear them, or has a default for them.
func (c change) rememberUncleared(ctx context.Context, s *client.Service, private shared.PrivateState, diags *diag.Diagnostics) {
	uncleared := map[string]string{}
	response, config := newAPIAttributes(s), c.config.clearable()
	for i, setting := range response.clearable() {
		if config[i].value.IsNull() && !setting.value.IsNull() {
			uncleared[setting.name] = setting.value.ValueString()
		}
	}
	var text []byte
	if len(uncleared) > 0 {
		text, _ = json.Marshal(uncleared) //nolint:errchkjson // a map of strings always encodes
	}
	diags.Append(private.SetKey(ctx, unclearedKey, text)...)
}
