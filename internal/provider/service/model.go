// SPDX-License-Identifier: MPL-2.0

package service

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// apiAttributes are the attributes that the API returns.
type apiAttributes struct {
	ID          types.String `tfsdk:"id"`
	SID         types.String `tfsdk:"sid"`
	AccountSID  types.String `tfsdk:"account_sid"`
	DateCreated types.String `tfsdk:"date_created"`
	DateUpdated types.String `tfsdk:"date_updated"`
	URL         types.String `tfsdk:"url"`
	configurable
}

// configurable are the attributes that the configuration can set.
type configurable struct {
	FriendlyName                   types.String `tfsdk:"friendly_name"`
	CodeLength                     types.Int64  `tfsdk:"code_length"`
	LookupEnabled                  types.Bool   `tfsdk:"lookup_enabled"`
	SkipSMSToLandlines             types.Bool   `tfsdk:"skip_sms_to_landlines"`
	DTMFInputRequired              types.Bool   `tfsdk:"dtmf_input_required"`
	TTSName                        types.String `tfsdk:"tts_name"`
	PSD2Enabled                    types.Bool   `tfsdk:"psd2_enabled"`
	DoNotShareWarningEnabled       types.Bool   `tfsdk:"do_not_share_warning_enabled"`
	CustomCodeEnabled              types.Bool   `tfsdk:"custom_code_enabled"`
	VerifyEventSubscriptionEnabled types.Bool   `tfsdk:"verify_event_subscription_enabled"`
	DefaultTemplateSID             types.String `tfsdk:"default_template_sid"`

	PushAPNCredentialSID types.String `tfsdk:"push_apn_credential_sid"`
	PushFCMCredentialSID types.String `tfsdk:"push_fcm_credential_sid"`
	PushIncludeDate      types.Bool   `tfsdk:"push_include_date"`

	TOTPIssuer     types.String `tfsdk:"totp_issuer"`
	TOTPTimeStep   types.Int64  `tfsdk:"totp_time_step"`
	TOTPCodeLength types.Int64  `tfsdk:"totp_code_length"`
	TOTPSkew       types.Int64  `tfsdk:"totp_skew"`

	WhatsAppMsgServiceSID types.String `tfsdk:"whatsapp_msg_service_sid"`
	WhatsAppFrom          types.String `tfsdk:"whatsapp_from"`

	PasskeysRelyingPartyID          types.String `tfsdk:"passkeys_relying_party_id"`
	PasskeysRelyingPartyName        types.String `tfsdk:"passkeys_relying_party_name"`
	PasskeysRelyingPartyOrigins     types.List   `tfsdk:"passkeys_relying_party_origins"`
	PasskeysAuthenticatorAttachment types.String `tfsdk:"passkeys_authenticator_attachment"`
	PasskeysDiscoverableCredentials types.String `tfsdk:"passkeys_discoverable_credentials"`
	PasskeysUserVerification        types.String `tfsdk:"passkeys_user_verification"`
}

// resourceModel is the model of the resource.
type resourceModel struct {
	apiAttributes
	ForceDestroy types.Bool `tfsdk:"force_destroy"`
}

var codec = fwshim.NewCodec[resourceModel](resourceSchema)

// identity is the resource identity.
func (a *apiAttributes) identity() []types.String { return []types.String{a.SID} }

