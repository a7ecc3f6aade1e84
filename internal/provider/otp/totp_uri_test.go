// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// callFunction runs a function that returns a string.
func callFunction(t *testing.T, f function.Function, arguments ...attr.Value) (string, *function.FuncError) {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(types.StringUnknown())}
	f.Run(context.Background(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	if resp.Error != nil {
		return "", resp.Error
	}
	return resp.Result.Value().(types.String).ValueString(), nil
}

// variadic is what Terraform passes for the arguments at the end.
func variadic(element attr.Type, values ...attr.Value) attr.Value {
	elements := make([]attr.Type, len(values))
	for i := range elements {
		elements[i] = element
	}
	return types.TupleValueMust(elements, values)
}

func totpOptions(values map[string]attr.Value) attr.Value {
	return types.MapValueMust(types.StringType, values)
}

func TestTOTPURIFunction(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	str := func(s string) attr.Value { return types.StringValue(s) }
	null := types.StringNull()
	for _, test := range []struct {
		name                        string
		issuer, accountName, secret string
		options                     []attr.Value
		want                        string
	}{
		{
			"documented by Twilio", "test-issuer", "John’s Account Name", secret, nil,
			"otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name?secret=" + secret + "&issuer=test-issuer&algorithm=SHA1&digits=6&period=30",
		},
		{
			"every option", "ACME Co", "robot", secret,
			[]attr.Value{totpOptions(map[string]attr.Value{"alg": str("sha512"), "code_length": str("8"), "time_step": str("60")})},
			"otpauth://totp/ACME%20Co:robot?secret=" + secret + "&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60",
		},
		{
			"lowest values", "A", "b", secret,
			[]attr.Value{totpOptions(map[string]attr.Value{"alg": str("sha256"), "code_length": str("3"), "time_step": str("20")})},
			"otpauth://totp/A:b?secret=" + secret + "&issuer=A&algorithm=SHA256&digits=3&period=20",
		},
		{
			"null options", "A", "b", secret,
			[]attr.Value{totpOptions(map[string]attr.Value{"alg": null, "code_length": null, "time_step": null})},
			"otpauth://totp/A:b?secret=" + secret + "&issuer=A&algorithm=SHA1&digits=6&period=30",
		},
		{
			"empty options, secret in lower case and padded", "A", "b", "mfrggza=",
			[]attr.Value{totpOptions(nil)},
			"otpauth://totp/A:b?secret=MFRGGZA&issuer=A&algorithm=SHA1&digits=6&period=30",
		},
	} {
		got, err := callFunction(t, newTOTPURIFunction(), str(test.issuer), str(test.accountName), str(test.secret),
			variadic(types.MapType{ElemType: types.StringType}, test.options...))
		if err != nil || got != test.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", test.name, got, err, test.want)
		}
	}
}

func TestTOTPURIFunctionErrors(t *testing.T) {
	t.Parallel()
	const canary = "GEZDGNBVGY3TQOJQ"
	option := func(key, value string) []attr.Value {
		return []attr.Value{totpOptions(map[string]attr.Value{key: types.StringValue(value)})}
	}
	for _, test := range []struct {
		name                        string
		issuer, accountName, secret string
		options                     []attr.Value
		argument                    int64
		want                        string
	}{
		{"issuer", "", "b", canary, nil, 0, "it is empty"},
		{"account name", "A", "", canary, nil, 1, "it is empty"},
		{"no secret", "A", "b", "", nil, 2, "it is empty"},
		{"secret", "A", "b", canary + "1", nil, 2, "position 17"},
		{"alg", "A", "b", canary, option("alg", "md5"), 3, "must be sha1, sha256 or sha512"},
		{"alg in upper case", "A", "b", canary, option("alg", "SHA1"), 3, "must be sha1, sha256 or sha512"},
		{"empty alg", "A", "b", canary, option("alg", ""), 3, "must be sha1, sha256 or sha512"},
		{"code_length too small", "A", "b", canary, option("code_length", "2"), 3, "from 3 to 8"},
		{"code_length too large", "A", "b", canary, option("code_length", "9"), 3, "from 3 to 8"},
		{"code_length broken", "A", "b", canary, option("code_length", "6.5"), 3, "from 3 to 8"},
		{"time_step too small", "A", "b", canary, option("time_step", "19"), 3, "from 20 to 60"},
		{"time_step too large", "A", "b", canary, option("time_step", "61"), 3, "from 20 to 60"},
		{"unknown option", "A", "b", canary, option("digits", "6"), 3, `no option "digits"`},
		{"two objects", "A", "b", canary, []attr.Value{totpOptions(nil), totpOptions(nil)}, 3, "more than one object"},
	} {
		_, err := callFunction(t, newTOTPURIFunction(), types.StringValue(test.issuer), types.StringValue(test.accountName),
			types.StringValue(test.secret), variadic(types.MapType{ElemType: types.StringType}, test.options...))
		if err == nil || err.FunctionArgument == nil {
			t.Errorf("%s: got %v, want an error on argument %d", test.name, err, test.argument)
			continue
		}
		if *err.FunctionArgument != test.argument || !strings.Contains(err.Text, test.want) || strings.Contains(err.Text, canary) {
			t.Errorf("%s: got %q on argument %d, want %q on argument %d, without the secret", test.name, err.Text, *err.FunctionArgument, test.want, test.argument)
		}
	}
}

