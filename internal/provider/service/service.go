// SPDX-License-Identifier: MPL-2.0

// Package service declares Verify services.
package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

type model struct {
	shared.Common

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

	ForceDestroy types.Bool `tfsdk:"force_destroy"`
}

// Declaration declares services.
var Declaration = &shared.Declaration[*model, *client.Service]{
	TypeName: "twilio_verify_service",
	Kind:     client.Services,
	Noun: shared.Noun{
		Advice:          map[int]string{client.CodeRestrictedName: "Twilio does not allow this friendly name. Choose another one."},
		AttributeByCode: map[int]string{client.CodeRestrictedName: "friendly_name", client.CodeBadServiceSID: "sid"},
		AttributeByParameter: []shared.ParameterAttribute{
			{Parameter: "whatsappfrom", Attribute: "whatsapp_from"},
			{Parameter: "skew", Attribute: "totp_skew"},
			{Parameter: "origins", Attribute: "passkeys_relying_party_origins"},
		},
	},
	Label: "friendly_name",
	Description: "Manages a Verify service, which contains identities, their factors, and the settings for verifications.\n\n" +
		"Deleting a service deletes its entities, factors, and webhooks. " +
		"Unless `force_destroy` is set, a service whose identities have factors is not deleted.",
	Attributes:   attributes,
	Descriptions: descriptions,
	Deleted: func(*model) string {
		return "Its identities and factors no longer exist either. The next apply creates a new service with another SID. " +
			"Everything that uses the old one has to be enrolled again."
	},
	Same: map[string]func(a, b []string) bool{"whatsapp_from": sameSender, "passkeys_relying_party_origins": sameOrigins},
	Plan: plan,
	Stored: func(ctx context.Context, d *shared.ProviderData, c shared.Change[*model], s *client.Service, diags *diag.Diagnostics) {
		rememberUncleared(ctx, c, s, diags)
		d.KeepService(s)
	},
	Sources: []shared.Source{
		{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_v2"},
		{Provider: shared.IsRJPearson94Provider, TypeName: "twilio_verify_service", Unmanaged: []string{"mailer_sid"}, Zeros: true},
	},
}

const senderPrefix = "whatsapp:"

// sameSender compares WhatsApp senders without the prefix that the API adds.
func sameSender(a, b []string) bool {
	return strings.TrimPrefix(a[0], senderPrefix) == strings.TrimPrefix(b[0], senderPrefix)
}

// sameOrigins compares origins without regard to their order.
func sameOrigins(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// NewResource returns the resource twilio_verify_service.
func NewResource() resource.Resource { return &serviceResource{Declaration.NewManagedResource()} }

// serviceResource does not delete a service that has factors.
type serviceResource struct {
	*shared.ManagedResource[*model, *client.Service]
}

// Delete implements [resource.Resource].
func (r *serviceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := r.Codec().Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) || r.InOtherAccount(r.ProviderData, state, &resp.Diagnostics) {
		return
	}
	if state.ForceDestroy.ValueBool() || r.confirmEmpty(ctx, state, &resp.Diagnostics) {
		r.ManagedResource.Delete(ctx, req, resp)
	}
}

// enoughFactors is the maximum number of factors to count. One factor is enough to keep the
// service; the number only shows how many people are affected.
const enoughFactors = 10

const adviceForceDestroy = "To delete the service with everything in it, set force_destroy = true, apply, and then destroy."

// confirmEmpty reports whether the service has no factors, and adds an error if it does.
func (r *serviceResource) confirmEmpty(ctx context.Context, state *model, diags *diag.Diagnostics) bool {
	count, err := client.Count(r.Client.ServiceFactors(ctx, state.SID.ValueString(), client.MaxPageSize), enoughFactors)
	switch {
	case count > 0:
		number := shared.CountText(count, "factor")
		if count >= enoughFactors {
			number = fmt.Sprintf("at least %d factors", enoughFactors)
		}
		diags.AddAttributeError(path.Root("force_destroy"), "Service has factors",
			fmt.Sprintf("Service %s (%q) was not deleted, because deleting it would also delete %s and lock out everyone who logs in with one. "+
				"Delete them first; the data source twilio_verify_factors, without identity, lists them. %s",
				state.SID.ValueString(), client.Text(state.FriendlyName.ValueString()), number, adviceForceDestroy))
	case err != nil && !client.IsNotFound(err): // after a 404, the delete request shows whether the service was deleted
		s := r.Subject("delete", state)
		s.Summary = "Cannot look for factors in the service"
		s.Then = "The service was not deleted, because it may have factors. " + adviceForceDestroy
		diags.Append(r.ErrorDiagnostic(err, s))
	default:
		return true
	}
	return false
}
