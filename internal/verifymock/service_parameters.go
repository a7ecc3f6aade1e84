// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxServiceNameChars       = 32
	maxStrictServiceNameChars = 30
	maxStrictServiceDigits    = 4
	maxSettingChars           = 255 // for texts without a documented limit

	whatsAppPrefix = "whatsapp:"
)

var (
	strictServiceName = regexp.MustCompile(`^[0-9A-Za-z _-]+$`)
	whatsAppNumber    = regexp.MustCompile(`^(` + whatsAppPrefix + `)?\+[1-9]\d{1,14}$`)
)

// empty is the meaning of an empty value of a parameter.
type empty int

const (
	emptyInvalid      empty = iota
	emptyClears             // documented or observed
	emptyUndocumented       // depends on Config.EmptyParameter
)

// serviceParameter is a parameter of a service's create or update.
type serviceParameter struct {
	name  string
	empty empty
	valid func(string) bool
	set   func(*Service, string)
}

var (
	isAttachment = oneOf("platform", "cross-platform", "any")
	isPreference = oneOf("required", "preferred", "discouraged")
	isBool       = oneOf("true", "false")
	isText       = length(1, maxSettingChars)
)

var serviceParameters = []serviceParameter{
	{"FriendlyName", emptyInvalid, length(1, maxServiceNameChars), func(v *Service, s string) { v.FriendlyName = s }},
	{"CodeLength", emptyInvalid, between(4, 10), func(v *Service, s string) { v.CodeLength = *number(s) }},
	{"LookupEnabled", emptyInvalid, isBool, func(v *Service, s string) { v.LookupEnabled = s == "true" }},
	{"SkipSmsToLandlines", emptyInvalid, isBool, func(v *Service, s string) { v.SkipSMSToLandlines = s == "true" }},
	{"DtmfInputRequired", emptyInvalid, isBool, func(v *Service, s string) { v.DTMFInputRequired = boolean(s) }},
	{"TtsName", emptyClears, isText, func(v *Service, s string) { v.TTSName = s }},
	{"Psd2Enabled", emptyInvalid, isBool, func(v *Service, s string) { v.PSD2Enabled = s == "true" }},
	{"DoNotShareWarningEnabled", emptyInvalid, isBool, func(v *Service, s string) { v.DoNotShareWarningEnabled = s == "true" }},
	{"CustomCodeEnabled", emptyInvalid, isBool, func(v *Service, s string) { v.CustomCodeEnabled = s == "true" }},
	{"VerifyEventSubscriptionEnabled", emptyInvalid, isBool, func(v *Service, s string) {
		v.VerifyEventSubscriptionEnabled = s == "true"
	}},
	{"DefaultTemplateSid", emptyClears, sidWith("HJ"), func(v *Service, s string) { v.DefaultTemplateSID = s }},

	{"Push.IncludeDate", emptyInvalid, isBool, func(v *Service, s string) { v.Push.IncludeDate = boolean(s) }},
	{"Push.ApnCredentialSid", emptyClears, sidWith("CR"), func(v *Service, s string) { v.Push.APNCredentialSID = s }},
	{"Push.FcmCredentialSid", emptyClears, sidWith("CR"), func(v *Service, s string) { v.Push.FCMCredentialSID = s }},

	{"Totp.Issuer", emptyUndocumented, isText, func(v *Service, s string) { v.TOTP.Issuer = s }},
	{"Totp.TimeStep", emptyInvalid, between(20, 60), func(v *Service, s string) { v.TOTP.TimeStep = number(s) }},
	{"Totp.CodeLength", emptyInvalid, between(3, 8), func(v *Service, s string) { v.TOTP.CodeLength = number(s) }},
	{"Totp.Skew", emptyInvalid, between(0, 2), func(v *Service, s string) { v.TOTP.Skew = number(s) }},

	{"Whatsapp.MsgServiceSid", emptyUndocumented, sidWith("MG"), func(v *Service, s string) { v.WhatsApp.MsgServiceSID = s }},
	{"Whatsapp.From", emptyUndocumented, whatsAppNumber.MatchString, setWhatsAppFrom},

	{"Passkeys.RelyingParty.Id", emptyUndocumented, isText, func(v *Service, s string) { v.Passkeys.RelyingPartyID = s }},
	{"Passkeys.RelyingParty.Name", emptyUndocumented, isText, func(v *Service, s string) { v.Passkeys.RelyingPartyName = s }},
	{"Passkeys.RelyingParty.Origins", emptyUndocumented, isOrigins, setOrigins},
	{"Passkeys.AuthenticatorAttachment", emptyClears, isAttachment, func(v *Service, s string) {
		v.Passkeys.AuthenticatorAttachment = &s
	}},
	{"Passkeys.DiscoverableCredentials", emptyClears, isPreference, func(v *Service, s string) {
		v.Passkeys.DiscoverableCredentials = &s
	}},
	{"Passkeys.UserVerification", emptyClears, isPreference, func(v *Service, s string) { v.Passkeys.UserVerification = &s }},
}

func boolean(s string) *bool {
	b := s == "true"
	return &b
}

// number returns the value of a validated number.
func number(s string) *int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("verifymock: a number was not validated: " + s)
	}
	return &n
}

func setWhatsAppFrom(v *Service, s string) {
	v.WhatsApp.From = s
	if s != "" && !strings.HasPrefix(s, whatsAppPrefix) {
		v.WhatsApp.From = whatsAppPrefix + s
	}
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

func setOrigins(v *Service, s string) {
	v.Passkeys.RelyingPartyOrigins = nil
	if s == "" {
		return
	}
	for origin := range strings.SplitSeq(s, ",") {
		v.Passkeys.RelyingPartyOrigins = append(v.Passkeys.RelyingPartyOrigins, strings.TrimSpace(origin))
	}
}

// checkService checks the form of a create or update, regardless of the state.
func (s *Server) checkService(form url.Values, name use) *apiError {
	rules := make([]rule, len(serviceParameters))
	for i, p := range serviceParameters {
		rules[i] = rule{name: p.name, use: optional, valid: func(v string) bool {
			return p.valid(v) || v == "" && s.acceptsEmpty(p)
		}}
		if p.name == "FriendlyName" {
			rules[i].use = name
			rules[i].valid = func(v string) bool { return p.valid(v) && s.isServiceName(v) }
		}
	}
	return s.checkForm(form, rules)
}

func (s *Server) acceptsEmpty(p serviceParameter) bool {
	return p.empty == emptyClears || p.empty == emptyUndocumented && s.config.EmptyParameter != EmptyRefused
}

func (s *Server) isServiceName(name string) bool {
	if !s.config.StrictServiceNames {
		return true
	}
	digits := 0
	for _, r := range name {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	return strictServiceName.MatchString(name) && digits <= maxStrictServiceDigits &&
		utf8.RuneCountInString(name) <= maxStrictServiceNameChars
}

// setService applies a checked form to the service.
func (s *Server) setService(v *Service, form url.Values) *apiError {
	for _, p := range serviceParameters {
		value := form.Get(p.name)
		ignored := value == "" && p.empty == emptyUndocumented && s.config.EmptyParameter == EmptyIgnored
		if form.Has(p.name) && !ignored {
			p.set(v, value)
		}
	}
	if v.SkipSMSToLandlines && !v.LookupEnabled {
		return s.errInvalidParameter("SkipSmsToLandlines")
	}
	return nil
}
