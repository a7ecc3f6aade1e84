// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"regexp"
	"strings"
	"time"
)

const (
	maxServiceNameChars = 32
	maxSettingChars     = 255 // for texts without a documented limit

	whatsAppPrefix = "whatsapp:"
)

// Service is a Verify service as the server stores it. If a field is a pointer, nil means that it
// is not set.
type Service struct {
	SID          string    `api:"sid"`
	AccountSID   string    `api:"account_sid"`
	FriendlyName string    `api:"friendly_name"`
	DateCreated  time.Time `api:"date_created"`
	DateUpdated  time.Time `api:"date_updated"`

	CodeLength                     int    `api:"code_length"` // digits of the codes that Twilio sends; 0 becomes 6
	LookupEnabled                  bool   `api:"lookup_enabled"`
	SkipSMSToLandlines             bool   `api:"skip_sms_to_landlines"`
	DTMFInputRequired              *bool  `api:"dtmf_input_required"` // nil becomes true
	TTSName                        string `api:"tts_name"`
	PSD2Enabled                    bool   `api:"psd2_enabled"`
	DoNotShareWarningEnabled       bool   `api:"do_not_share_warning_enabled"`
	CustomCodeEnabled              bool   `api:"custom_code_enabled"`
	VerifyEventSubscriptionEnabled bool   `api:"verify_event_subscription_enabled"`
	DefaultTemplateSID             string `api:"default_template_sid"`

	Push     PushSettings     `api:"push"`
	TOTP     TOTPDefaults     `api:"totp"`
	WhatsApp WhatsAppSettings `api:"whatsapp"`
	Passkeys PasskeysSettings `api:"passkeys"`
}

// PushSettings are a service's settings for push factors.
type PushSettings struct {
	APNCredentialSID string `api:"apn_credential_sid"`
	FCMCredentialSID string `api:"fcm_credential_sid"`
	IncludeDate      *bool  `api:"include_date"`
}

// TOTPDefaults are a service's settings for new TOTP factors; nil and "" mean Twilio's defaults.
type TOTPDefaults struct {
	Issuer     string `api:"issuer"`      // "" means the service's friendly name
	CodeLength *int   `api:"code_length"` // digits, 3 to 8; Twilio's default is 6
	Skew       *int   `api:"skew"`        // time steps, 0 to 2; Twilio's default is 1
	TimeStep   *int   `api:"time_step"`   // seconds, 20 to 60; Twilio's default is 30
}

// WhatsAppSettings are a service's settings for verifications by WhatsApp.
type WhatsAppSettings struct {
	MsgServiceSID string `api:"msg_service_sid"`
	From          string `api:"from"` // with the prefix "whatsapp:"
}

// PasskeysSettings are a service's settings for passkeys. An empty setting differs from nil.
type PasskeysSettings struct {
	RelyingPartyID          string   `api:"relying_party.id"`
	RelyingPartyName        string   `api:"relying_party.name"`
	RelyingPartyOrigins     []string `api:"relying_party.origins"`
	AuthenticatorAttachment *string  `api:"authenticator_attachment"`
	DiscoverableCredentials *string  `api:"discoverable_credentials"`
	UserVerification        *string  `api:"user_verification"`
}

// Services returns all services of all accounts; see [Server.Objects].
func (s *Server) Services() []Service { return all[Service](s, Services) }

// Service returns the service with that SID, and reports whether it exists.
func (s *Server) Service(sid string) (Service, bool) { return one[Service](s, Services, sid) }

// AddService adds a service as [Server.AddObject] does, with Twilio's defaults.
func (s *Server) AddService(v Service) Service {
	return typed[Service](s.AddObject(Services, objectOf(v)))
}

// UpdateService changes a service as [Server.UpdateObject] does.
func (s *Server) UpdateService(sid string, f func(*Service)) bool { return change(s, Services, sid, f) }

// DeleteService deletes a service as [Server.DeleteObject] does.
func (s *Server) DeleteService(sid string) bool { return s.DeleteObject(Services, sid) }

var (
	isWhatsAppNumber = regexp.MustCompile(`^(` + whatsAppPrefix + `)?\+[1-9]\d{1,14}$`).MatchString
	isAttachment     = oneOf("platform", "cross-platform", "any")
	isPreference     = oneOf("required", "preferred", "discouraged")
	isBool           = oneOf("true", "false")
	isText           = length(1, maxSettingChars)
)

