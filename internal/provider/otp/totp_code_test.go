// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// rfc6238Secret is the key of RFC 6238, appendix B, for SHA-1.
const rfc6238Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// openTOTPCode opens the resource at a moment of the test's choice.
func openTOTPCode(t *testing.T, at time.Time, config map[string]tftypes.Value) (totpCodeModel, *ephemeral.OpenResponse) {
	t.Helper()
	ctx := context.Background()
	var schema ephemeral.SchemaResponse
	totpCodeEphemeralResource{}.Schema(ctx, ephemeral.SchemaRequest{}, &schema)
	kind := schema.Schema.Type().TerraformType(ctx).(tftypes.Object)
	for name, attribute := range kind.AttributeTypes {
		if _, ok := config[name]; !ok {
			config[name] = tftypes.NewValue(attribute, nil)
		}
	}
	raw := tftypes.NewValue(kind, config)
	resp := &ephemeral.OpenResponse{Result: tfsdk.EphemeralResultData{Raw: raw, Schema: schema.Schema}}
	totpCodeEphemeralResource{now: func() time.Time { return at }}.Open(ctx, ephemeral.OpenRequest{
		Config: tfsdk.Config{Raw: raw, Schema: schema.Schema},
	}, resp)
	var model totpCodeModel
	resp.Diagnostics.Append(resp.Result.Get(ctx, &model)...)
	return model, resp
}

func TestTOTPCodeOpen(t *testing.T) {
	t.Parallel()
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	number := func(n int) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
	for _, test := range []struct {
		name         string
		at           time.Time
		config       map[string]tftypes.Value
		code         string
		validSeconds int64
	}{
		{"defaults", time.Unix(1111111109, 0), map[string]tftypes.Value{"secret": text(rfc6238Secret)}, "081804", 1},
		{"start of a step", time.Unix(1111111110, 0), map[string]tftypes.Value{"secret": text(rfc6238Secret)}, "050471", 30},
		{"within a second", time.Unix(1111111109, 999_000_000), map[string]tftypes.Value{"secret": text(rfc6238Secret)}, "081804", 1},
		{
			"sha256", time.Unix(1111111109, 0),
			map[string]tftypes.Value{"secret": text("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA===="), "alg": text("sha256"), "code_length": number(8)},
			"68084774", 1,
		},
		{
			// 59 is in the second step of 30 s, whose codes those of the third
			// of 20 s, 40 to 60, are not; RFC 4226 has them by counter.
			"counter 2 of RFC 4226", time.Unix(59, 0),
			map[string]tftypes.Value{"secret": text(rfc6238Secret), "time_step": number(20), "code_length": number(3)},
			"152", 1,
		},
	} {
		got, resp := openTOTPCode(t, test.at, test.config)
		if resp.Diagnostics.HasError() || got.Code.ValueString() != test.code || got.ValidSeconds.ValueInt64() != test.validSeconds {
			t.Errorf("%s: got %s for %s s, %v, want %s for %d s", test.name, got.Code, got.ValidSeconds, resp.Diagnostics, test.code, test.validSeconds)
		}
	}
}

func TestAccTOTPCode(t *testing.T) {
	t.Parallel()
	before := time.Now()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: echoProviders(),
		Steps: []resource.TestStep{{
			Config: offline + `
				ephemeral "twilio_verify_totp_secret" "robot" {}
				ephemeral "twilio_verify_totp_code" "standard" {
					secret = ephemeral.twilio_verify_totp_secret.robot.secret
				}
				ephemeral "twilio_verify_totp_code" "other" {
					secret      = lower(ephemeral.twilio_verify_totp_secret.robot.secret)
					alg         = "sha512"
					code_length = 8
					time_step   = 60
				}
				provider "echo" {
					data = {
						secret   = ephemeral.twilio_verify_totp_secret.robot.secret
						standard = ephemeral.twilio_verify_totp_code.standard.code
						other    = ephemeral.twilio_verify_totp_code.other.code
						valid    = ephemeral.twilio_verify_totp_code.other.valid_seconds
					}
				}
				resource "echo" "this" {}
			`,
			Check: checkEcho(func(data map[string]string) error {
				for name, opts := range map[string]totp.ValidateOpts{
					"standard": {Period: 30, Digits: 6, Algorithm: otp.AlgorithmSHA1},
					"other":    {Period: 60, Digits: 8, Algorithm: otp.AlgorithmSHA512},
				} {
					if codes := codesSince(before, data["secret"], opts); !slices.Contains(codes, data[name]) {
						return fmt.Errorf("%s: the code is %q, want one of %q", name, data[name], codes)
					}
				}
				if valid, err := strconv.Atoi(data["valid"]); err != nil || valid < 1 || valid > 60 {
					return fmt.Errorf("the code is valid for %q seconds, want 1 to 60", data["valid"])
				}
				return nil
			}),
		}},
	})
}

// codesSince returns every code that was right at some moment since then.
func codesSince(then time.Time, secret string, opts totp.ValidateOpts) (codes []string) {
	for at := then; at.Before(time.Now().Add(time.Second)); at = at.Add(time.Second) {
		code, _ := totp.GenerateCodeCustom(secret, at, opts)
		codes = append(codes, code)
	}
	return slices.Compact(codes)
}

func TestAccTOTPCodeErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ config, want string }{
		"secret":                     {`secret = "GEZD1NBV"`, `(?s)Secret is not Base32.*position\s+5`},
		"empty secret":               {`secret = ""`, `(?s)Secret is not Base32.*it is\s+empty`},
		"no secret":                  {``, `argument "secret" is required`},
		"alg":                        {`secret = "GEZDGNBV", alg = "md5"`, `(?s)Attribute alg.*sha1.*sha256.*sha512`},
		"code_length below":          {`secret = "GEZDGNBV", code_length = 2`, `code_length value must be between 3 and 8`},
		"code_length above":          {`secret = "GEZDGNBV", code_length = 9`, `code_length value must be between 3 and 8`},
		"time_step below":            {`secret = "GEZDGNBV", time_step = 19`, `time_step value must be between 20 and 60`},
		"time_step above":            {`secret = "GEZDGNBV", time_step = 61`, `time_step value must be between 20 and 60`},
		"secret known only at apply": {`secret = terraform_data.later.output`, `(?s)Secret is not Base32.*position\s+5`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{
				TerraformVersionChecks:   ephemeralVersions,
				ProtoV6ProviderFactories: echoProviders(),
				Steps: []resource.TestStep{{
					Config: offline + `
						resource "terraform_data" "later" { input = "GEZD1NBV" }
						ephemeral "twilio_verify_totp_code" "this" {
							` + strings.ReplaceAll(test.config, ", ", "\n") + `
						}
						provider "echo" {
							data = { code = ephemeral.twilio_verify_totp_code.this.code }
						}
						resource "echo" "this" {}
					`,
					ExpectError: regexp.MustCompile(test.want),
				}},
			})
		})
	}
}
