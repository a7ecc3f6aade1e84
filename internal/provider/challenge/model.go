// SPDX-License-Identifier: MPL-2.0

package challenge

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// model is the configuration of the action.
type model struct {
	ServiceSID    types.String `tfsdk:"service_sid"`
	Identity      types.String `tfsdk:"identity"`
	FactorSID     types.String `tfsdk:"factor_sid"`
	AuthPayload   types.String `tfsdk:"auth_payload"`
	Message       types.String `tfsdk:"message"`
	Fields        types.List   `tfsdk:"fields"`
	HiddenDetails types.Map    `tfsdk:"hidden_details"`
	Timeout       types.String `tfsdk:"timeout"`
}

type fieldModel struct {
	Label types.String `tfsdk:"label"`
	Value types.String `tfsdk:"value"`
}

// validate checks attributes against each other. Unknown values pass. It never quotes the code.
func (m *model) validate() (diags diag.Diagnostics) {
	if shared.IsKnown(m.AuthPayload) && shared.IsKnown(m.Message) {
		diags.AddAttributeError(path.Root("message"), "Conflicting attributes",
			"auth_payload is the code of a TOTP factor, and message is for a push device. Remove one of them.")
	}
	if shared.IsKnown(m.AuthPayload) && shared.IsKnown(m.Fields) {
		diags.AddAttributeError(path.Root("fields"), "Conflicting attributes",
			"fields are shown on a push device, but auth_payload is the code of a TOTP factor. "+
				"Remove fields, or use message instead of auth_payload.")
	}
	if problem := shared.CodeProblem(m.AuthPayload.ValueString()); shared.IsKnown(m.AuthPayload) && problem != "" {
		diags.AddAttributeError(path.Root("auth_payload"), "Invalid code",
			"auth_payload cannot be the code of a TOTP factor. "+problem+"\n\nNothing was sent to Twilio.")
	}
	return diags
}

// validateKind reports a configuration with neither a code nor a message.
func (m *model) validateKind() (diags diag.Diagnostics) {
	if m.AuthPayload.IsNull() && m.Message.IsNull() {
		diags.AddError("Missing auth_payload or message",
			"Set auth_payload to challenge a TOTP factor with its current code, or message to ask the owner of a push device for approval.")
	}
	return diags
}

// timeout returns how long the challenge stays pending.
func (m *model) timeout() time.Duration {
	if d, err := time.ParseDuration(m.Timeout.ValueString()); err == nil {
		return min(max(d, time.Second), maxTimeout)
	}
	return defaultTimeout
}

// params returns the parameters of the challenge.
func (m *model) params(ctx context.Context, received time.Time) (client.ChallengeParams, diag.Diagnostics) {
	params := client.ChallengeParams{
		FactorSID: m.FactorSID.ValueString(),
		ExpiresIn: m.timeout(),
		Message:   m.Message.ValueStringPointer(),
	}
	if !m.AuthPayload.IsNull() {
		params.AuthPayload = shared.FixedPayload(m.AuthPayload.ValueString(), shared.MinCodeValidity, received)
	}
	if !m.HiddenDetails.IsNull() {
		details := shared.StringMapJSON(m.HiddenDetails)
		params.HiddenDetails = &details
	}
	var fields []fieldModel
	diags := m.Fields.ElementsAs(ctx, &fields, false)
	for _, field := range fields {
		params.Fields = append(params.Fields, client.ChallengeField{Label: field.Label.ValueString(), Value: field.Value.ValueString()})
	}
	return params, diags
}
