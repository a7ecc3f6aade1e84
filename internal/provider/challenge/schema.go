// SPDX-License-Identifier: MPL-2.0

package challenge

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	defaultTimeout = 2 * time.Minute
	maxTimeout     = time.Hour
)

func actionSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Proves that a verified factor works: " +
			"`terraform apply -invoke=action.twilio_verify_challenge.NAME`, or an `action_trigger` in the lifecycle of a resource. " +
			"Creates a challenge, and fails unless it is approved.\n\n" +
			"Set `auth_payload` to challenge a TOTP factor with its current code, or `message` to ask the owner of a device for approval. " +
			"With `message`, the action waits until the device approves or denies the challenge, or the challenge expires.",
		Attributes: map[string]schema.Attribute{
			"service_sid": shared.Required("SID of the Verify service: `VA` followed by 32 hexadecimal digits.", shared.ServiceSID()),
			"identity":    shared.Required("Identity of the entity that owns the factor.", shared.Identity()),
			"factor_sid": shared.Required("SID of the factor: `YF` followed by 32 hexadecimal digits. The factor must be verified.",
				shared.FactorSID()),
			"auth_payload": schema.StringAttribute{
				Optional: true, WriteOnly: true,
				MarkdownDescription: "Current code of a TOTP factor: 3 to 8 digits. It is sent once. Conflicts with `message`. " +
					"Terraform writes it into a plan file in clear text, unless the value is ephemeral; see " +
					"[Pass a code to an action](https://registry.terraform.io/providers/seed-57355187/twilio/latest/docs/guides/secrets#pass-a-code-to-an-action). " +
					"Twilio charges for an approved TOTP challenge.",
			},
			"message": shared.Optional("Message that a push device shows, such as a question: 1 to 256 characters. Conflicts with `auth_payload`.",
				stringvalidator.UTF8LengthBetween(1, 256)),
			"fields": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Details that a push device shows below the message: up to 20. Requires `message`.",
				Validators:          []validator.List{listvalidator.SizeAtMost(20)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"label": shared.Required("Label, 1 to 36 characters.", stringvalidator.UTF8LengthBetween(1, 36)),
					"value": shared.Required("Value, 1 to 128 characters.", stringvalidator.UTF8LengthBetween(1, 128)),
				}},
			},
			"hidden_details": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Context of the challenge that the device does not show, up to 1,024 characters as JSON. " +
					"Do not put secrets in it.",
				Validators: []validator.Map{shared.JSONMap()},
			},
			"timeout": shared.Optional("Maximum time to wait for a push device: "+
				"a duration with a unit, such as `45s` or `10m`, from 1 second to 1 hour. Defaults to `2m`. "+
				"The challenge expires after this time.",
				shared.Duration("must be a duration of 1 second to 1 hour with a unit, such as 45s or 10m",
					func(d time.Duration) bool { return d >= time.Second && d <= maxTimeout })),
		},
	}
}

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
