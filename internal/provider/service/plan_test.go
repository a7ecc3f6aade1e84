// SPDX-License-Identifier: MPL-2.0

package service

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

func TestService_FriendlyNameProblem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Chain":                 "",
		"My-App_1 202":          "",
		"App 1234":              "",
		"App 12345":             "5 digits",
		"1a2b3c4d5":             "5 digits",
		"https://example.com":   `contains ':'`,
		"Größe":                 "",
		strings.Repeat("a", 30): "",
		strings.Repeat("a", 31): "31 characters",
		strings.Repeat("ä", 32): "32 characters",
	} {
		if got := friendlyNameProblem(name); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestService_AttributeAtFault finds the attribute for every parameter, as an error may name it.
func TestService_AttributeAtFault(t *testing.T) {
	t.Parallel()
	data := &shared.ProviderData{}
	for parameter, attribute := range map[string]string{
		"FriendlyName": "friendly_name", "CodeLength": "code_length", "LookupEnabled": "lookup_enabled",
		"SkipSmsToLandlines": "skip_sms_to_landlines",
		"DtmfInputRequired":  "dtmf_input_required", "TtsName": "tts_name", "Psd2Enabled": "psd2_enabled",
		"DoNotShareWarningEnabled": "do_not_share_warning_enabled",
		"CustomCodeEnabled":        "custom_code_enabled", "VerifyEventSubscriptionEnabled": "verify_event_subscription_enabled",
		"DefaultTemplateSid":    "default_template_sid",
		"Push.ApnCredentialSid": "push_apn_credential_sid", "Push.FcmCredentialSid": "push_fcm_credential_sid",
		"Push.IncludeDate": "push_include_date",
		"Totp.Issuer":      "totp_issuer", "Totp.TimeStep": "totp_time_step", "Totp.CodeLength": "totp_code_length", "Totp.Skew": "totp_skew",
		"Whatsapp.MsgServiceSid": "whatsapp_msg_service_sid", "Whatsapp.From": "whatsapp_from",
		"Passkeys.RelyingParty.Id": "passkeys_relying_party_id", "Passkeys.RelyingParty.Name": "passkeys_relying_party_name",
		"Passkeys.RelyingParty.Origins":    "passkeys_relying_party_origins",
		"Passkeys.AuthenticatorAttachment": "passkeys_authenticator_attachment",
		"Passkeys.DiscoverableCredentials": "passkeys_discoverable_credentials", "Passkeys.UserVerification": "passkeys_user_verification",
	} {
		d := data.ErrorDiagnostic(&client.Error{
			Operation: "create service", Status: 400, Code: 60200,
			Message: "Invalid parameter: " + parameter,
		}, Declaration.Subject("create", &model{}))
		if at, ok := d.(diag.DiagnosticWithPath); !ok || !at.Path().Equal(path.Root(attribute)) {
			t.Errorf("%s: got %v, want %s", parameter, d, attribute)
		}
	}
}
