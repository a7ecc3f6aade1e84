// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	prefixService     = "VA"
	defaultCodeDigits = 6
)

// Service is a Verify service as the server stores it. If a field is a pointer, nil means that it
// is not set.
type Service struct {
	SID          string
	AccountSID   string
	FriendlyName string
	DateCreated  time.Time
	DateUpdated  time.Time

	CodeLength                     int // digits of the codes that Twilio sends; 0 becomes 6
	LookupEnabled                  bool
	SkipSMSToLandlines             bool
	DTMFInputRequired              *bool // nil becomes true
	TTSName                        string
	PSD2Enabled                    bool
	DoNotShareWarningEnabled       bool
	CustomCodeEnabled              bool
	VerifyEventSubscriptionEnabled bool
	DefaultTemplateSID             string

	Push     PushSettings
	TOTP     TOTPDefaults
	WhatsApp WhatsAppSettings
	Passkeys PasskeysSettings
}

// PushSettings are a service's settings for push factors.
type PushSettings struct {
	APNCredentialSID string
	FCMCredentialSID string
	IncludeDate      *bool
}

// TOTPDefaults are a service's settings for new TOTP factors; nil and "" mean Twilio's defaults.
type TOTPDefaults struct {
	Issuer     string // "" means the service's friendly name
	CodeLength *int   // digits, 3 to 8; Twilio's default is 6
	Skew       *int   // time steps, 0 to 2; Twilio's default is 1
	TimeStep   *int   // seconds, 20 to 60; Twilio's default is 30
}

// WhatsAppSettings are a service's settings for verifications by WhatsApp.
type WhatsAppSettings struct {
	MsgServiceSID string
	From          string // with the prefix "whatsapp:"
}

// PasskeysSettings are a service's settings for passkeys. An empty setting differs from nil.
type PasskeysSettings struct {
	RelyingPartyID          string
	RelyingPartyName        string
	RelyingPartyOrigins     []string
	AuthenticatorAttachment *string
	DiscoverableCredentials *string
	UserVerification        *string
}

// service is a stored service.
type service struct {
	Service
	row
	entities     []*entity
	webhooks     []*webhook
	accessTokens []*accessToken
}

func (v Service) clone() Service {
	v.Passkeys.RelyingPartyOrigins = slices.Clone(v.Passkeys.RelyingPartyOrigins)
	return v
}

func cloneService(v *service) Service { return v.clone() }

// Services returns all services of all accounts in order of creation.
func (s *Server) Services() []Service {
	return snapshot(s, s.state.services, cloneService)
}

// Service returns the service with that SID, and reports whether it exists.
func (s *Server) Service(sid string) (Service, bool) {
	return lookup(s, s.state.services, sid, cloneService)
}

// AddService adds a service as if another client had created it, without checks, and returns it
// with the empty fields filled in: the first account, a name, Twilio's defaults. It panics if there
// is no such account.
func (s *Server) AddService(v Service) Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addService(v).clone()
}

func (s *Server) addService(v Service) *service {
	setDefault(&v.AccountSID, s.config.Accounts[0].SID)
	if s.account(v.AccountSID) == nil {
		panic("verifymock: no account " + v.AccountSID)
	}
	r := s.state.newRow(prefixService)
	setDefault(&v.SID, s.random.sid(prefixService))
	setDefault(&v.FriendlyName, "Service "+strconv.Itoa(r.number))
	setDates(&v.DateCreated, &v.DateUpdated, s.today())
	stored := &service{Service: v.clone(), row: r}
	if stored.CodeLength == 0 {
		stored.CodeLength = defaultCodeDigits
	}
	if stored.DTMFInputRequired == nil {
		stored.DTMFInputRequired = boolean("true")
	}
	s.state.services[v.SID] = stored
	return stored
}

