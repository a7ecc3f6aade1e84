// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// descriptions describe the values. The resource adds what the configuration can do.
var descriptions = map[string]string{
	"friendly_name": "Name of the service, which verification messages show: 1 to 32 characters. " +
		"Twilio documents that it may contain letters, digits, spaces, dashes, and underscores, " +
		"with at most 4 digits; one of Twilio's pages gives a limit of 30 characters. " +
		"For other names the provider only warns, and Twilio decides. It should not be personal data.",
	"code_length": "Number of digits of a verification code, 4 to 10. New services have 6.",
	"lookup_enabled": "Whether each verification looks up the phone number and returns information about it. " +
		"Twilio charges for lookups. New services have `false`.",
	"skip_sms_to_landlines":        "Whether to skip sending SMS to landlines. Requires `lookup_enabled`. New services have `false`.",
	"dtmf_input_required":          "Whether the recipient of a call must press a key before the code is read. New services have `true`.",
	"tts_name":                     "Name of an alternative text-to-speech service for calls.",
	"psd2_enabled":                 "Whether to pass PSD2 transaction parameters when a verification starts. New services have `false`.",
	"do_not_share_warning_enabled": "Whether SMS messages end with a warning not to share the code. New services have `false`.",
	"custom_code_enabled": "Whether a verification may use a code that the caller chooses instead of a random one. " +
		"New services have `false`.",
	"verify_event_subscription_enabled": "Whether verifications are sent to configured event stream sinks. New services have `false`.",
	"default_template_sid": "SID of the message template for SMS verifications that do not select one: " +
		"`HJ` followed by 32 hexadecimal digits.",

	"push_apn_credential_sid": "Push: SID of the credential for notifications to iOS devices: `CR` followed by 32 hexadecimal digits.",
	"push_fcm_credential_sid": "Push: SID of the credential for notifications to Android devices: `CR` followed by 32 hexadecimal digits.",
	"push_include_date": "Push: whether the details of a challenge contain a date. Twilio has deprecated it: " +
		"use the date of creation of the challenge instead.",

	"totp_issuer":      "TOTP: name that authenticator apps show for new factors. Defaults to `friendly_name`.",
	"totp_time_step":   "TOTP: number of seconds that a code is current, 20 to 60, for factors that do not set it. New services have 30.",
	"totp_code_length": "TOTP: number of digits of a code, 3 to 8, for factors that do not set it. New services have 6.",
	"totp_skew": "TOTP: number of time steps before and after the current one whose codes are accepted, 0 to 2, " +
		"for factors that do not set it. New services have 1.",

	"whatsapp_msg_service_sid": "WhatsApp: SID of the Messaging Service that contains the sender: `MG` followed by 32 hexadecimal digits.",
	"whatsapp_from": "WhatsApp: phone number of the sender in E.164 form, such as `+14155550100`, " +
		"with or without the prefix `whatsapp:`. It must be associated with a Messaging Service.",

	"passkeys_relying_party_id":         "Passkeys: ID of the relying party, the domain of the application, such as `example.com`.",
	"passkeys_relying_party_name":       "Passkeys: name of the relying party, such as `Example App`.",
	"passkeys_relying_party_origins":    "Passkeys: origins of the relying party, such as `login.example.com`.",
	"passkeys_authenticator_attachment": "Passkeys: kind of authenticator: `platform`, `cross-platform`, `any`, or empty.",
	"passkeys_discoverable_credentials": "Passkeys: whether the authenticator stores discoverable credentials: " +
		"`required`, `preferred`, `discouraged`, or empty.",
	"passkeys_user_verification": "Passkeys: whether the authenticator verifies the user: " +
		"`required`, `preferred`, `discouraged`, or empty.",
}

const (
	describeCleared = "Removing it from the configuration clears it."
	describeEmpty   = "To clear it, set it to an empty string."
)

var (
	senderPattern = regexp.MustCompile(`^(` + senderPrefix + `)?\+[1-9]\d{1,14}$`)
	originPattern = regexp.MustCompile(`^[^,\s]+$`)
)

var attributes = map[string]schema.Attribute{
	"friendly_name":                     shared.Required("", shared.Name(0)),
	"code_length":                       number(4, 10),
	"lookup_enabled":                    flag,
	"skip_sms_to_landlines":             flag,
	"dtmf_input_required":               flag,
	"tts_name":                          text(describeCleared, shared.Name(0)),
	"psd2_enabled":                      flag,
	"do_not_share_warning_enabled":      flag,
	"custom_code_enabled":               flag,
	"verify_event_subscription_enabled": flag,
	"default_template_sid":              text(describeCleared, shared.SID("message template", "HJ")),
	"force_destroy": schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to delete the service even if identities in it have factors, which are deleted with it. " +
			"Defaults to `false`: a service with factors is not deleted, " +
			"and checking for factors takes one request for each identity. To take effect, it must be applied before the service is destroyed.",
	},

	"push_apn_credential_sid": text(describeCleared, shared.SID("credential", "CR")),
	"push_fcm_credential_sid": text(describeCleared, shared.SID("credential", "CR")),
	"push_include_date": schema.BoolAttribute{
		Optional: true, Computed: true,
		Validators: []validator.Bool{deprecatedDate{"is deprecated by Twilio"}},
	},

	"totp_issuer":      text("", shared.Name(0)),
	"totp_time_step":   number(20, 60),
	"totp_code_length": number(3, 8),
	"totp_skew":        number(0, 2),

	"whatsapp_msg_service_sid": text("", shared.SID("Messaging Service", "MG")),
	"whatsapp_from": text("", stringvalidator.RegexMatches(senderPattern, "must be a phone number in E.164 format, such as +14155550100, "+
		"with or without the prefix whatsapp:")),

	"passkeys_relying_party_id":   text("", shared.Name(0)),
	"passkeys_relying_party_name": text("", shared.Name(0)),
	"passkeys_relying_party_origins": schema.ListAttribute{
		Optional: true, Computed: true,
		ElementType: types.StringType,
		Validators: []validator.List{
			listvalidator.SizeAtLeast(1),
			listvalidator.NoNullValues(),
			listvalidator.UniqueValues(),
			listvalidator.ValueStringsAre(stringvalidator.RegexMatches(originPattern, "must not be empty or contain commas or spaces: "+
				"each origin is an element of the list")),
		},
	},
	"passkeys_authenticator_attachment": text(describeEmpty, shared.OneOf("platform", "cross-platform", "any", "")),
	"passkeys_discoverable_credentials": text(describeEmpty, shared.OneOf("required", "preferred", "discouraged", "")),
	"passkeys_user_verification":        text(describeEmpty, shared.OneOf("required", "preferred", "discouraged", "")),
}

var flag = schema.BoolAttribute{Optional: true, Computed: true}

func number(least, most int64) schema.Attribute {
	return schema.Int64Attribute{Optional: true, Computed: true, Validators: []validator.Int64{int64validator.Between(least, most)}}
}

// text returns an optional text. The page says above the schema that removing an attribute keeps its
// last value, unless removal says something else.
func text(removal string, valid validator.String) schema.Attribute {
	return schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: removal, Validators: []validator.String{valid}}
}

// deprecatedDate warns about push_include_date if it is configured. A deprecation in the schema
// would also warn everyone who uses the whole service in an expression.
type deprecatedDate struct{ shared.Requirement }

func (deprecatedDate) ValidateBool(_ context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	if !req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Setting deprecated by Twilio",
			"Twilio has deprecated this setting. Use the date_created of the challenge instead, which is the same date.")
	}
}
