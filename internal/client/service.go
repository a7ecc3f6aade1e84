// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

const (
	servicesRoute = "/v2/Services"
	serviceRoute  = servicesRoute + "/{ServiceSid}"
	// servicesScope is the scope of claims for services, which are listed together for the whole
	// account.
	servicesScope = "services"
)

var (
	createService = endpoint{operation: "create service", method: http.MethodPost, route: servicesRoute, shielded: true}
	fetchService  = endpoint{operation: "read service", method: http.MethodGet, route: serviceRoute, repeatable: true}
	listServices  = endpoint{operation: "list services", method: http.MethodGet, route: servicesRoute, repeatable: true}
	updateService = endpoint{operation: "update service", method: http.MethodPost, route: serviceRoute, repeatable: true}
	deleteService = endpoint{operation: "delete service", method: http.MethodDelete, route: serviceRoute, repeatable: true}
)

var services = kind[Service]{"service", ServiceSIDPattern, func(s *Service) string { return s.SID }}

// Service is a Verify service as the API returns it. Any field may be empty, because each is
// nullable in the API's schema.
type Service struct {
	SID          string `json:"sid"`
	AccountSID   string `json:"account_sid"`
	FriendlyName string `json:"friendly_name"`
	CodeLength   *int64 `json:"code_length"`

	LookupEnabled                  *bool `json:"lookup_enabled"`
	SkipSMSToLandlines             *bool `json:"skip_sms_to_landlines"`
	DTMFInputRequired              *bool `json:"dtmf_input_required"`
	PSD2Enabled                    *bool `json:"psd2_enabled"`
	DoNotShareWarningEnabled       *bool `json:"do_not_share_warning_enabled"`
	CustomCodeEnabled              *bool `json:"custom_code_enabled"`
	VerifyEventSubscriptionEnabled *bool `json:"verify_event_subscription_enabled"`

	TTSName            string          `json:"tts_name"`
	DefaultTemplateSID string          `json:"default_template_sid"`
	Push               ServicePush     `json:"push"`
	TOTP               ServiceTOTP     `json:"totp"`
	WhatsApp           ServiceWhatsApp `json:"whatsapp"`
	Passkeys           ServicePasskeys `json:"passkeys"`

	DateCreated string `json:"date_created"`
	DateUpdated string `json:"date_updated"`
	URL         string `json:"url"`
}

// ServicePush holds a service's settings for push factors.
type ServicePush struct {
	IncludeDate      *bool  `json:"include_date"`
	APNCredentialSID string `json:"apn_credential_sid"`
	FCMCredentialSID string `json:"fcm_credential_sid"`
}

// ServiceTOTP holds a service's settings for TOTP factors.
type ServiceTOTP struct {
	Issuer     string `json:"issuer"`
	TimeStep   *int64 `json:"time_step"` // seconds
	CodeLength *int64 `json:"code_length"`
	Skew       *int64 `json:"skew"`
}

// ServiceWhatsApp holds a service's settings for WhatsApp messages.
type ServiceWhatsApp struct {
	MsgServiceSID string `json:"msg_service_sid"`
	From          string `json:"from"`
}

// ServicePasskeys holds a service's settings for passkeys.
type ServicePasskeys struct {
	RelyingParty            ServiceRelyingParty `json:"relying_party"`
	AuthenticatorAttachment string              `json:"authenticator_attachment"`
	DiscoverableCredentials string              `json:"discoverable_credentials"`
	UserVerification        string              `json:"user_verification"`
}

// ServiceRelyingParty is the relying party of a service's passkeys.
type ServiceRelyingParty struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Origins Origins `json:"origins"`
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
	if s.TOTP.Issuer != "" {
		return s.TOTP.Issuer
	}
	return s.FriendlyName
}

// ServiceParams are the parameters of a service. A nil parameter is not sent: a create uses
// Twilio's default, and an update keeps the value.
type ServiceParams struct {
	FriendlyName *string
	CodeLength   *int64

	LookupEnabled                  *bool
	SkipSMSToLandlines             *bool
	DTMFInputRequired              *bool
	PSD2Enabled                    *bool
	DoNotShareWarningEnabled       *bool
	CustomCodeEnabled              *bool
	VerifyEventSubscriptionEnabled *bool

	// An empty string clears the next four parameters.
	TTSName              *string
	DefaultTemplateSID   *string
	PushAPNCredentialSID *string
	PushFCMCredentialSID *string
	PushIncludeDate      *bool

	TOTPIssuer     *string
	TOTPTimeStep   *int64 // seconds
	TOTPCodeLength *int64
	TOTPSkew       *int64

	WhatsAppMsgServiceSID *string
	WhatsAppFrom          *string

	PasskeysRelyingPartyID      *string
	PasskeysRelyingPartyName    *string
	PasskeysRelyingPartyOrigins *string // separated by commas
	// An empty string is a valid value of the next three parameters.
	PasskeysAuthenticatorAttachment *string
	PasskeysDiscoverableCredentials *string
	PasskeysUserVerification        *string
}

