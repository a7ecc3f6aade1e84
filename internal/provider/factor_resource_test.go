// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const totpFactor = `
resource "twilio_verify_factor" "test" {
  service_sid   = "` + verifymock.DefaultServiceSID + `"
  identity      = "Robot-Account-0001"
  factor_type   = "totp"
  friendly_name = "Robot 1"
}
`

func TestFactorTOTPLifecycle(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := mock.config(totpFactor)
	runSteps(t,
		resource.TestStep{
			Config: config,
			Check: func(*terraform.State) error {
				mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationCreate: 1})
				return nil
			},
		},
		emptyPlan(config),
	)
}
