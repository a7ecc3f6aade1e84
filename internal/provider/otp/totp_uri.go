// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// totpURIFunction is provider::twilio::totp_uri.
type totpURIFunction struct{}

func NewURIFunction() function.Function { return totpURIFunction{} }

func (totpURIFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "totp_uri"
}

// Positions of the arguments, for errors.
const (
	totpURIIssuer int64 = iota
	totpURIAccountName
	totpURISecret
	totpURIOptions
)

func (totpURIFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write the otpauth:// URI of a TOTP factor",
		MarkdownDescription: "Returns the `otpauth://totp/` URI that authenticator apps read, usually from a QR code, " +
			"byte for byte in the form that Twilio documents for `binding_uri`. It is for secrets that Terraform holds " +
			"itself: for a write-only secret `binding_uri` is null. The URI contains the secret, so the result is " +
			"sensitive or ephemeral whenever the `secret` argument is.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:           "issuer",
				AllowNullValue: true,
				MarkdownDescription: "Who the code is for, shown above it in the app. Twilio uses the service's `totp.issuer`, " +
					"else the friendly name of the service. Any text but the empty one; apps that follow the format loosely " +
					"cut the name at a colon.",
			},
			function.StringParameter{
				Name:           "account_name",
				AllowNullValue: true,
				MarkdownDescription: "Whose code it is, shown below it in the app. Twilio uses the `friendly_name` of the factor. " +
					"Any text but the empty one.",
			},
			function.StringParameter{
				Name:           "secret",
				AllowNullValue: true,
				MarkdownDescription: "The factor's secret in Base32, in upper or lower case, with or without padding. " +
					"The URI has it in upper case and without padding, as apps expect it.",
			},
		},
		VariadicParameter: function.MapParameter{
			Name:        "options",
			ElementType: types.StringType,
			MarkdownDescription: "At most one object, for a factor that differs from Twilio's defaults: `alg` (`sha1`, `sha256` or " +
				"`sha512`; default `sha1`), `code_length` (3 to 8 digits; default 6) and `time_step` (20 to 60 seconds; " +
				"default 30). An attribute that is null or left out stands for its default, so that `config_alg`, " +
				"`config_code_length` and `config_time_step` of a factor can be passed as they are.",
		},
		Return: function.StringReturn{},
	}
}

func (totpURIFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var issuer, accountName, secret types.String
	var options []map[string]*string
	if resp.Error = req.Arguments.Get(ctx, &issuer, &accountName, &secret, &options); resp.Error != nil {
		return
	}
	if issuer.IsNull() || accountName.IsNull() || secret.IsNull() {
		resp.Error = resp.Result.Set(ctx, types.StringNull())
		return
	}
	resp.Error = checkURIArguments(issuer.ValueString(), accountName.ValueString(), secret.ValueString())
	if resp.Error != nil {
		return
	}
	cfg, message := totpURIConfig(options)
	if message != "" {
		resp.Error = function.NewArgumentFuncError(totpURIOptions, message)
		return
	}
	resp.Error = resp.Result.Set(ctx, totp.URI(issuer.ValueString(), accountName.ValueString(), secret.ValueString(), cfg))
}

// checkURIArguments returns an error about the first invalid argument.
func checkURIArguments(issuer, accountName, secret string) *function.FuncError {
	if issuer == "" {
		return function.NewArgumentFuncError(totpURIIssuer, "the issuer is empty; use the name that apps should show")
	}
	if accountName == "" {
		return function.NewArgumentFuncError(totpURIAccountName, "the account name is empty; use the friendly name of the factor")
	}
	if err := totp.CheckSecret(secret); err != nil {
		return function.NewArgumentFuncError(totpURISecret, "the secret is not valid Base32: "+err.Error())
	}
	return nil
}

// totpURIConfig reads the options. A message says what is wrong with them, in
// words that Terraform puts behind the name of the parameter, with a full stop.
func totpURIConfig(options []map[string]*string) (cfg totp.Config, message string) {
	if len(options) > 1 {
		return cfg, "there is more than one object; put all options into one"
	}
	for _, given := range options {
		for key, value := range given {
			if value == nil {
				continue
			}
			if message := setTOTPOption(&cfg, key, *value); message != "" {
				return cfg, message
			}
		}
	}
	return cfg, ""
}

func setTOTPOption(cfg *totp.Config, key, value string) (message string) {
	switch key {
	case "alg":
		cfg.Algorithm = totp.Algorithm(value)
		if !slices.Contains(shared.TOTPAlgorithms, value) {
			return "alg must be sha1, sha256 or sha512"
		}
		return ""
	case "code_length":
		return setInRange(&cfg.Digits, value, 3, 8, "code_length must be a whole number from 3 to 8")
	case "time_step":
		return setInRange(&cfg.Period, value, 20, 60, "time_step must be a whole number of seconds from 20 to 60")
	}
	return "there is no option " + strconv.Quote(key) + "; the options are alg, code_length and time_step"
}

func setInRange(to *int, value string, lowest, highest int, otherwise string) (message string) {
	number, err := strconv.Atoi(value)
	if err != nil || number < lowest || number > highest {
		return otherwise
	}
	*to = number
	return ""
}
