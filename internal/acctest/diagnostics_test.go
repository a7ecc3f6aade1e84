// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// TestAccFactor_ErrorsShown checks that Terraform shows Twilio's message, link, and request ID next
// to the line at fault, and no secret.
func TestAccFactor_ErrorsShown(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	respond := func(operation verifymock.Operation, status, code int, message string) func() {
		return func() {
			mock.ClearFaults()
			mock.Inject(verifymock.Fault{
				Operation: operation, Status: status, Code: code, Message: message,
				Header: http.Header{"Twilio-Request-Id": {"RQcanary"}},
			})
		}
	}
	push := func(lines ...string) string {
		return factorBlock("push", append(lines, fmt.Sprintf("binding_public_key = %q", newDevice(t).public), `config_app_id = "com.example.app"`,
			`config_notification_platform = "apn"`, `config_notification_token = "`+fakeToken+`"`, `config_sdk_version = "1.0"`)...)
	}
	for _, test := range []struct {
		name   string
		config string
		before func()
		want   []string
		secret string
	}{
		{
			"secret quoted", totpBlock(`binding_secret = "` + givenSecret + `"`), respond("create", 400, 60314, "Bad binding "+givenSecret),
			[]string{
				"Bad binding (sensitive value)", "Failed to create factor", `"Robot 1" (totp) of identity "Robot-Account-0001"`,
				"More: https://www.twilio.com/docs/errors/60314", "Twilio request ID: RQcanary", `binding_secret = "`,
			},
			"Bad binding " + givenSecret,
		},
		{
			"token quoted", push(), respond("create", 400, 60200, "Invalid Config.NotificationToken "+fakeToken),
			[]string{"Invalid Config.NotificationToken (sensitive value)", `config_notification_token = "`},
			"NotificationToken " + fakeToken,
		},
		{"60315", totpBlock(), respond("create", 400, 60315, "Max factors"), []string{
			"Max factors", "20 push factors and 100 TOTP factors",
			`identity = "Robot-Account-0001"`,
		}, ""},
		{
			"60326", totpBlock(), respond("create", 429, 60326, "Max creates"),
			[]string{"Apply again tomorrow", `identity = "Robot-Account-0001"`},
			"",
		},
		{"401", totpBlock(), respond("create", 401, 20003, "Authenticate"), []string{"The credentials are account_sid and auth_token of the " +
			"provider block, sent to " + mock.url, "region"}, verifymock.DefaultAuthToken},
	} {
		w := newWorkspace(t, mock, mock.config(test.config))
		test.before()
		mock.ResetRequests()
		output, err := w.run("apply", "-auto-approve")
		if err == nil {
			t.Errorf("%s: no error", test.name)
		}
		for _, excerpt := range test.want {
			if !words(excerpt).MatchString(output) {
				t.Errorf("%s: %q is not on the screen: %s", test.name, excerpt, output)
			}
		}
		if test.secret != "" && words(test.secret).MatchString(output) {
			t.Errorf("%s: a secret is on the screen: %s", test.name, output)
		}
		mock.expectCalls(t, map[verifymock.Operation]int{"create": 1})
	}
}