// UpdateService changes a service as if another client had done so, and reports whether it exists.
// SID and account cannot be changed.
func (s *Server) UpdateService(sid string, f func(*Service)) bool {
	return change(s, s.state.services, sid, func(stored *service) {
		v := stored.clone()
		f(&v)
		v.SID, v.AccountSID = stored.SID, stored.AccountSID
		stored.Service = v.clone()
	})
}

// DeleteService deletes a service with everything in it, as if another client had done so, and
// reports whether it existed.
func (s *Server) DeleteService(sid string) bool {
	return change(s, s.state.services, sid, s.state.removeService)
}

func (s *state) removeService(v *service) {
	for _, e := range slices.Clone(v.entities) {
		s.removeEntity(e)
	}
	for _, w := range slices.Clone(v.webhooks) {
		s.removeWebhook(w)
	}
	for _, t := range v.accessTokens {
		delete(s.accessTokens, t.SID)
	}
	delete(s.services, v.SID)
}

func (s *Server) createService(c *call) (any, *apiError) {
	form := c.logged.Form
	if refusal := s.checkService(form, required); refusal != nil {
		return nil, refusal
	}
	v := Service{AccountSID: c.account.SID, DateCreated: c.now}
	if refusal := s.setService(&v, form); refusal != nil {
		return nil, refusal
	}
	return s.wireService(c, s.addService(v)), nil
}

func (s *Server) listServices(c *call) (any, *apiError) {
	rows := slices.DeleteFunc(inOrder(s.state.services), func(v *service) bool { return v.AccountSID != c.account.SID })
	return listPage(s, c, "services", rows, func(v *service) wireService { return s.wireService(c, v) })
}

func (s *Server) fetchService(c *call) (any, *apiError) {
	return s.wireService(c, c.service), nil
}

func (s *Server) updateService(c *call) (any, *apiError) {
	form := c.logged.Form
	if refusal := s.checkService(form, optional); refusal != nil {
		return nil, refusal
	}
	updated := c.service.clone()
	if refusal := s.setService(&updated, form); refusal != nil {
		return nil, refusal
	}
	if len(form) > 0 {
		updated.DateUpdated = c.now
	}
	c.service.Service = updated
	return s.wireService(c, c.service), nil
}

func (s *Server) deleteService(c *call) (any, *apiError) {
	if s.config.RefuseServiceDelete && len(c.service.entities) > 0 {
		return nil, newError(codeConflict)
	}
	s.state.removeService(c.service)
	return nil, nil
}

// wireService is a service as the API returns it.
type wireService struct {
	SID                            string            `json:"sid"`
	AccountSID                     string            `json:"account_sid"`
	FriendlyName                   string            `json:"friendly_name"`
	CodeLength                     int               `json:"code_length"`
	LookupEnabled                  bool              `json:"lookup_enabled"`
	PSD2Enabled                    bool              `json:"psd2_enabled"`
	SkipSMSToLandlines             bool              `json:"skip_sms_to_landlines"`
	DTMFInputRequired              *bool             `json:"dtmf_input_required"`
	TTSName                        *string           `json:"tts_name"`
	DoNotShareWarningEnabled       bool              `json:"do_not_share_warning_enabled"`
	CustomCodeEnabled              bool              `json:"custom_code_enabled"`
	Push                           wirePush          `json:"push"`
	TOTP                           wireTOTP          `json:"totp"`
	WhatsApp                       wireWhatsApp      `json:"whatsapp"`
	Passkeys                       wirePasskeys      `json:"passkeys"`
	DefaultTemplateSID             *string           `json:"default_template_sid"`
	VerifyEventSubscriptionEnabled bool              `json:"verify_event_subscription_enabled"`
	DateCreated                    string            `json:"date_created"`
	DateUpdated                    string            `json:"date_updated"`
	URL                            string            `json:"url"`
	Links                          map[string]string `json:"links"`
}

type wirePush struct {
	IncludeDate      *bool   `json:"include_date"`
	APNCredentialSID *string `json:"apn_credential_sid"`
	FCMCredentialSID *string `json:"fcm_credential_sid"`
}

