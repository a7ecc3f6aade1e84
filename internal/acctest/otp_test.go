// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// runEcho runs steps with functions or ephemeral resources, of which echoed shows the values.
func runEcho(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	factories := providerFactories()
	factories["echo"] = echoprovider.NewProviderServer() // stores an ephemeral value in the state for tests
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: factories,
		Steps:                    steps,
	})
}

// offline is a provider block for tests without requests. Nothing listens on the port.
const offline = `
	provider "twilio" {
		account_sid = "AC00000000000000000000000000000000"
		auth_token  = "unused"
		base_url    = "http://127.0.0.1:1"
		max_retries = 0
	}
`

// echoed is a step with a configuration and an object of values, which it passes to a check.
func echoed(config, values string, check func(values map[string]string) error) resource.TestStep {
	return resource.TestStep{
		Config: config + "\nprovider \"echo\" {\n  data = {\n" + values + "\n  }\n}\nresource \"echo\" \"this\" {}\n",
		Check: func(state *terraform.State) error {
			data := map[string]string{}
			for name, value := range state.RootModule().Resources["echo.this"].Primary.Attributes {
				data[strings.TrimPrefix(name, "data.")] = value
			}
			return check(data)
		},
	}
}

// TestOTP_InvalidConfiguration validates configurations, as Terraform does at plan and, once everything
// is known, at apply.
func TestOTP_InvalidConfiguration(t *testing.T) {
	t.Parallel()
	const code, secret = "twilio_verify_totp_code", "twilio_verify_totp_secret"
	i := newInstance(t)
	for _, c := range []struct {
		typeName string
		config   attributes
		want     string
	}{
		{code, attributes{"secret": "GEZD1NBV"}, "Invalid Base32 secret position 5"},
		{code, attributes{"secret": ""}, "Invalid Base32 secret is empty"},
		{code, attributes{"secret": "GEZDGNBV", "alg": "md5"}, "alg sha1 sha256 sha512"},
		{code, attributes{"secret": "GEZDGNBV", "code_length": 2}, "code_length between 3 and 8"},
		{code, attributes{"secret": "GEZDGNBV", "code_length": 9}, "code_length between 3 and 8"},
		{code, attributes{"secret": "GEZDGNBV", "time_step": 19}, "time_step between 20 and 60"},
		{code, attributes{"secret": "GEZDGNBV", "time_step": 61}, "time_step between 20 and 60"},
		{secret, attributes{"length": -1}, "length between 16 and 64"},
		{secret, attributes{"length": 0}, "length between 16 and 64"},
		{secret, attributes{"length": 15}, "length between 16 and 64"},
		{secret, attributes{"length": 65}, "length between 16 and 64"},
	} {
		object := i.schema.EphemeralResourceSchemas[c.typeName].ValueType().(tftypes.Object)
		resp, err := i.server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
			TypeName: c.typeName, Config: i.dynamic(c.config.value(object)),
		})
		i.must(err)
		for word := range strings.FieldsSeq(c.want) {
			if text := texts(resp.Diagnostics); !failed(resp.Diagnostics) || !strings.Contains(text, word) {
				t.Errorf("%v: want %q, got %s", c.config, c.want, text)
			}
		}
	}
	for _, a := range i.schema.EphemeralResourceSchemas[code].Block.Attributes {
		if a.Required != (a.Name == "secret") {
			t.Errorf("%s: required: %t", a.Name, a.Required)
		}
	}
}

