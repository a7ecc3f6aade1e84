// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ action.ActionWithConfigure = (*verifyAction)(nil)

type verifyAction struct{ shared.Action }

type verifyModel struct {
	ServiceSID  types.String `tfsdk:"service_sid"`
	Identity    types.String `tfsdk:"identity"`
	FactorSID   types.String `tfsdk:"factor_sid"`
	AuthPayload types.String `tfsdk:"auth_payload"`
}

// NewVerifyAction returns the action twilio_verify_factor_verify.
func NewVerifyAction() action.Action { return &verifyAction{} }

func (a *verifyAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify_factor_verify"
}

func (a *verifyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Verifies an existing factor with a payload that proves possession of its secret or key: " +
			"`terraform apply -invoke=action.twilio_verify_factor_verify.NAME`. " +
			"Fails if the factor is still unverified afterwards. A wrong payload uses up one of the five attempts that Twilio allows.",
		Attributes: map[string]schema.Attribute{
			"service_sid": shared.Required(descriptions["service_sid"], shared.ServiceSID()),
			"identity":    shared.Required(descriptions["identity"], shared.Identity()),
			"factor_sid":  shared.Required(descriptions["sid"], shared.FactorSID()),
			"auth_payload": schema.StringAttribute{
				Required: true, WriteOnly: true,
				MarkdownDescription: "Payload that proves possession of the secret or key: the current code of a TOTP factor; " +
					"for a push factor, the ECDSA SHA-256 signature of its SID in DER form, encoded in Base64. " +
					"Terraform writes it into a plan file in clear text, unless the value is ephemeral; see " +
					"[Pass a code to an action](https://registry.terraform.io/providers/seed-57355187/twilio/latest/docs/guides/secrets#pass-a-code-to-an-action).",
				Validators: []validator.String{shared.Check(describePayload, checkAnyPayload)},
			},
		},
	}
}

func (a *verifyAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	received := time.Now()
	var config verifyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !a.Ready(&resp.Diagnostics) {
		return
	}
	if config.AuthPayload.IsNull() {
		resp.Diagnostics.Append(shared.MissingPayload())
		return
	}
	// Terraform validates before it knows the variables, and a write-only value is null at plan.
	resp.Diagnostics.Append(checkAnyPayload(path.Root("auth_payload"), config.AuthPayload.ValueString())...)
	if resp.Diagnostics.HasError() {
		return
	}
	entity := client.EntityID{ServiceSID: config.ServiceSID.ValueString(), Identity: config.Identity.ValueString()}
	sid := config.FactorSID.ValueString()
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Sending the payload for factor %s of identity %q…", sid,
		entity.Identity)})

	payload, validity := config.AuthPayload.ValueString(), time.Duration(0)
	if shared.CodePattern.MatchString(payload) {
		validity = shared.MinCodeValidity
	}
	m := &resourceModel{}
	m.ServiceSID, m.Identity, m.SID = config.ServiceSID, config.Identity, config.FactorSID
	_, err := sendPayload(ctx, a.ProviderData, m, shared.FixedPayload(payload, validity, received))
	s := shared.Subject{
		Noun:       Declaration.CompleteNoun(),
		Summary:    "Verification failed",
		What:       fmt.Sprintf("%s of identity %q in service %s", sid, entity.Identity, entity.ServiceSID),
		Attributes: map[string]bool{"service_sid": true, "identity": true, "factor_sid": true, "auth_payload": true},
		Instead:    map[string]string{"sid": "factor_sid", "auth_payload_wo": "auth_payload"},
	}
	var refused *refusedError
	switch {
	case err == nil:
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Factor %s is verified.", sid)})
	case errors.As(err, &refused):
		state := fmt.Sprintf("Factor %s is unverified.", sid)
		if !refused.final() {
			state += fmt.Sprintf(" For a TOTP factor: %s For a push factor: %s", adviceWrongCode, adviceWrongSignature)
		}
		resp.Diagnostics.AddAttributeError(path.Root("auth_payload"), s.Summary, refusedDetail(a.ProviderData, refused, s)+"\n\n"+state)
	default:
		resp.Diagnostics.Append(a.ErrorDiagnostic(err, s))
	}
}
