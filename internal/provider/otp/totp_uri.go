// SPDX-License-Identifier: MPL-2.0

// Package otp implements the functions and ephemeral resources for one-time passwords: TOTP secrets
// and codes, otpauth URIs, and QR codes. None of them calls the Twilio API.
package otp

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// providerFunction is a function of the provider. run returns the result, which is null if a required
// argument is null.
type providerFunction struct {
	name       string
	definition function.Definition
	run        func(ctx context.Context, arguments function.ArgumentsData) (any, *function.FuncError)
}

func (f providerFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f providerFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f providerFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	result, err := f.run(ctx, req.Arguments)
	if resp.Error = err; err == nil {
		resp.Error = resp.Result.Set(ctx, result)
	}
}

// parameter returns a parameter of type string that may be null.
func parameter(name, description string) function.StringParameter {
	return function.StringParameter{Name: name, AllowNullValue: true, MarkdownDescription: description}
}

// Positions of the arguments, for errors.
const (
	totpURIIssuer int64 = iota
	totpURIAccountName
	totpURISecret
	totpURIOptions
)

// NewURIFunction returns the function totp_uri.
func NewURIFunction() function.Function {
	return providerFunction{name: "totp_uri", run: runURI, definition: function.Definition{
		Summary: "Build the otpauth:// URI of a TOTP factor",
		MarkdownDescription: "Returns the `otpauth://totp/` URI that authenticator apps read, usually from a QR code, " +
			"in the same form as `binding_uri`. Use it with a write-only secret, for which `binding_uri` is null, or to show " +
			"another issuer. The result is null if the issuer, the account name, or the secret is null. The URI contains " +
			"the secret: if any argument is sensitive or ephemeral, so is the result.",
		Parameters: []function.Parameter{
			parameter("issuer", "The organization that the code is for, shown above it in the app. Must not be empty. Avoid colons, after which "+
				"some apps cut off the name. Twilio uses the service's TOTP issuer, which defaults to the service's friendly name."),
			parameter("account_name", "The owner of the code, shown below it in the app. Must not be empty. "+
				"Twilio uses the `friendly_name` of the factor."),
			parameter("secret", "The factor's secret in Base32, in upper or lower case, with or without padding. "+
				"The URI contains it in upper case and without padding, as apps expect."),
		},
		VariadicParameter: function.MapParameter{
			Name:           "options",
			AllowNullValue: true,
			ElementType:    types.StringType,
			MarkdownDescription: "At most one object, for a factor that differs from Twilio's defaults: `alg` (`sha1`, `sha256`, or " +
				"`sha512`; default `sha1`), `code_length` (3 to 8 digits; default 6), and `time_step` (20 to 60 seconds; " +
				"default 30). The default applies if the object or an attribute is null or omitted. Pass `config_alg`, " +
				"`config_code_length`, and `config_time_step` of the factor.",
		},
		Return: function.StringReturn{},
	}}
}

func runURI(ctx context.Context, arguments function.ArgumentsData) (any, *function.FuncError) {
	var issuer, accountName, secret types.String
	var options []map[string]*string
	err := arguments.Get(ctx, &issuer, &accountName, &secret, &options)
	if err != nil || issuer.IsNull() || accountName.IsNull() || secret.IsNull() {
		return types.StringNull(), err
	}
	cfg, message := totpURIConfig(options)
	switch problem := shared.SecretProblem(secret.ValueString()); {
	case issuer.ValueString() == "":
		return nil, function.NewArgumentFuncError(totpURIIssuer, "the issuer is empty; use the name that apps should show")
	case accountName.ValueString() == "":
		return nil, function.NewArgumentFuncError(totpURIAccountName, "the account name is empty; use the friendly name of the factor")
	case problem != "":
		return nil, function.NewArgumentFuncError(totpURISecret, problem)
	case message != "":
		return nil, function.NewArgumentFuncError(totpURIOptions, message)
	}
	return totp.URI(issuer.ValueString(), accountName.ValueString(), secret.ValueString(), cfg), nil
}

// totpURIConfig reads the options. The message describes an invalid option, or is empty.
// Terraform adds the name of the parameter and a period.
func totpURIConfig(options []map[string]*string) (cfg totp.Config, message string) {
	if len(options) > 1 {
		return cfg, "there is more than one object; put all options into one"
	}
	for _, given := range options {
		for key, value := range given {
			if value != nil {
				message = cmp.Or(message, setTOTPOption(&cfg, key, *value))
			}
		}
	}
	return cfg, message
}

func setTOTPOption(cfg *totp.Config, key, value string) (message string) {
	number, _ := strconv.Atoi(value) // out of range if value is not a number
	switch key {
	case "alg":
		if cfg.Algorithm = totp.Algorithm(value); !slices.Contains(shared.TOTPAlgorithms, value) {
			return "alg must be sha1, sha256, or sha512"
		}
	case "code_length":
		if cfg.Digits = number; number < totp.MinDigits || number > totp.MaxDigits {
			return "code_length must be a whole number from 3 to 8"
		}
	case "time_step":
		if cfg.Period = number; number < totp.MinPeriod || number > totp.MaxPeriod {
			return "time_step must be a whole number of seconds from 20 to 60"
		}
	default:
		return "there is an unknown option, which is not shown because it may be a secret; the options are alg, code_length, and time_step"
	}
	return ""
}
