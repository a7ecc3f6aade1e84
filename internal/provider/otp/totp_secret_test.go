// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// echoProviders holds the echo provider besides ours; it keeps an ephemeral
// value in state for a test to see.
func echoProviders() map[string]func() (tfprotov6.ProviderServer, error) {
	factories := providerFactories()
	factories["echo"] = echoprovider.NewProviderServer()
	return factories
}

// offline is a provider block for what calls nobody. The port is one on which
// nobody can answer.
const offline = `
	provider "twilio" {
		account_sid = "AC00000000000000000000000000000000"
		auth_token  = "unused"
		base_url    = "http://127.0.0.1:1"
		max_retries = 0
	}
`

// ephemeralVersions skips on a Terraform without ephemeral resources, and says so.
var ephemeralVersions = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)}

// checkEcho gives a check the object that echo.this got.
func checkEcho(check func(data map[string]string) error) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		echo, ok := state.RootModule().Resources["echo.this"]
		if !ok {
			return errors.New("there is no echo.this in state")
		}
		data := map[string]string{}
		for name, value := range echo.Primary.Attributes {
			data[strings.TrimPrefix(name, "data.")] = value
		}
		return check(data)
	}
}

func TestAccTOTPSecret(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: echoProviders(),
		Steps: []resource.TestStep{{
			Config: offline + `
				ephemeral "twilio_verify_totp_secret" "standard" {}
				ephemeral "twilio_verify_totp_secret" "another" {}
				ephemeral "twilio_verify_totp_secret" "shortest" { length = 16 }
				ephemeral "twilio_verify_totp_secret" "longest" { length = 64 }
				provider "echo" {
					data = {
						standard = ephemeral.twilio_verify_totp_secret.standard.secret
						again    = ephemeral.twilio_verify_totp_secret.standard.secret
						another  = ephemeral.twilio_verify_totp_secret.another.secret
						shortest = ephemeral.twilio_verify_totp_secret.shortest.secret
						longest  = ephemeral.twilio_verify_totp_secret.longest.secret
					}
				}
				resource "echo" "this" {}
			`,
			Check: checkEcho(func(data map[string]string) error {
				for name, bytes := range map[string]int{"standard": 20, "another": 20, "shortest": 16, "longest": 64} {
					key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(data[name])
					if err != nil || len(key) != bytes {
						return fmt.Errorf("%s: %q has %d bytes, want %d, %w", name, data[name], len(key), bytes, err)
					}
				}
				if data["standard"] != data["again"] {
					return errors.New("one secret has two values in one apply")
				}
				if data["standard"] == data["another"] {
					return errors.New("two secrets are the same")
				}
				return nil
			}),
		}},
	})
}

func TestAccTOTPSecretLength(t *testing.T) {
	t.Parallel()
	var steps []resource.TestStep
	for _, length := range []int{-1, 0, 15, 65} {
		steps = append(steps, resource.TestStep{
			PlanOnly:    true,
			Config:      offline + fmt.Sprintf(`ephemeral "twilio_verify_totp_secret" "this" { length = %d }`, length),
			ExpectError: regexp.MustCompile(`(?s)Attribute length value must be between 16 and 64`),
		})
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: echoProviders(),
		Steps:                    steps,
	})
}

// TestAccTOTPSecretUnknownLength shows that Terraform does not open an
// ephemeral resource before it knows its configuration.
func TestAccTOTPSecretUnknownLength(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: echoProviders(),
		Steps: []resource.TestStep{{
			Config: offline + `
				resource "terraform_data" "later" { input = 30 }
				ephemeral "twilio_verify_totp_secret" "this" { length = terraform_data.later.output }
				provider "echo" {
					data = { secret = ephemeral.twilio_verify_totp_secret.this.secret }
				}
				resource "echo" "this" {}
			`,
			Check: checkEcho(func(data map[string]string) error {
				if len(data["secret"]) != 48 { // 30 bytes
					return fmt.Errorf("the secret has %d characters, want 48", len(data["secret"]))
				}
				return nil
			}),
		}},
	})
}
