// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// totpCodeEphemeralResource implements twilio_verify_totp_code.
type totpCodeEphemeralResource struct {
	now func() time.Time
}

var _ ephemeral.EphemeralResourceWithValidateConfig = totpCodeEphemeralResource{}

type totpCodeModel struct {
	Secret          types.String `tfsdk:"secret"`
	Alg             types.String `tfsdk:"alg"`
	CodeLength      types.Int64  `tfsdk:"code_length"`
	TimeStep        types.Int64  `tfsdk:"time_step"`
	MinValidSeconds types.Int64  `tfsdk:"min_valid_seconds"`
	Code            types.String `tfsdk:"code"`
	ValidSeconds    types.Int64  `tfsdk:"valid_seconds"`
}

// NewCodeEphemeralResource returns the ephemeral resource twilio_verify_totp_code.
func NewCodeEphemeralResource() ephemeral.EphemeralResource {
	return totpCodeEphemeralResource{now: time.Now}
}

func (totpCodeEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify_totp_code"
}

func (totpCodeEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Computes the current code for a TOTP secret, as an authenticator app does. The time comes from the " +
			"clock of the machine that runs Terraform, not from Twilio's: if that clock is wrong, so is the code. " +
			"The code is stored in neither the state nor the plan, and no request is sent to " +
			"Twilio. Terraform computes it in every run, at plan and again at apply.",
		Attributes: map[string]schema.Attribute{
			"secret": schema.StringAttribute{
				Required: true, Sensitive: true,
				MarkdownDescription: "The factor's secret in Base32, in upper or lower case, with or without padding.",
				Validators:          []validator.String{shared.TOTPSecret()},
			},
			"alg": shared.Optional("Hash algorithm: `sha1`, `sha256`, or `sha512`. Must match the factor's `config_alg`. Defaults to `sha1`.",
				shared.OneOf(shared.TOTPAlgorithms...)),
			"code_length": shared.Number("Number of digits in the code: 3 to 8. Must match the factor's `config_code_length`. Defaults to 6.",
				int64validator.Between(totp.MinDigits, totp.MaxDigits)),
			"time_step": shared.Number("Seconds from one code to the next: 20 to 60. Must match the factor's `config_time_step`. Defaults to 30.",
				int64validator.Between(totp.MinPeriod, totp.MaxPeriod)),
			"min_valid_seconds": shared.Number("Seconds for which the code must remain current: 1 to `time_step`. "+
				"If fewer are left, Terraform waits for the next code. "+
				"A server may refuse a code that it has already seen: "+
				"with a value equal to `time_step`, two runs in the same time step do not get the same code. "+
				"Terraform waits at plan and again at apply.", int64validator.Between(1, totp.MaxPeriod)),
			"code": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "The code: `code_length` digits, including leading zeros.",
			},
			"valid_seconds": schema.Int64Attribute{
				Computed: true,
				MarkdownDescription: "Seconds until the next code, rounded up: 1 to `time_step`. Twilio accepts the code for another " +
					"`config_skew` time steps.",
			},
		},
	}
}

func (totpCodeEphemeralResource) ValidateConfig(
	ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse,
) {
	var model totpCodeModel
	if diags := req.Config.Get(ctx, &model); !diags.HasError() { // the framework also reports these errors
		resp.Diagnostics.Append(model.checkMinValidSeconds()...)
	}
}

// checkMinValidSeconds refuses a code that cannot remain current for long enough.
func (m totpCodeModel) checkMinValidSeconds() (diags diag.Diagnostics) {
	period := int64(totp.DefaultPeriod)
	if !m.TimeStep.IsNull() {
		period = m.TimeStep.ValueInt64()
	}
	if !m.TimeStep.IsUnknown() && m.MinValidSeconds.ValueInt64() > period {
		diags.AddAttributeError(path.Root("min_valid_seconds"), "min_valid_seconds too large",
			fmt.Sprintf("No code remains current for %d seconds, because a new one comes every %d seconds (time_step). "+
				"Set min_valid_seconds to at most %d.",
				m.MinValidSeconds.ValueInt64(), period, period))
	}
	return diags
}

func (r totpCodeEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model totpCodeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(model.checkMinValidSeconds()...) // which may have been unknown
	}
	if resp.Diagnostics.HasError() {
		return
	}
	cfg := totp.Config{
		Algorithm: totp.Algorithm(model.Alg.ValueString()),
		Digits:    int(model.CodeLength.ValueInt64()),
		Period:    int(model.TimeStep.ValueInt64()),
	}
	now := r.now()
	if left := totp.Remaining(cfg, now); left < time.Duration(model.MinValidSeconds.ValueInt64())*time.Second {
		next := now.Add(left)
		if err := client.Sleep(ctx, left); err != nil {
			resp.Diagnostics.AddError("Cannot compute TOTP code", "The run was interrupted while it waited for the next code.")
			return
		}
		// The clock may have been set back while it waited.
		if now = r.now(); now.Before(next) {
			now = next
		}
	}
	code, err := totp.Code(model.Secret.ValueString(), cfg, now)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("secret"), "Cannot compute TOTP code", "Computing the code failed: "+err.Error()+".")
		return
	}
	model.Code = types.StringValue(code)
	model.ValidSeconds = types.Int64Value(int64((totp.Remaining(cfg, now) + time.Second - 1) / time.Second))
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