var serviceKind = &kind{
	name: Services, prefix: "VA", template: serviceTemplate,
	links: []string{"VerificationCheck", "Verifications", "RateLimits", "MessagingConfigurations", "Entities", "Webhooks", "AccessTokens"},
	fields: append([]field{
		{name: "friendly_name", create: required, update: optional, valid: length(1, maxServiceNameChars), sample: "Service %d"},
	}, optionalFields([]field{
		{name: "code_length", valid: between(4, 10), typ: asInteger, value: 6},
		{name: "lookup_enabled", valid: isBool, typ: asBool, value: false},
		{name: "skip_sms_to_landlines", valid: isBool, typ: asBool, value: false},
		{name: "dtmf_input_required", valid: isBool, typ: asBool, value: true},
		{name: "tts_name", valid: isText, empty: emptyClears},
		{name: "psd2_enabled", valid: isBool, typ: asBool, value: false},
		{name: "do_not_share_warning_enabled", valid: isBool, typ: asBool, value: false},
		{name: "custom_code_enabled", valid: isBool, typ: asBool, value: false},
		{name: "verify_event_subscription_enabled", valid: isBool, typ: asBool, value: false},
		{name: "default_template_sid", valid: sidWith("HJ"), empty: emptyClears},
		{name: "push.include_date", valid: isBool, typ: asBool},
		{name: "push.apn_credential_sid", valid: sidWith(prefixCredential), empty: emptyClears},
		{name: "push.fcm_credential_sid", valid: sidWith(prefixCredential), empty: emptyClears},
		{name: "totp.issuer", valid: isText, empty: emptyClears},
		{name: "totp.time_step", valid: between(20, 60), typ: asInteger},
		{name: "totp.code_length", valid: between(3, 8), typ: asInteger},
		{name: "totp.skew", valid: between(0, 2), typ: asInteger},
		{name: "whatsapp.msg_service_sid", valid: sidWith("MG"), empty: emptyClears},
		{name: "whatsapp.from", valid: isWhatsAppNumber, empty: emptyClears},
		{name: "passkeys.relying_party.id", valid: isText, empty: emptyClears},
		{name: "passkeys.relying_party.name", valid: isText, empty: emptyClears},
		{name: "passkeys.relying_party.origins", valid: isOrigins, typ: asCommaList, empty: emptyClears},
		{name: "passkeys.authenticator_attachment", valid: isAttachment, empty: emptyKept},
		{name: "passkeys.discoverable_credentials", valid: isPreference, empty: emptyKept},
		{name: "passkeys.user_verification", valid: isPreference, empty: emptyKept},
	})...),
	check: func(_ *Server, _ *call, o Object) *apiError {
		if from := o.Text("whatsapp.from"); from != "" && !strings.HasPrefix(from, whatsAppPrefix) {
			o["whatsapp.from"] = whatsAppPrefix + from
		}
		if o["skip_sms_to_landlines"] == true && o["lookup_enabled"] != true {
			return errInvalidParameter("SkipSmsToLandlines")
		}
		return nil
	},
	wire: func(s *Server, _ *call, o Object, w map[string]any) {
		if !s.config.NullTOTPDefaults {
			v, defaults := typed[Service](o), Factor{}
			defaults.setTOTPDefaults(v.TOTP)
			w["totp"] = map[string]any{
				"issuer": v.issuer(), "time_step": defaults.TimeStep, "code_length": defaults.CodeLength, "skew": defaults.Skew,
			}
		}
		if links, ok := w["links"].(map[string]string); ok {
			links["verification_checks"] = links["verification_check"]
			delete(links, "verification_check")
		}
	},
}

// optionalFields returns the fields as optional ones.
func optionalFields(fields []field) []field {
	for i := range fields {
		fields[i].create, fields[i].update = optional, optional
	}
	return fields
}

// isOrigins reports whether s is a comma-separated list without empty elements.
func isOrigins(s string) bool {
	for origin := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(origin) == "" {
			return false
		}
	}
	return true
}

// issuer returns the issuer of the service's TOTP factors.
func (v Service) issuer() string {
	if v.TOTP.Issuer != "" {
		return v.TOTP.Issuer
	}
	return v.FriendlyName
}
