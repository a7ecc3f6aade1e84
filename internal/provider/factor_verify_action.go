// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

var _ action.ActionWithConfigure = (*factorVerifyAction)(nil)

type factorVerifyAction struct {
	conn *connection
}

type factorVerifyModel struct {
	ServiceSID  types.String `tfsdk:"service_sid"`
	Identity    types.String `tfsdk:"identity"`
	SID         types.String `tfsdk:"sid"`
	AuthPayload types.String `tfsdk:"auth_payload"`
}

func newFactorVerifyAction() action.Action { return &factorVerifyAction{} }

func (a *factorVerifyAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify_factor_verify"
}

func (a *factorVerifyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Verifies a factor with a proof that its owner holds the binding, at any time after its creation: `terraform apply -invoke=action.twilio_verify_factor_verify.NAME`. " +
			"It fails when the factor stays unverified. A refused proof uses up one of the five attempts that Twilio allows.",
		Attributes: map[string]schema.Attribute{
			"service_sid": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: describeServiceSID,
				Validators:          []validator.String{serviceSIDValidator()},
			},
			"identity": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: describeIdentity,
				Validators:          []validator.String{identityValidator()},
			},
			"sid": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: describeSID,
				Validators:          []validator.String{factorSIDValidator()},
			},
			"auth_payload": schema.StringAttribute{
				Required:            true,
				WriteOnly:           true,
				MarkdownDescription: "The proof, stored nowhere: for a TOTP factor the code of this moment; for a push factor Base64 of the DER form of an ECDSA SHA-256 signature over the factor's SID.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

func (a *factorVerifyAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (a *factorVerifyAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config factorVerifyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !a.conn.ready(&resp.Diagnostics) {
		return
	}
	if config.AuthPayload.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("auth_payload"), "No payload arrived",
			"auth_payload is null. Give the variable behind it a value; if it has one, it is ephemeral, and Terraform hands no ephemeral value over to an action that is run by -invoke: "+
				"use a sensitive variable instead. The payload is write-only all the same, and stored nowhere.")
		return
	}
	sid := config.SID.ValueString()
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Sending the proof for factor %s of identity %q…", sid, config.Identity.ValueString())})
	entity := client.Entity{ServiceSID: config.ServiceSID.ValueString(), Identity: config.Identity.ValueString()}
	_, err := a.conn.verifyPayload(ctx, entity, sid, config.AuthPayload.ValueString())
	at := subject{
		summary:    "Cannot verify the factor",
		what:       fmt.Sprintf("%s of identity %q in service %s", sid, entity.Identity, entity.ServiceSID),
		attributes: map[string]bool{"service_sid": true, "identity": true, "sid": true},
	}
	var unverified *unverifiedError
	switch {
	case errors.As(err, &unverified):
		resp.Diagnostics.AddAttributeError(path.Root("auth_payload"), at.summary, a.conn.verificationDetail(err, at))
	case err != nil:
		resp.Diagnostics.Append(a.conn.errorDiagnostic(err, at))
	default:
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Factor %s is verified.", sid)})
	}
}
