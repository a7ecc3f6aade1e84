// SPDX-License-Identifier: MPL-2.0

package service

import (
	"fmt"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var noun = &shared.Noun{
	Name:            "service",
	NotFound:        "If the service was deleted in the meantime, plan again.",
	Advice:          map[int]string{client.CodeRestrictedName: "Twilio does not allow this friendly name. Choose another one."},
	AttributeByCode: map[int]string{client.CodeBadServiceSID: "sid", client.CodeRestrictedName: "friendly_name"},
	AttributeByParameter: []shared.ParameterAttribute{
		{Parameter: "authenticatorattachment", Attribute: "passkeys_authenticator_attachment"},
		{Parameter: "discoverablecredentials", Attribute: "passkeys_discoverable_credentials"},
		{Parameter: "verifyeventsubscription", Attribute: "verify_event_subscription_enabled"},
		{Parameter: "relyingpartyorigins", Attribute: "passkeys_relying_party_origins"},
		{Parameter: "donotsharewarning", Attribute: "do_not_share_warning_enabled"},
		{Parameter: "skipsmstolandlines", Attribute: "skip_sms_to_landlines"},
		{Parameter: "relyingpartyname", Attribute: "passkeys_relying_party_name"},
		{Parameter: "userverification", Attribute: "passkeys_user_verification"},
		{Parameter: "apncredential", Attribute: "push_apn_credential_sid"},
		{Parameter: "fcmcredential", Attribute: "push_fcm_credential_sid"},
		{Parameter: "defaulttemplate", Attribute: "default_template_sid"},
		{Parameter: "totpcodelength", Attribute: "totp_code_length"},
		{Parameter: "relyingpartyid", Attribute: "passkeys_relying_party_id"},
		{Parameter: "lookupenabled", Attribute: "lookup_enabled"},
		{Parameter: "msgservicesid", Attribute: "whatsapp_msg_service_sid"},
		{Parameter: "whatsappfrom", Attribute: "whatsapp_from"},
		{Parameter: "friendlyname", Attribute: "friendly_name"},
		{Parameter: "includedate", Attribute: "push_include_date"},
		{Parameter: "codelength", Attribute: "code_length"},
		{Parameter: "customcode", Attribute: "custom_code_enabled"},
		{Parameter: "dtmfinput", Attribute: "dtmf_input_required"},
		{Parameter: "timestep", Attribute: "totp_time_step"},
		{Parameter: "ttsname", Attribute: "tts_name"},
		{Parameter: "issuer", Attribute: "totp_issuer"},
		{Parameter: "origins", Attribute: "passkeys_relying_party_origins"},
		{Parameter: "psd2", Attribute: "psd2_enabled"},
		{Parameter: "skew", Attribute: "totp_skew"},
	},
}

func newSubject(summary string, m *resourceModel) shared.Subject {
	s := shared.Subject{Noun: noun, Summary: summary, Attributes: attributeNames(), What: fmt.Sprintf("%q", m.FriendlyName.ValueString())}
	if shared.Set(m.SID) {
		s.What = m.SID.ValueString()
		if shared.Set(m.FriendlyName) {
			s.What += fmt.Sprintf(", %q", m.FriendlyName.ValueString())
		}
	}
	return s
}

var attributeNames = shared.AttributeNames(resourceSchema)
