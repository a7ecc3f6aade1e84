// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// offlineProvider has what works without Twilio, and so no configuration.
type offlineProvider struct{}

func (offlineProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "twilio"
}

func (offlineProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (offlineProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (offlineProvider) Resources(context.Context) []func() frameworkresource.Resource { return nil }

func (offlineProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (offlineProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newTOTPSecretEphemeralResource, newTOTPCodeEphemeralResource}
}

func (offlineProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newTOTPURIFunction, newQRCodeFunction}
}

// offlineProviders holds the echo provider besides, which keeps an ephemeral
// value in state for a test to see.
func offlineProviders() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"twilio": providerserver.NewProtocol6WithError(offlineProvider{}),
		"echo":   echoprovider.NewProviderServer(),
	}
}

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
		ProtoV6ProviderFactories: offlineProviders(),
		Steps: []resource.TestStep{{
			Config: `
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
			Config:      fmt.Sprintf(`ephemeral "twilio_verify_totp_secret" "this" { length = %d }`, length),
			ExpectError: regexp.MustCompile(`(?s)Attribute length value must be between 16 and 64`),
		})
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: offlineProviders(),
		Steps:                    steps,
	})
}

// TestAccTOTPSecretUnknownLength shows that Terraform does not open an
// ephemeral resource before it knows its configuration.
func TestAccTOTPSecretUnknownLength(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: offlineProviders(),
		Steps: []resource.TestStep{{
			Config: `
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
