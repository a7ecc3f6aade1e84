// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// exact returns a check for the value of an attribute: a string, a number, or nil for null.
func exact(value any) knownvalue.Check {
	switch value := value.(type) {
	case string:
		return knownvalue.StringExact(value)
	case int:
		return knownvalue.Int64Exact(int64(value))
	case map[string]string:
		elements := map[string]knownvalue.Check{}
		for key, element := range value {
			elements[key] = knownvalue.StringExact(element)
		}
		return knownvalue.MapExact(elements)
	default:
		return knownvalue.Null()
	}
}

// expectValues expects attributes of a resource or data source in the state.
func expectValues(address string, attributes attributes) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name, value := range attributes {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), exact(value)))
	}
	return checks
}

// dataFactor returns the data source of a factor, with the identity in the given spelling.
func dataFactor(name, identity, sid string) string {
	return fmt.Sprintf(`
data "twilio_verify_factor" %q {
  service_sid = %q
  identity    = %q
  sid         = %q
}
`, name, verifymock.DefaultServiceSID, identity, sid)
}

// nullAttributes maps every attribute of a data source that a factor may lack to null.
var nullAttributes = attributes{
	"metadata": nil, "config_json": nil, "config_alg": nil, "config_code_length": nil, "config_skew": nil, "config_time_step": nil,
	"config_app_id": nil, "config_notification_platform": nil, "config_notification_token": nil, "config_sdk_version": nil,
}

func TestAccFactorDataSource_Read(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{LowercaseIdentity: true, ConfigNumbersAsStrings: true})
	created := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	base := verifymock.Factor{
		Identity: "Robot-Account-0001", FriendlyName: "Zoë 🤖", Status: "verified", DateCreated: created,
		DateUpdated: created.Add(time.Hour),
	}
	totpFactor, push, passkeys := base, base, base
	totpFactor.Alg, totpFactor.CodeLength, totpFactor.Skew, totpFactor.TimeStep, totpFactor.Metadata = "sha512", 8, 0, 60, `{"a":"b","c":""}`
	push.FactorType, push.AppID, push.NotificationPlatform, push.NotificationToken, push.SDKVersion = "push", "com.example.app", "apn",
		fakeToken, "1.0"
	push.Metadata, push.Config = `{}`, map[string]any{"credential_sid": "CR0123"}
	passkeys.FactorType, passkeys.Config = "passkeys", map[string]any{"relying_party": map[string]any{
		"id":      "example.com",
		"origins": []string{"https://example.com"},
	}}
	totpFactor, push, passkeys = mock.AddFactor(totpFactor), mock.AddFactor(push), mock.AddFactor(passkeys)

	const identity = "ROBOT-account-0001" // neither as created nor as returned
	common := func(f verifymock.Factor) attributes {
		return nullAttributes.with(attributes{
			"sid": f.SID, "account_sid": verifymock.DefaultAccountSID, "service_sid": verifymock.DefaultServiceSID, "entity_sid": f.EntitySID,
			"identity": identity, "friendly_name": "Zoë 🤖", "factor_type": f.FactorType, "status": "verified",
			"date_created": "2031-05-01T12:00:00Z", "date_updated": "2031-05-01T13:00:00Z",
			"url": mock.url + "/v2/Services/" + verifymock.DefaultServiceSID + "/Entities/robot-account-0001/Factors/" + f.SID,
		})
	}
	var checks []statecheck.StateCheck
	for name, attributes := range map[string]attributes{
		"totp": common(totpFactor).with(attributes{
			"metadata":   map[string]string{"a": "b", "c": ""},
			"config_alg": "sha512", "config_code_length": 8, "config_skew": 0, "config_time_step": 60,
		}),
		"push": common(push).with(attributes{
			"metadata":      map[string]string{},
			"config_app_id": "com.example.app", "config_notification_platform": "apn", "config_notification_token": fakeToken,
			"config_sdk_version": "1.0",
			"config_json":        `{"credential_sid":"CR0123"}`,
		}),
		"passkeys": common(passkeys).with(attributes{"config_json": `{"relying_party":{"id":"example.com","origins":["https://example.com"]}}`}),
	} {
		checks = append(checks, expectValues("data.twilio_verify_factor."+name, attributes)...)
	}
	if sensitiveStates.has(t) {
		checks = append(checks, statecheck.ExpectSensitiveValue("data.twilio_verify_factor.push", tfjsonpath.New("config_notification_token")))
	}
	runSteps(t,
		resource.TestStep{
			PreConfig: mock.ResetRequests,
			Config:    mock.config(dataFactor("missing", identity, "YF99999999999999999999999999999999")),
			ExpectError: words("Failed to read factor: YF99999999999999999999999999999999 of identity \"ROBOT-account-0001\" in " +
				"service " + verifymock.DefaultServiceSID),
		},
		resource.TestStep{
			PreConfig:   func() { mock.expectCalls(t, map[verifymock.Operation]int{"fetch": 1, "list": 0, "service": 0}) },
			Config:      mock.config(dataFactor("wrong", identity, "YF1")),
			ExpectError: words("must be the SID of a factor: YF followed by 32 hexadecimal digits"),
		},
		resource.TestStep{
			Config:      mock.config(strings.Replace(dataFactor("wrong", "short", totpFactor.SID), verifymock.DefaultServiceSID, "VA1", 1)),
			ExpectError: words("must be the SID of a Verify service: VA followed by 32 hexadecimal digits"),
		},
		resource.TestStep{
			PreConfig: func() { mock.expectCalls(t, map[verifymock.Operation]int{"fetch": 0}) },
			Config: mock.config(dataFactor("totp", identity, totpFactor.SID) + dataFactor("push", identity,
				push.SID) + dataFactor("passkeys", identity, passkeys.SID)),
			ConfigStateChecks: checks,
		},
	)
}
