// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Services are the Verify services of the account. Several may have the same name.
var Services = &Kind[*Service]{
	Noun: "service", List: "services", Prefix: "VA",
	Route: "/v2/Services/{ServiceSid}",
	Path:  []Parameter{sidParameter("sid", "a service", "VA")},
	Key:   []string{"friendly_name"},
}

// Service is a Verify service as the API returns it. Any field may be empty, because each is
// nullable in the API's schema.
type Service struct {
	Common

	FriendlyName string `json:"friendly_name" form:"FriendlyName"`
	CodeLength   *int64 `json:"code_length" form:"CodeLength"`

	LookupEnabled                  *bool `json:"lookup_enabled" form:"LookupEnabled"`
	SkipSMSToLandlines             *bool `json:"skip_sms_to_landlines" form:"SkipSmsToLandlines"`
	DTMFInputRequired              *bool `json:"dtmf_input_required" form:"DtmfInputRequired"`
	PSD2Enabled                    *bool `json:"psd2_enabled" form:"Psd2Enabled"`
	DoNotShareWarningEnabled       *bool `json:"do_not_share_warning_enabled" form:"DoNotShareWarningEnabled"`
	CustomCodeEnabled              *bool `json:"custom_code_enabled" form:"CustomCodeEnabled"`
	VerifyEventSubscriptionEnabled *bool `json:"verify_event_subscription_enabled" form:"VerifyEventSubscriptionEnabled"`

	TTSName            string           `json:"tts_name" form:"TtsName,clearable"`
	DefaultTemplateSID string           `json:"default_template_sid" form:"DefaultTemplateSid,clearable"`
	Push               *ServicePush     `json:"push"`
	TOTP               *ServiceTOTP     `json:"totp"`
	WhatsApp           *ServiceWhatsApp `json:"whatsapp"`
	Passkeys           *ServicePasskeys `json:"passkeys"`
}

// ServicePush holds a service's settings for push factors.
type ServicePush struct {
	IncludeDate      *bool  `json:"include_date" form:"Push.IncludeDate"`
	APNCredentialSID string `json:"apn_credential_sid" form:"Push.ApnCredentialSid,clearable"`
	FCMCredentialSID string `json:"fcm_credential_sid" form:"Push.FcmCredentialSid,clearable"`
}

// ServiceTOTP holds a service's settings for TOTP factors.
type ServiceTOTP struct {
	Issuer     string `json:"issuer" form:"Totp.Issuer,default"`
	TimeStep   *int64 `json:"time_step" form:"Totp.TimeStep,default"` // seconds
	CodeLength *int64 `json:"code_length" form:"Totp.CodeLength,default"`
	Skew       *int64 `json:"skew" form:"Totp.Skew,default"`
}

// ServiceWhatsApp holds a service's settings for WhatsApp messages.
type ServiceWhatsApp struct {
	MsgServiceSID string `json:"msg_service_sid" form:"Whatsapp.MsgServiceSid"`
	From          string `json:"from" form:"Whatsapp.From"`
}

// ServicePasskeys holds a service's settings for passkeys.
type ServicePasskeys struct {
	RelyingParty            *ServiceRelyingParty `json:"relying_party"`
	AuthenticatorAttachment string               `json:"authenticator_attachment" form:"Passkeys.AuthenticatorAttachment"`
	DiscoverableCredentials string               `json:"discoverable_credentials" form:"Passkeys.DiscoverableCredentials"`
	UserVerification        string               `json:"user_verification" form:"Passkeys.UserVerification"`
}

// ServiceRelyingParty is the relying party of a service's passkeys.
type ServiceRelyingParty struct {
	ID      string  `json:"id" form:"Passkeys.RelyingParty.Id"`
	Name    string  `json:"name" form:"Passkeys.RelyingParty.Name"`
	Origins Origins `json:"origins" form:"Passkeys.RelyingParty.Origins,comma"`
}

// Origins are the origins of a relying party.
type Origins []string

// UnmarshalJSON accepts a list, or a comma-separated string as in a request.
func (o *Origins) UnmarshalJSON(data []byte) error {
	var list []string
	if json.Unmarshal(data, &list) == nil {
		*o = list
		return nil
	}
	var text string
	if json.Unmarshal(data, &text) != nil {
		return fmt.Errorf("%w: origins is neither a list of strings nor a string", errInvalidField)
	}
	*o = nil
	if text != "" {
		*o = strings.Split(text, ",")
	}
	return nil
}

// Issuer returns the name that authenticator apps show for the service's factors.
func (s *Service) Issuer() string {
	if s.TOTP != nil && s.TOTP.Issuer != "" {
		return s.TOTP.Issuer
	}
	return s.FriendlyName
}