func TestAccTOTPURIFunction(t *testing.T) {
	t.Parallel()
	const uri = "otpauth://totp/B%C3%BCcher:robot%201?secret=GEZDGNBVGY3TQOJQ&issuer=B%C3%BCcher&algorithm=SHA1&digits="
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: echoProviders(),
		Steps: []resource.TestStep{
			{
				Config: `
					output "bare" {
						value = provider::twilio::totp_uri("Bücher", "robot 1", sensitive("GEZDGNBVGY3TQOJQ"))
					}
				`,
				ExpectError: regexp.MustCompile(`(?s)Output refers to sensitive values`),
			},
			{
				Config:      `output "bad" { value = provider::twilio::totp_uri("A", "b", "GEZD1NBV") }`,
				ExpectError: regexp.MustCompile(`(?s)Invalid value for "secret"\s+parameter.*position\s+5`),
			},
			{
				Config:      `output "bad" { value = provider::twilio::totp_uri("A", "b", null) }`,
				ExpectError: regexp.MustCompile(`(?s)argument must not be null`),
			},
			{
				Config: `
					# Known only after apply: the function is not called with it at plan.
					resource "terraform_data" "later" {
						input = { alg = "sha1", code_length = 7 }
					}
					output "defaults" {
						value = provider::twilio::totp_uri("Bücher", "robot 1", "GEZDGNBVGY3TQOJQ")
					}
					output "options" {
						value = provider::twilio::totp_uri("Bücher", "robot 1", "GEZDGNBVGY3TQOJQ", { code_length = 8, alg = null })
					}
					output "unknown" {
						value = provider::twilio::totp_uri("Bücher", "robot 1", "GEZDGNBVGY3TQOJQ", {
							alg         = terraform_data.later.output.alg
							code_length = terraform_data.later.output.code_length
						})
					}
					output "sensitive" {
						value     = provider::twilio::totp_uri("Bücher", "robot 1", sensitive("GEZDGNBVGY3TQOJQ"), { code_length = sensitive(3) })
						sensitive = true
					}
				`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("defaults", knownvalue.StringExact(uri+"6&period=30")),
					statecheck.ExpectKnownOutputValue("options", knownvalue.StringExact(uri+"8&period=30")),
					statecheck.ExpectKnownOutputValue("unknown", knownvalue.StringExact(uri+"7&period=30")),
					statecheck.ExpectKnownOutputValue("sensitive", knownvalue.StringExact(uri+"3&period=30")),
				},
			},
		},
	})
}

func TestAccFunctionsAcceptEphemeralValues(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: echoProviders(),
		Steps: []resource.TestStep{{
			Config: offline + `
				ephemeral "twilio_verify_totp_secret" "robot" {}
				locals {
					uri = provider::twilio::totp_uri("ACME", "robot", ephemeral.twilio_verify_totp_secret.robot.secret, {
						code_length = length(ephemeral.twilio_verify_totp_secret.robot.secret) / 4
					})
				}
				provider "echo" {
					data = {
						secret = ephemeral.twilio_verify_totp_secret.robot.secret
						uri    = local.uri
						qr     = provider::twilio::qr_code(local.uri, "H")
					}
				}
				resource "echo" "this" {}
			`,
			Check: checkEcho(func(data map[string]string) error {
				want := "otpauth://totp/ACME:robot?secret=" + data["secret"] + "&issuer=ACME&algorithm=SHA1&digits=8&period=30"
				if len(data["secret"]) != 32 || data["uri"] != want {
					return fmt.Errorf("the URI is %q, want %q with a secret of 32 characters", data["uri"], want)
				}
				scanned, err := scanQRCode(data["qr"])
				if err != nil || scanned.GetText() != want {
					return fmt.Errorf("the picture does not say the URI: %v, %w", scanned, err)
				}
				return nil
			}),
		}},
	})
}