func (p ServiceParams) form() url.Values {
	form := url.Values{}
	setParam(form, "FriendlyName", p.FriendlyName)
	setParam(form, "TtsName", p.TTSName)
	setParam(form, "DefaultTemplateSid", p.DefaultTemplateSID)
	setParam(form, "Push.ApnCredentialSid", p.PushAPNCredentialSID)
	setParam(form, "Push.FcmCredentialSid", p.PushFCMCredentialSID)
	setParam(form, "Totp.Issuer", p.TOTPIssuer)
	setParam(form, "Whatsapp.MsgServiceSid", p.WhatsAppMsgServiceSID)
	setParam(form, "Whatsapp.From", p.WhatsAppFrom)
	setParam(form, "Passkeys.RelyingParty.Id", p.PasskeysRelyingPartyID)
	setParam(form, "Passkeys.RelyingParty.Name", p.PasskeysRelyingPartyName)
	setParam(form, "Passkeys.RelyingParty.Origins", p.PasskeysRelyingPartyOrigins)
	setParam(form, "Passkeys.AuthenticatorAttachment", p.PasskeysAuthenticatorAttachment)
	setParam(form, "Passkeys.DiscoverableCredentials", p.PasskeysDiscoverableCredentials)
	setParam(form, "Passkeys.UserVerification", p.PasskeysUserVerification)
	setParam(form, "CodeLength", p.CodeLength)
	setParam(form, "Totp.TimeStep", p.TOTPTimeStep)
	setParam(form, "Totp.CodeLength", p.TOTPCodeLength)
	setParam(form, "Totp.Skew", p.TOTPSkew)
	setParam(form, "LookupEnabled", p.LookupEnabled)
	setParam(form, "SkipSmsToLandlines", p.SkipSMSToLandlines)
	setParam(form, "DtmfInputRequired", p.DTMFInputRequired)
	setParam(form, "Psd2Enabled", p.PSD2Enabled)
	setParam(form, "DoNotShareWarningEnabled", p.DoNotShareWarningEnabled)
	setParam(form, "CustomCodeEnabled", p.CustomCodeEnabled)
	setParam(form, "VerifyEventSubscriptionEnabled", p.VerifyEventSubscriptionEnabled)
	setParam(form, "Push.IncludeDate", p.PushIncludeDate)
	return form
}

// CreateService creates a service. If it is unknown whether a service was created, or which one,
// the error is an [*UnknownOutcomeError]; any other error means that none was created.
func (c *Client) CreateService(ctx context.Context, params ServiceParams) (*Service, error) {
	service, _, err := c.ServiceCreate(params).run(ctx)
	return service, err
}

// ServiceCreate returns the create of a service without running it, to call [Create.Resolve] or
// [Create.Delete] after an unknown outcome. Several services may have the same name, so creates
// with the same name run one after another.
func (c *Client) ServiceCreate(params ServiceParams) *Create[Service] {
	return &Create[Service]{
		client:    c,
		noun:      "service",
		scope:     servicesScope,
		key:       servicesScope + "\x00" + *cmp.Or(params.FriendlyName, new(string)),
		operation: createService.operation,
		post: func(ctx context.Context) (*Service, error) {
			call := c.call(createService)
			call.form = params.form()
			return c.doService(ctx, call, "")
		},
		list: func(ctx context.Context) iter.Seq2[*Service, error] {
			return c.Services(ctx, MaxPageSize)
		},
		resembles: func(s *Service) bool { return compatible(params.FriendlyName, s.FriendlyName) },
		hasKey:    func(s *Service) bool { return s.FriendlyName != "" },
		sid:       services.sid,
		date:      func(s *Service) string { return s.DateCreated },
		remove:    c.DeleteService,
		visible:   func(context.Context, bool) error { return nil }, // nothing contains services
	}
}

// FetchService reads a service.
func (c *Client) FetchService(ctx context.Context, sid string) (*Service, error) {
	call, err := c.serviceCall(fetchService, sid)
	if err != nil {
		return nil, err
	}
	return c.doService(ctx, call, sid)
}

// Services iterates over the services of the account in the order of the API. pageSize is 1 to
// [MaxPageSize], or 0 for the API's default of 50. An error ends the iteration.
func (c *Client) Services(ctx context.Context, pageSize int) iter.Seq2[*Service, error] {
	return pages[Service](ctx, c, listServices, "services", pageSize)
}

// UpdateService changes a service.
func (c *Client) UpdateService(ctx context.Context, sid string, params ServiceParams) (*Service, error) {
	call, err := c.serviceCall(updateService, sid)
	if err != nil {
		return nil, err
	}
	call.form = params.form()
	return c.doService(ctx, call, sid)
}

// DeleteService deletes a service with everything in it. If the service does not exist,
// [IsNotFound] is true for the error.
func (c *Client) DeleteService(ctx context.Context, sid string) error {
	call, err := c.serviceCall(deleteService, sid)
	if err != nil {
		return err
	}
	call.noContent = true
	return c.do(ctx, call, nil)
}

// serviceCall returns a call on one service.
func (c *Client) serviceCall(e endpoint, sid string) (*call, error) {
	if err := e.check(ServiceSIDPattern, "a service", sid); err != nil {
		return nil, err
	}
	return c.call(e, sid), nil
}

// doService makes a call that returns a service, and claims the service.
func (c *Client) doService(ctx context.Context, call *call, sid string) (*Service, error) {
	return services.do(ctx, c, call, servicesScope, sid)
}
