// SPDX-License-Identifier: MPL-2.0

package accesstoken_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

func TestAccAccessToken_Mock(t *testing.T) {
	t.Parallel()
	mock := verifymock.New(verifymock.Config{})
	listener := httptest.NewServer(openapitest.Validator(t)(mock))
	t.Cleanup(listener.Close)
	config := fmt.Sprintf(`
		provider "twilio" {
			account_sid = %q
			auth_token  = %q
			base_url    = %q
		}
		ephemeral "twilio_verify_access_token" "phone" {
			service_sid          = %q
			identity             = "on-call-account-0001"
			factor_friendly_name = "Phone"
			ttl                  = 300
		}
		provider "echo" {
			data = ephemeral.twilio_verify_access_token.phone
		}
		resource "echo" "this" {}
	`, verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, listener.URL, verifymock.DefaultServiceSID)
	data := tfjsonpath.New("data")
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"echo": echoprovider.NewProviderServer(),
			"twilio": func() (tfprotov6.ProviderServer, error) {
				return provider.NewServer(provider.Options{Version: "test"})(), nil
			},
		},
		Steps: []resource.TestStep{{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.this", data.AtMapKey("token"), knownvalue.StringRegexp(regexp.MustCompile(`^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$`))),
				statecheck.ExpectKnownValue("echo.this", data.AtMapKey("sid"), knownvalue.StringRegexp(regexp.MustCompile(`^YK[0-9a-f]{32}$`))),
				statecheck.ExpectKnownValue("echo.this", data.AtMapKey("expires_at"), knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))),
			},
		}},
	})
	requests := mock.Requests()
	if len(requests) == 0 {
		t.Fatal("no request")
	}
	for _, r := range requests {
		if r.Operation != verifymock.OperationAccessTokenCreate || r.Status != 201 || r.Form.Get("Ttl") != "300" || r.Form.Get("FactorFriendlyName") != "Phone" {
			t.Errorf("request %+v", r)
		}
	}
}
