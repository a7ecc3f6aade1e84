// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// Lengths of a TOTP secret in bytes.
const (
	// totpSecretMin is the length that RFC 4226, section 4, requires: 128 bits.
	totpSecretMin = 16
	// totpSecretMax is the output length of SHA-512, the longest key that RFC 6238, section 5.1,
	// recommends.
	totpSecretMax = 64
)

// totpSecretEphemeralResource implements twilio_verify_totp_secret.
type totpSecretEphemeralResource struct{}

type totpSecretModel struct {
	Length types.Int64  `tfsdk:"length"`
	Secret types.String `tfsdk:"secret"`
}

// NewSecretEphemeralResource returns the ephemeral resource twilio_verify_totp_secret.
func NewSecretEphemeralResource() ephemeral.EphemeralResource { return totpSecretEphemeralResource{} }

func (totpSecretEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify_totp_secret"
}

func (totpSecretEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Generates a random secret for a TOTP factor, from the random source of the machine that runs Terraform. " +
			"The secret is stored in neither the state nor the plan, and no request is sent to Twilio.\n\n" +
			"It is a different secret in every run, at plan and again at apply. " +
			"Write it to a vault, and pass the secret from the vault to Twilio, as in the example. " +
			"A secret that goes straight to a factor is stored nowhere, and is lost. " +
			"For several factors, use `for_each` here, too, or all get the same secret. " +
			"To change the secret, increment both versions together.",
		Attributes: map[string]schema.Attribute{
			"length": shared.Number("Length of the secret in bytes: 16 to 64. Defaults to 20, the length that RFC 4226 recommends. "+
				"RFC 6238 recommends 32 for `sha256` and 64 for `sha512`.", int64validator.Between(totpSecretMin, totpSecretMax)),
			"secret": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "The secret in Base32, in upper case and without padding: 32 characters for 20 bytes.",
			},
		},
	}
}

func (totpSecretEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model totpSecretModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.Secret = types.StringValue(totp.NewSecret(cmp.Or(int(model.Length.ValueInt64()), totp.SecretBytes)))
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
