// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func TestAccAccessToken(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	data := tfjsonpath.New("data")
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   ephemeralVersions,
		ProtoV6ProviderFactories: echoProviders(),
		Steps: []resource.TestStep{{
			Config: m.config(fmt.Sprintf(`
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
			`, verifymock.DefaultServiceSID)),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.this", data.AtMapKey("token"),
					knownvalue.StringRegexp(regexp.MustCompile(`^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$`))),
				statecheck.ExpectKnownValue("echo.this", data.AtMapKey("sid"), knownvalue.StringRegexp(regexp.MustCompile(`^YK[0-9a-f]{32}$`))),
				statecheck.ExpectKnownValue("echo.this", data.AtMapKey("expires_at"),
					knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))),
			},
		}},
	})
	requests := m.Requests()
	if len(requests) == 0 {
		t.Fatal("no request")
	}
	for _, r := range requests {
		if r.Operation != verifymock.OperationAccessTokenCreate || r.Status != 201 || r.Form.Get("Ttl") != "300" ||
			r.Form.Get("FactorFriendlyName") != "Phone" {
			t.Errorf("request %+v", r)
		}
	}
}