// TestAccTOTPSecret_Values checks the lengths of secrets, of which each is used twice. Terraform does
// not open an ephemeral resource before its configuration is known.
func TestAccTOTPSecret_Values(t *testing.T) {
	t.Parallel()
	const values = `
		standard = ephemeral.twilio_verify_totp_secret.standard.secret
		again    = ephemeral.twilio_verify_totp_secret.standard.secret
		another  = ephemeral.twilio_verify_totp_secret.another.secret
		shortest = ephemeral.twilio_verify_totp_secret.shortest.secret
		longest  = ephemeral.twilio_verify_totp_secret.longest.secret
		unknown  = ephemeral.twilio_verify_totp_secret.unknown.secret
	`
	runEcho(t, echoed(offline+`
		resource "terraform_data" "later" { input = 30 }
		ephemeral "twilio_verify_totp_secret" "standard" {}
		ephemeral "twilio_verify_totp_secret" "another" {}
		ephemeral "twilio_verify_totp_secret" "shortest" { length = 16 }
		ephemeral "twilio_verify_totp_secret" "longest" { length = 64 }
		ephemeral "twilio_verify_totp_secret" "unknown" { length = terraform_data.later.output }
	`, values, func(values map[string]string) error {
		for name, bytes := range map[string]int{"standard": 20, "another": 20, "shortest": 16, "longest": 64, "unknown": 30} {
			key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(values[name])
			if err != nil || len(key) != bytes {
				return fmt.Errorf("%s: %q has %d bytes, want %d, %w", name, values[name], len(key), bytes, err)
			}
		}
		if values["standard"] != values["again"] || values["standard"] == values["another"] {
			return errors.New("one secret has two values in one apply, or two secrets are the same")
		}
		return nil
	}))
}

func TestAccTOTPURIFunction_Values(t *testing.T) {
	t.Parallel()
	const uri = "otpauth://totp/B%C3%BCcher:robot%201?secret=GEZDGNBVGY3TQOJQ&issuer=B%C3%BCcher&algorithm=SHA1&digits="
	output := func(name string, digits int) statecheck.StateCheck {
		return statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(fmt.Sprint(uri, digits, "&period=30")))
	}
	runEcho(t,
		resource.TestStep{
			Config:      `output "bare" { value = provider::twilio::totp_uri("Bücher", "robot 1", sensitive("GEZDGNBVGY3TQOJQ")) }`,
			ExpectError: words("Output refers to sensitive values"),
		},
		resource.TestStep{
			Config:      `output "bad" { value = provider::twilio::totp_uri("A", "b", "GEZD1NBV") }`,
			ExpectError: regexp.MustCompile(`(?s)Invalid value for "secret"\s+parameter.*position\s+5`),
		},
		resource.TestStep{
			Config: `
				# Known only after apply: the function is not called with it at plan.
				resource "terraform_data" "later" {
					input = { alg = "sha1", code_length = 7 }
				}
				output "defaults" { value = provider::twilio::totp_uri("Bücher", "robot 1", "GEZDGNBVGY3TQOJQ") }
				output "none" { value = provider::twilio::qr_code(provider::twilio::totp_uri("A", "b", null)) == null }
				output "unknown" { value = provider::twilio::totp_uri("Bücher", "robot 1", "GEZDGNBVGY3TQOJQ", terraform_data.later.output) }
				output "sensitive" {
					value     = provider::twilio::totp_uri("Bücher", "robot 1", sensitive("GEZDGNBVGY3TQOJQ"), { code_length = sensitive(3), alg = null })
					sensitive = true
				}
			`,
			Check:             resource.TestCheckOutput("none", "true"),
			ConfigStateChecks: []statecheck.StateCheck{output("defaults", 6), output("unknown", 7), output("sensitive", 3)},
		},
	)
}

func TestAccFunctions_AcceptEphemeralValues(t *testing.T) {
	t.Parallel()
	runEcho(t, echoed(offline+`
		ephemeral "twilio_verify_totp_secret" "robot" {}
		locals {
			uri = provider::twilio::totp_uri("ACME", "robot", ephemeral.twilio_verify_totp_secret.robot.secret, {
				code_length = length(ephemeral.twilio_verify_totp_secret.robot.secret) / 4
			})
		}
	`, `
		secret = ephemeral.twilio_verify_totp_secret.robot.secret
		uri    = local.uri
		qr     = provider::twilio::qr_code(local.uri, "H")
	`, func(values map[string]string) error {
		want := "otpauth://totp/ACME:robot?secret=" + values["secret"] + "&issuer=ACME&algorithm=SHA1&digits=8&period=30"
		if len(values["secret"]) != 32 || values["uri"] != want {
			return fmt.Errorf("the URI is %q, want %q with a secret of 32 characters", values["uri"], want)
		}
		scanned, err := ScanQRCode(values["qr"])
		if err != nil || scanned.GetText() != want {
			return fmt.Errorf("the picture does not contain the URI: %v, %w", scanned, err)
		}
		return nil
	}))
}