// newAPIAttributes returns a service as the API returned it. A field that is missing, null, or
// empty is null.
func newAPIAttributes(s *client.Service) apiAttributes {
	return apiAttributes{
		ID:          shared.OptionalString(s.SID),
		SID:         shared.OptionalString(s.SID),
		AccountSID:  shared.OptionalString(s.AccountSID),
		DateCreated: shared.OptionalString(s.DateCreated),
		DateUpdated: shared.OptionalString(s.DateUpdated),
		URL:         shared.OptionalString(s.URL),
		configurable: configurable{
			FriendlyName:                   shared.OptionalString(s.FriendlyName),
			CodeLength:                     types.Int64PointerValue(s.CodeLength),
			LookupEnabled:                  types.BoolPointerValue(s.LookupEnabled),
			SkipSMSToLandlines:             types.BoolPointerValue(s.SkipSMSToLandlines),
			DTMFInputRequired:              types.BoolPointerValue(s.DTMFInputRequired),
			TTSName:                        shared.OptionalString(s.TTSName),
			PSD2Enabled:                    types.BoolPointerValue(s.PSD2Enabled),
			DoNotShareWarningEnabled:       types.BoolPointerValue(s.DoNotShareWarningEnabled),
			CustomCodeEnabled:              types.BoolPointerValue(s.CustomCodeEnabled),
			VerifyEventSubscriptionEnabled: types.BoolPointerValue(s.VerifyEventSubscriptionEnabled),
			DefaultTemplateSID:             shared.OptionalString(s.DefaultTemplateSID),

			PushAPNCredentialSID: shared.OptionalString(s.Push.APNCredentialSID),
			PushFCMCredentialSID: shared.OptionalString(s.Push.FCMCredentialSID),
			PushIncludeDate:      types.BoolPointerValue(s.Push.IncludeDate),

			TOTPIssuer:     shared.OptionalString(s.TOTP.Issuer),
			TOTPTimeStep:   types.Int64PointerValue(s.TOTP.TimeStep),
			TOTPCodeLength: types.Int64PointerValue(s.TOTP.CodeLength),
			TOTPSkew:       types.Int64PointerValue(s.TOTP.Skew),

			WhatsAppMsgServiceSID: shared.OptionalString(s.WhatsApp.MsgServiceSID),
			WhatsAppFrom:          shared.OptionalString(s.WhatsApp.From),

			PasskeysRelyingPartyID:          shared.OptionalString(s.Passkeys.RelyingParty.ID),
			PasskeysRelyingPartyName:        shared.OptionalString(s.Passkeys.RelyingParty.Name),
			PasskeysRelyingPartyOrigins:     originsValue(s.Passkeys.RelyingParty.Origins),
			PasskeysAuthenticatorAttachment: shared.OptionalString(s.Passkeys.AuthenticatorAttachment),
			PasskeysDiscoverableCredentials: shared.OptionalString(s.Passkeys.DiscoverableCredentials),
			PasskeysUserVerification:        shared.OptionalString(s.Passkeys.UserVerification),
		},
	}
}

// refresh copies the values that the API returned. Null keeps the value, because the API returns
// null for settings that it does not reveal. Exceptions are settings for which null means that
// they are not set.
func (a *apiAttributes) refresh(s *client.Service) {
	response := newAPIAttributes(s)
	if sameSender(response.WhatsAppFrom, a.WhatsAppFrom) {
		response.WhatsAppFrom = a.WhatsAppFrom
	}
	if sameOrigins(response.PasskeysRelyingPartyOrigins, a.PasskeysRelyingPartyOrigins) {
		response.PasskeysRelyingPartyOrigins = a.PasskeysRelyingPartyOrigins
	}
	shared.Merge(a, &response)
	a.TTSName, a.DefaultTemplateSID = response.TTSName, response.DefaultTemplateSID
	if s.Push != (client.ServicePush{}) { // if all of push is null, its settings are unknown
		a.PushAPNCredentialSID, a.PushFCMCredentialSID = response.PushAPNCredentialSID, response.PushFCMCredentialSID
	}
}

// complete turns a plan into a state. Configured values do not change. Values that were left to
// Twilio come from the response or, if it does not have them, from the prior state; otherwise they
// are null. s is nil if there was no response, and prior is nil if there was no state.
func (m *resourceModel) complete(s *client.Service, prior *resourceModel) {
	values := newAPIAttributes(&client.Service{})
	if prior != nil {
		values = prior.apiAttributes
	}
	if s != nil {
		response := newAPIAttributes(s)
		shared.Merge(&values, &response)
	}
	shared.ReplaceUnknown(&m.apiAttributes, &values)
}

