// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// TestFactor_ErrorsShown checks that an error on the attribute at fault has Twilio's message, link, and
// request ID, and no secret.
func TestFactor_ErrorsShown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config       attributes
		status, code int
		message      string
		attribute    string
		want         []string
		secret       string
	}{
		"secret quoted": {
			totpValues().with(attributes{"binding_secret": givenSecret}), 400, 60314, "Bad binding " + givenSecret, "binding_secret",
			[]string{
				"Bad binding (sensitive value)", "Failed to create factor", `"Robot 1" (totp) of identity "robot-account-0001"`,
				"More: https://www.twilio.com/docs/errors/60314", "Twilio request ID: RQcanary",
			},
			givenSecret,
		},
		"token quoted": {
			pushValues(t), 400, 60200, "Invalid Config.NotificationToken " + fakeToken, "config_notification_token",
			[]string{"Invalid Config.NotificationToken (sensitive value)"},
			fakeToken,
		},
		"60315": {
			totpValues().with(attributes{"binding_secret": givenSecret}), 400, 60315, "Max factors " + givenSecret, "identity",
			[]string{"Max factors", "20 push factors and 100 TOTP factors"},
			givenSecret,
		},
		"60326": {
			totpValues().with(attributes{"binding_secret": givenSecret}), 429, 60326, "Max creates " + givenSecret, "identity",
			[]string{"Apply again tomorrow"},
			givenSecret,
		},
		"401": {totpValues(), 401, 20003, "Authenticate", "", []string{
			"The credentials are account_sid and auth_token of the provider block, sent to http://", "region",
		}, verifymock.DefaultAuthToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			m.Inject(verifymock.Fault{
				Operation: verifymock.OperationCreate, Status: test.status, Code: test.code, Message: test.message,
				Header: http.Header{"Twilio-Request-Id": {"RQcanary"}},
			})
			_, diags := m.instance(t).apply(test.config)
			at := test.attribute
			if at != "" {
				at = attributeStep(at)
			}
			text := messages(diags)[at]
			for _, excerpt := range test.want {
				if !failed(diags) || !strings.Contains(text, excerpt) {
					t.Errorf("%q is not in the error on %q: %s", excerpt, test.attribute, texts(diags))
				}
			}
			if strings.Contains(texts(diags), test.secret) {
				t.Errorf("a secret is in the error: %s", texts(diags))
			}
			m.expectExactly(t, calls{verifymock.OperationCreate: 1})
		})
	}
}
