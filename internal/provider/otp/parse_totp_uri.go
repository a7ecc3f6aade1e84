// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

var parsedTOTPURITypes = map[string]attr.Type{
	"issuer":       types.StringType,
	"account_name": types.StringType,
	"secret":       types.StringType,
	"alg":          types.StringType,
	"code_length":  types.Int64Type,
	"time_step":    types.Int64Type,
}

// NewParseURIFunction returns the function parse_totp_uri.
func NewParseURIFunction() function.Function {
	return providerFunction{name: "parse_totp_uri", run: runParseURI, definition: function.Definition{
		Summary: "Parse the otpauth:// URI of a TOTP secret",
		MarkdownDescription: "Returns the parts of an `otpauth://totp/` URI in the form that the attributes of " +
			"`twilio_verify_factor` accept. Use it to move a secret from another issuer to Twilio Verify. " +
			"The result is an object with these attributes:\n\n" +
			"- `issuer`: the `issuer` parameter, or the part of the label before the colon; null if the URI has neither.\n" +
			"- `account_name`: the part of the label after the colon, or the whole label if it has no colon; null if empty. For `friendly_name`.\n" +
			"- `secret`: the secret in Base32, in upper case and without padding. For `binding_secret` or `binding_secret_wo`.\n" +
			"- `alg`: `sha1`, `sha256`, or `sha512`; `sha1` if the URI does not set it. For `config_alg`.\n" +
			"- `code_length`: the number of digits in a code, 3 to 8; 6 if the URI does not set it. For `config_code_length`.\n" +
			"- `time_step`: the seconds from one code to the next, 20 to 60; 30 if the URI does not set it. For `config_time_step`.\n\n" +
			"The result is null if the URI is null. A `hotp` URI, a URI without a valid secret, and values that Twilio does " +
			"not accept are errors; other parameters, such as `image`, are ignored. The URI contains the secret: if the " +
			"argument is sensitive or ephemeral, so is the whole result.",
		Parameters: []function.Parameter{
			parameter("uri", "The URI, as read from the QR code of an issuer, or as returned by `totp_uri` or `binding_uri`. "+
				"Spaces and line breaks around it are ignored."),
		},
		Return: function.ObjectReturn{AttributeTypes: parsedTOTPURITypes},
	}}
}

func runParseURI(ctx context.Context, arguments function.ArgumentsData) (any, *function.FuncError) {
	var uri types.String
	if err := arguments.Get(ctx, &uri); err != nil || uri.IsNull() {
		return types.ObjectNull(parsedTOTPURITypes), err
	}
	if problem := shared.ByteOrderMarkProblem(uri.ValueString()); problem != "" {
		return nil, function.NewArgumentFuncError(0, "the URI "+problem)
	}
	key, err := totp.ParseURI(uri.ValueString())
	if err != nil {
		return nil, function.NewArgumentFuncError(0, err.Error())
	}
	return types.ObjectValueMust(parsedTOTPURITypes, map[string]attr.Value{
		"issuer":       shared.OptionalString(key.Issuer),
		"account_name": shared.OptionalString(key.Account),
		"secret":       types.StringValue(key.Secret),
		"alg":          types.StringValue(string(key.Config.Algorithm)),
		"code_length":  types.Int64Value(int64(key.Config.Digits)),
		"time_step":    types.Int64Value(int64(key.Config.Period)),
	}), nil
}