// params returns the parameters that differ from the state, or all that are set if state is nil.
// Unknown values are left to Twilio.
func (m *resourceModel) params(state *resourceModel) client.ServiceParams {
	if state == nil {
		state = &resourceModel{apiAttributes: newAPIAttributes(&client.Service{})}
	}
	sender := changedText(m.WhatsAppFrom, state.WhatsAppFrom)
	if sameSender(m.WhatsAppFrom, state.WhatsAppFrom) {
		sender = nil
	}
	return client.ServiceParams{
		FriendlyName:                    changedText(m.FriendlyName, state.FriendlyName),
		CodeLength:                      shared.ChangedInt64(m.CodeLength, state.CodeLength),
		LookupEnabled:                   changedBool(m.LookupEnabled, state.LookupEnabled),
		SkipSMSToLandlines:              changedBool(m.SkipSMSToLandlines, state.SkipSMSToLandlines),
		DTMFInputRequired:               changedBool(m.DTMFInputRequired, state.DTMFInputRequired),
		PSD2Enabled:                     changedBool(m.PSD2Enabled, state.PSD2Enabled),
		DoNotShareWarningEnabled:        changedBool(m.DoNotShareWarningEnabled, state.DoNotShareWarningEnabled),
		CustomCodeEnabled:               changedBool(m.CustomCodeEnabled, state.CustomCodeEnabled),
		VerifyEventSubscriptionEnabled:  changedBool(m.VerifyEventSubscriptionEnabled, state.VerifyEventSubscriptionEnabled),
		TTSName:                         changedText(m.TTSName, state.TTSName),
		DefaultTemplateSID:              changedText(m.DefaultTemplateSID, state.DefaultTemplateSID),
		PushAPNCredentialSID:            changedText(m.PushAPNCredentialSID, state.PushAPNCredentialSID),
		PushFCMCredentialSID:            changedText(m.PushFCMCredentialSID, state.PushFCMCredentialSID),
		PushIncludeDate:                 changedBool(m.PushIncludeDate, state.PushIncludeDate),
		TOTPIssuer:                      changedText(m.TOTPIssuer, state.TOTPIssuer),
		TOTPTimeStep:                    shared.ChangedInt64(m.TOTPTimeStep, state.TOTPTimeStep),
		TOTPCodeLength:                  shared.ChangedInt64(m.TOTPCodeLength, state.TOTPCodeLength),
		TOTPSkew:                        shared.ChangedInt64(m.TOTPSkew, state.TOTPSkew),
		WhatsAppMsgServiceSID:           changedText(m.WhatsAppMsgServiceSID, state.WhatsAppMsgServiceSID),
		WhatsAppFrom:                    sender,
		PasskeysRelyingPartyID:          changedText(m.PasskeysRelyingPartyID, state.PasskeysRelyingPartyID),
		PasskeysRelyingPartyName:        changedText(m.PasskeysRelyingPartyName, state.PasskeysRelyingPartyName),
		PasskeysRelyingPartyOrigins:     changedOrigins(m.PasskeysRelyingPartyOrigins, state.PasskeysRelyingPartyOrigins),
		PasskeysAuthenticatorAttachment: changedText(m.PasskeysAuthenticatorAttachment, state.PasskeysAuthenticatorAttachment),
		PasskeysDiscoverableCredentials: changedText(m.PasskeysDiscoverableCredentials, state.PasskeysDiscoverableCredentials),
		PasskeysUserVerification:        changedText(m.PasskeysUserVerification, state.PasskeysUserVerification),
	}
}

// changedText returns the new value of a parameter, or nil if it does not change. To Twilio null
// and empty are the same, so an empty string clears a value.
func changedText(plan, state types.String) *string {
	if plan.IsUnknown() || plan.ValueString() == state.ValueString() {
		return nil
	}
	value := plan.ValueString()
	return &value
}

func changedBool(plan, state types.Bool) *bool {
	if plan.Equal(state) {
		return nil
	}
	return shared.KnownBool(plan)
}

func changedOrigins(plan, state types.List) *string {
	if !shared.Set(plan) || plan.Equal(state) {
		return nil
	}
	value := strings.Join(shared.Strings(plan.Elements()), ",")
	return &value
}

func originsValue(origins []string) types.List {
	if len(origins) == 0 {
		return types.ListNull(types.StringType)
	}
	return types.ListValueMust(types.StringType, shared.StringValues(origins))
}

// sameOrigins compares origins without regard to their order.
func sameOrigins(a, b types.List) bool {
	sorted := func(origins types.List) []string {
		return slices.Sorted(slices.Values(shared.Strings(origins.Elements())))
	}
	return slices.Equal(sorted(a), sorted(b))
}

// sameSender compares senders without the prefix that the API adds.
func sameSender(a, b types.String) bool {
	return strings.TrimPrefix(a.ValueString(), senderPrefix) == strings.TrimPrefix(b.ValueString(), senderPrefix)
}
