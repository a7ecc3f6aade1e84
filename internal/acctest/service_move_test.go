// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// officialServiceType is the official provider's resource type. RJPearson94's has the same name as
// this provider's.
const officialServiceType = "twilio_verify_services_v2"

// officialService and rjPearson94Service are the states in which the other providers store a
// service with default settings.
const (
	officialService = `{"id":"VA00000000000000000000000000000001","sid":"VA00000000000000000000000000000001","friendly_name":"Chain","code_length":0,
"lookup_enabled":false,"skip_sms_to_landlines":false,"dtmf_input_required":true,"tts_name":"","psd2_enabled":null,
"do_not_share_warning_enabled":false,
"custom_code_enabled":false,"verify_event_subscription_enabled":false,"default_template_sid":null,"push_include_date":false,
"push_apn_credential_sid":"","push_fcm_credential_sid":"","totp_issuer":"","totp_time_step":0,"totp_code_length":8,"totp_skew":0,
"whatsapp_msg_service_sid":"","whatsapp_from":""}`
	rjPearson94Service = `{"id":"VA00000000000000000000000000000001","sid":"VA00000000000000000000000000000001","account_sid":"AC00000000000000000000000000000001",
"friendly_name":"Chain","code_length":6,"lookup_enabled":false,"skip_sms_to_landlines":false,"dtmf_input_required":true,"tts_name":"",
"psd2_enabled":false,
"do_not_share_warning_enabled":false,"custom_code_enabled":false,"default_template_sid":"","mailer_sid":"MD1",
"date_created":"2024-01-01T00:00:00Z",
"date_updated":"2024-01-01T00:00:00Z","url":"https://verify.twilio.com/v2/Services/VA00000000000000000000000000000001","timeouts":null,
"push":[{"apn_credential_sid":"CR00000000000000000000000000000001","fcm_credential_sid":""}],
"totp":[{"issuer":"Issuer","time_step":30,"code_length":8,"skew":0}]}`
)

// TestService_MoveTranslates checks the attributes that are not null after a move.
func TestService_MoveTranslates(t *testing.T) {
	t.Parallel()
	both := map[string]any{
		"id": verifymock.DefaultServiceSID, "sid": verifymock.DefaultServiceSID, "friendly_name": "Chain", "lookup_enabled": false,
		"skip_sms_to_landlines": false, "dtmf_input_required": true, "do_not_share_warning_enabled": false, "custom_code_enabled": false,
		"totp_code_length": 8, // in the official state, a skew of 0 may mean that none is set
	}
	for _, c := range []struct {
		provider, typeName, state string
		more                      map[string]any
	}{
		{officialAddress, officialServiceType, officialService, map[string]any{
			"verify_event_subscription_enabled": false,
			"push_include_date":                 false,
		}},
		{rjPearson94Address, service.Declaration.TypeName, rjPearson94Service, map[string]any{
			"account_sid": verifymock.DefaultAccountSID, "code_length": 6, "psd2_enabled": false,
			"date_created": "2024-01-01T00:00:00Z", "date_updated": "2024-01-01T00:00:00Z",
			"url":                     "https://verify.twilio.com/v2/Services/" + verifymock.DefaultServiceSID,
			"push_apn_credential_sid": "CR00000000000000000000000000000001", "totp_issuer": "Issuer", "totp_time_step": 30, "totp_skew": 0,
		}},
	} {
		i, diags := moveTo(t, service.Declaration.TypeName, c.provider, c.typeName, c.state)
		if warned := strings.Contains(texts(diags), "has mailer_sid, which this provider does not manage"); failed(diags) ||
			warned != (c.provider == rjPearson94Address) {
			t.Fatal(texts(diags))
		}
		want := maps.Clone(both)
		maps.Copy(want, c.more)
		for name, value := range i.members(i.state) {
			expected := want[name]
			if number, ok := expected.(int); ok {
				expected = big.NewFloat(float64(number))
			}
			if !value.Equal(tftypes.NewValue(value.Type(), expected)) {
				t.Errorf("%s: %s is %v, want %v", c.typeName, name, value, want[name])
			}
		}
	}
}
