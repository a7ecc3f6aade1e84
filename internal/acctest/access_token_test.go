// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func TestAccAccessToken(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	runEcho(t, echoed(m.config(fmt.Sprintf(`
		ephemeral "twilio_verify_access_token" "phone" {
			service_sid          = %q
			identity             = "on-call-account-0001"
			factor_friendly_name = "Phone"
			ttl                  = 300
		}
	`, verifymock.DefaultServiceSID)), `
		token = ephemeral.twilio_verify_access_token.phone.token
		rest  = join(" ", [ephemeral.twilio_verify_access_token.phone.sid, ephemeral.twilio_verify_access_token.phone.expires_at])
	`, func(values map[string]string) error {
		if !regexp.MustCompile(`^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$`).MatchString(values["token"]) ||
			!regexp.MustCompile(`^YK[0-9a-f]{32} \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`).MatchString(values["rest"]) {
			return fmt.Errorf("the access token is %v", values)
		}
		if len(m.Requests()) == 0 {
			return errors.New("no request")
		}
		for _, r := range m.Requests() {
			if r.Operation != verifymock.OperationAccessTokenCreate || r.Status != 201 || r.Form.Get("Ttl") != "300" ||
				r.Form.Get("FactorFriendlyName") != "Phone" {
				return fmt.Errorf("request %+v", r)
			}
		}
		return nil
	}))
}
