// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// officialServiceType is the official provider's resource type. RJPearson94's has the same name as
// this provider's.
const officialServiceType = "twilio_verify_services_v2"

// officialService and rjPearson94Service are the states in which the other providers store a
// service with default settings.
var (
	movedDefaults = attributes{
		"id": movedService, "sid": movedService, "friendly_name": "Chain", "lookup_enabled": false, "skip_sms_to_landlines": false,
		"dtmf_input_required": true, "tts_name": "", "do_not_share_warning_enabled": false, "custom_code_enabled": false,
	}
	officialService = movedDefaults.with(attributes{
		"code_length": 0, "psd2_enabled": nil, "verify_event_subscription_enabled": false, "default_template_sid": nil,
		"push_include_date": false, "push_apn_credential_sid": "", "push_fcm_credential_sid": "", "totp_issuer": "", "totp_time_step": 0,
		"totp_code_length": 8, "totp_skew": 0, "whatsapp_msg_service_sid": "", "whatsapp_from": "",
	})
	rjPearson94Service = movedDefaults.with(attributes{
		"account_sid": verifymock.DefaultAccountSID, "code_length": 6, "psd2_enabled": false, "default_template_sid": "", "mailer_sid": "MD1",
		"date_created": "2024-01-01T00:00:00Z", "date_updated": "2024-01-01T00:00:00Z", "timeouts": nil, "url": "https://verify.twilio.com/v2",
		"push": []attributes{{"apn_credential_sid": movedCredential, "fcm_credential_sid": ""}},
		"totp": []attributes{{"issuer": "Issuer", "time_step": 30, "code_length": 8, "skew": 0}},
	})
)

// TestService_MoveTranslates checks the attributes that are not null after a move.
func TestService_MoveTranslates(t *testing.T) {
	t.Parallel()
	// In the official state, a skew of 0 may mean that none is set.
	both := movedDefaults.with(attributes{"tts_name": nil, "totp_code_length": 8})
	for _, c := range []struct {
		provider, typeName string
		state, more        attributes
	}{
		{officialAddress, officialServiceType, officialService, attributes{
			"verify_event_subscription_enabled": false, "push_include_date": false,
		}},
		{rjPearson94Address, service.Declaration.TypeName, rjPearson94Service, attributes{
			"account_sid": verifymock.DefaultAccountSID, "code_length": 6, "psd2_enabled": false, "url": "https://verify.twilio.com/v2",
			"date_created": "2024-01-01T00:00:00Z", "date_updated": "2024-01-01T00:00:00Z",
			"push_apn_credential_sid": movedCredential, "totp_issuer": "Issuer", "totp_time_step": 30, "totp_skew": 0,
		}},
	} {
		i, diags := moveTo(t, service.Declaration.TypeName, c.provider, c.typeName, document(t, c.state))
		if warned := strings.Contains(texts(diags), "has mailer_sid, which this provider does not manage"); failed(diags) ||
			warned != (c.provider == rjPearson94Address) {
			t.Fatal(texts(diags))
		}
		want := i.members(both.with(c.more).value(i.object()))
		for name, value := range i.members(i.state) {
			if !value.Equal(want[name]) {
				t.Errorf("%s: %s is %s, want %s", c.typeName, name, value, want[name])
			}
		}
	}
}