type wireTOTP struct {
	Issuer     *string `json:"issuer"`
	TimeStep   *int    `json:"time_step"`
	CodeLength *int    `json:"code_length"`
	Skew       *int    `json:"skew"`
}

type wireWhatsApp struct {
	MsgServiceSID *string `json:"msg_service_sid"`
	From          *string `json:"from"`
}

type wirePasskeys struct {
	RelyingParty            wireRelyingParty `json:"relying_party"`
	AuthenticatorAttachment *string          `json:"authenticator_attachment"`
	DiscoverableCredentials *string          `json:"discoverable_credentials"`
	UserVerification        *string          `json:"user_verification"`
}

type wireRelyingParty struct {
	ID      *string  `json:"id"`
	Name    *string  `json:"name"`
	Origins []string `json:"origins"`
}

func (s *Server) wireService(c *call, v *service) wireService {
	url := c.baseURL + servicesTemplate + "/" + v.SID
	links := map[string]string{}
	for _, name := range []string{
		"VerificationCheck", "Verifications", "RateLimits", "MessagingConfigurations", "Entities", "Webhooks", "AccessTokens",
	} {
		links[linkName(name)] = url + "/" + name
	}
	return wireService{
		SID: v.SID, AccountSID: v.AccountSID, FriendlyName: v.FriendlyName, CodeLength: v.CodeLength,
		LookupEnabled: v.LookupEnabled, PSD2Enabled: v.PSD2Enabled, SkipSMSToLandlines: v.SkipSMSToLandlines,
		DTMFInputRequired: v.DTMFInputRequired, TTSName: nullable(v.TTSName),
		DoNotShareWarningEnabled: v.DoNotShareWarningEnabled, CustomCodeEnabled: v.CustomCodeEnabled,
		Push:     wirePush{v.Push.IncludeDate, nullable(v.Push.APNCredentialSID), nullable(v.Push.FCMCredentialSID)},
		TOTP:     s.wireTOTP(v.Service),
		WhatsApp: wireWhatsApp{nullable(v.WhatsApp.MsgServiceSID), nullable(v.WhatsApp.From)},
		Passkeys: wirePasskeys{
			wireRelyingParty{
				nullable(v.Passkeys.RelyingPartyID), nullable(v.Passkeys.RelyingPartyName), v.Passkeys.RelyingPartyOrigins,
			},
			v.Passkeys.AuthenticatorAttachment, v.Passkeys.DiscoverableCredentials, v.Passkeys.UserVerification,
		},
		DefaultTemplateSID: nullable(v.DefaultTemplateSID), VerifyEventSubscriptionEnabled: v.VerifyEventSubscriptionEnabled,
		DateCreated: formatDate(v.DateCreated), DateUpdated: formatDate(v.DateUpdated), URL: url, Links: links,
	}
}

// linkName returns the key of a link: MessagingConfigurations becomes messaging_configurations.
func linkName(path string) string {
	if path == "VerificationCheck" {
		return "verification_checks"
	}
	var name strings.Builder
	for i, r := range path {
		if i > 0 && 'A' <= r && r <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteRune(r)
	}
	return strings.ToLower(name.String())
}

func (s *Server) wireTOTP(v Service) wireTOTP {
	w := wireTOTP{nullable(v.TOTP.Issuer), v.TOTP.TimeStep, v.TOTP.CodeLength, v.TOTP.Skew}
	if s.config.NullTOTPDefaults {
		return w
	}
	var defaults Factor
	defaults.setTOTPDefaults(v.TOTP)
	issuer := v.issuer()
	return wireTOTP{&issuer, &defaults.TimeStep, &defaults.CodeLength, &defaults.Skew}
}

// issuer returns the issuer of the service's TOTP factors.
func (v Service) issuer() string {
	if v.TOTP.Issuer != "" {
		return v.TOTP.Issuer
	}
	return v.FriendlyName
}
