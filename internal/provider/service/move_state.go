// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	officialType    = "twilio_verify_services_v2"
	rjPearson94Type = TypeName
)

// settings are the attributes that have the same names in both other providers. There, unset
// numbers are null or 0, and unset strings null or empty.
type settings struct {
	SID                string `json:"sid"`
	FriendlyName       string `json:"friendly_name"`
	CodeLength         *int64 `json:"code_length"`
	TTSName            string `json:"tts_name"`
	DefaultTemplateSID string `json:"default_template_sid"`

	LookupEnabled                  *bool `json:"lookup_enabled"`
	SkipSMSToLandlines             *bool `json:"skip_sms_to_landlines"`
	DTMFInputRequired              *bool `json:"dtmf_input_required"`
	PSD2Enabled                    *bool `json:"psd2_enabled"`
	DoNotShareWarningEnabled       *bool `json:"do_not_share_warning_enabled"`
	CustomCodeEnabled              *bool `json:"custom_code_enabled"`
	VerifyEventSubscriptionEnabled *bool `json:"verify_event_subscription_enabled"`
}

// officialService is a service in the state of Twilio's own, abandoned provider.
type officialService struct {
	settings
	PushIncludeDate       *bool  `json:"push_include_date"`
	PushAPNCredentialSID  string `json:"push_apn_credential_sid"`
	PushFCMCredentialSID  string `json:"push_fcm_credential_sid"`
	TOTPIssuer            string `json:"totp_issuer"`
	TOTPTimeStep          *int64 `json:"totp_time_step"`
	TOTPCodeLength        *int64 `json:"totp_code_length"`
	TOTPSkew              *int64 `json:"totp_skew"`
	WhatsAppMsgServiceSID string `json:"whatsapp_msg_service_sid"`
	WhatsAppFrom          string `json:"whatsapp_from"`
}

// rjPearson94Service is a service in the state of RJPearson94's provider.
type rjPearson94Service struct {
	settings
	AccountSID  string `json:"account_sid"`
	DateCreated string `json:"date_created"`
	DateUpdated string `json:"date_updated"`
	URL         string `json:"url"`
	// Each list has at most one element.
	Push []struct {
		APNCredentialSID string `json:"apn_credential_sid"`
		FCMCredentialSID string `json:"fcm_credential_sid"`
	} `json:"push"`
	TOTP []struct {
		Issuer     string `json:"issuer"`
		TimeStep   *int64 `json:"time_step"`
		CodeLength *int64 `json:"code_length"`
		Skew       *int64 `json:"skew"`
	} `json:"totp"`
}

func (r *serviceResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{
		{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			if shared.IsOfficialProvider(req.SourceProviderAddress) && req.SourceTypeName == officialType {
				move(ctx, req, resp, (*officialService).service)
			}
		}},
		{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			if shared.IsRJPearson94Provider(req.SourceProviderAddress) && req.SourceTypeName == rjPearson94Type {
				move(ctx, req, resp, (*rjPearson94Service).service)
			}
		}},
	}
}

// move moves a service from the state of another provider.
func move[S any](ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse, translate func(*S) *client.Service) {
	shared.Move(ctx, req, resp, "service", resourceIdentity, func(source *S) (any, []types.String) {
		m := resourceModel{apiAttributes: newAPIAttributes(translate(source))}
		m.CodeLength = shared.UnlessZero(m.CodeLength.ValueInt64Pointer())
		m.TOTPTimeStep = shared.UnlessZero(m.TOTPTimeStep.ValueInt64Pointer())
		m.TOTPCodeLength = shared.UnlessZero(m.TOTPCodeLength.ValueInt64Pointer())
		identity := m.identity()
		return m, identity
	})
}

func (s *settings) service() *client.Service {
	return &client.Service{
		SID:                            s.SID,
		FriendlyName:                   s.FriendlyName,
		CodeLength:                     s.CodeLength,
		TTSName:                        s.TTSName,
		DefaultTemplateSID:             s.DefaultTemplateSID,
		LookupEnabled:                  s.LookupEnabled,
		SkipSMSToLandlines:             s.SkipSMSToLandlines,
		DTMFInputRequired:              s.DTMFInputRequired,
		PSD2Enabled:                    s.PSD2Enabled,
		DoNotShareWarningEnabled:       s.DoNotShareWarningEnabled,
		CustomCodeEnabled:              s.CustomCodeEnabled,
		VerifyEventSubscriptionEnabled: s.VerifyEventSubscriptionEnabled,
	}
}

func (o *officialService) service() *client.Service {
	s := o.settings.service()
	s.Push = client.ServicePush{IncludeDate: o.PushIncludeDate, APNCredentialSID: o.PushAPNCredentialSID, FCMCredentialSID: o.PushFCMCredentialSID}
	s.TOTP = client.ServiceTOTP{Issuer: o.TOTPIssuer, TimeStep: o.TOTPTimeStep, CodeLength: o.TOTPCodeLength, Skew: o.TOTPSkew}
	s.WhatsApp = client.ServiceWhatsApp{MsgServiceSID: o.WhatsAppMsgServiceSID, From: o.WhatsAppFrom}
	return s
}

func (o *rjPearson94Service) service() *client.Service {
	s := o.settings.service()
	s.AccountSID, s.DateCreated, s.DateUpdated, s.URL = o.AccountSID, o.DateCreated, o.DateUpdated, o.URL
	if len(o.Push) > 0 {
		s.Push = client.ServicePush{APNCredentialSID: o.Push[0].APNCredentialSID, FCMCredentialSID: o.Push[0].FCMCredentialSID}
	}
	if len(o.TOTP) > 0 {
		t := o.TOTP[0]
		s.TOTP = client.ServiceTOTP{Issuer: t.Issuer, TimeStep: t.TimeStep, CodeLength: t.CodeLength, Skew: t.Skew}
	}
	return s
}
