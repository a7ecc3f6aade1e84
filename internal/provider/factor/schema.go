// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// descriptions describe the values; the resource adds what the configuration can do.
var descriptions = map[string]string{
	"sid":         "SID of the factor: `YF` followed by 32 hexadecimal digits.",
	"service_sid": "SID of the Verify service: `VA` followed by 32 hexadecimal digits.",
	"entity_sid":  "SID of the entity that represents the identity: `YE` followed by 32 hexadecimal digits.",
	"identity": "Identity that owns the factor: 8 to 64 letters, digits, and dashes; Twilio ignores case. " +
		"Use a UUID or the name of a service account, not personal data.",
	"friendly_name": "Human-readable name, 1 to 64 characters. Authenticator apps show it as the account name of a TOTP factor.",
	"factor_type":   "Type of the factor: `totp` for time-based codes, `push` for a device with a key pair.",
	"status": "`unverified` until the owner has proved possession of the secret or key, then `verified`. " +
		"Twilio deletes a factor that is still unverified 1 to 24 hours after its creation.",
	"metadata": "Custom data about the factor, a map of strings.",

	"config_alg":                   "TOTP: hash algorithm of the codes: `sha1`, `sha256`, or `sha512`.",
	"config_code_length":           "TOTP: number of digits of a code, 3 to 8.",
	"config_skew":                  "TOTP: number of time steps before and after the current one whose codes are accepted, 0 to 2.",
	"config_time_step":             "TOTP: number of seconds that a code is current, 20 to 60.",
	"config_app_id":                "Push: ID of the app in its store, such as `com.example.app`, up to 100 characters.",
	"config_notification_platform": "Push: how notifications reach the device: `apn` (Apple), `fcm` (Google), or `none`.",
	"config_notification_token":    "Push: device token (`apn`) or registration token (`fcm`), 32 to 255 characters.",
	"config_sdk_version":           "Push: version of the Verify SDK on the device.",
}

var allAttributes = map[string]schema.Attribute{
	"identity": schema.StringAttribute{
		Required:      true,
		Validators:    []validator.String{shared.Identity()},
		PlanModifiers: []planmodifier.String{shared.IdentityReplaces()},
	},
	"factor_type":   shared.Required("", factorType()),
	"friendly_name": shared.Required("", stringvalidator.UTF8LengthBetween(1, 64)),
	"status":        schema.StringAttribute{Computed: true},
	"metadata": schema.MapAttribute{
		ElementType: types.StringType, Optional: true, Computed: true,
		MarkdownDescription: "Do not use `jsonencode`. Up to 1,024 characters when encoded as JSON. " +
			"Defaults to the value stored at Twilio.",
		Validators: []validator.Map{shared.JSONMap()},
		PlanModifiers: []planmodifier.Map{
			mapplanmodifier.UseStateForUnknown(),
			mapplanmodifier.RequiresReplaceIf(metadataReplaces, replaceDescription, replaceDescription),
		},
	},

	"binding_secret": schema.StringAttribute{
		Optional: true, Computed: true, Sensitive: true,
		MarkdownDescription: "TOTP: secret in Base32 (RFC 4648). " +
			"If neither it nor `binding_secret_wo` is set, the provider generates one of 160 bits, which is stored in the state. " +
			"Twilio never returns the secret again: after an import it is null, or the configured value.",
		Validators: []validator.String{shared.TOTPSecret()},
	},
	"binding_secret_wo": shared.Secret("TOTP: secret in Base32, stored in neither the plan nor the state. "+
		"Requires `binding_secret_wo_version`; conflicts with `binding_secret`.", shared.TOTPSecret()),
	"binding_secret_wo_version": shared.Number("TOTP: version of `binding_secret_wo`. " +
		"Increment to replace the factor with one that has the current secret. " +
		"Removing it also replaces the factor; setting it for an imported factor does not."),
	"binding_uri": schema.StringAttribute{
		Computed: true, Sensitive: true,
		MarkdownDescription: "TOTP: `otpauth://` URI for authenticator apps. " +
			"Null with a write-only secret, which it would contain, and after an import or a move. " +
			"Twilio returns it only once; the provider updates it when `friendly_name`, `config_alg`, `config_code_length`, " +
			"or `config_time_step` changes.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	},
	"binding_alg": schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Push: algorithm of the key. Must be `ES256`, which is the default.",
		Validators:          []validator.String{shared.OneOf(bindingAlgES256)},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	},
	"binding_public_key": shared.Optional("Push: public key of the device, an ECDSA key on the curve P-256, "+
		"in PKIX (SubjectPublicKeyInfo) DER form in Base64: "+
		"a PEM file without its first and last line and without line breaks. Required to create a push factor.",
		shared.Check("must be the PKIX DER form of an ECDSA P-256 public key, encoded in Base64", checkPublicKey)),

	"config_alg": schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Defaults to `sha1`, which most authenticator apps support.",
		Validators:          []validator.String{shared.OneOf(shared.TOTPAlgorithms...)},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	},
	"config_code_length": configNumber("6", 3, 8),
	"config_skew":        configNumber("1", 0, 2),
	"config_time_step":   configNumber("30", 20, 60),

	"config_app_id":                shared.Optional("Required for push.", stringvalidator.UTF8LengthBetween(1, 100)),
	"config_notification_platform": shared.Optional("Required for push.", shared.OneOf(platformAPN, platformFCM, platformNone)),
	"config_notification_token": schema.StringAttribute{
		Optional: true, Computed: true, Sensitive: true,
		MarkdownDescription: "Required to create a push factor, unless the platform is `none`, " +
			"which has no token. Defaults to the token stored at Twilio. The SDK on the device may change it.",
		Validators:    []validator.String{stringvalidator.UTF8LengthBetween(32, 255), shared.NoByteOrderMark()},
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	},
	"config_sdk_version": shared.Optional("Required for push. The SDK on the device may change it.", stringvalidator.LengthAtLeast(1)),

	"auto_verify": schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "TOTP: whether the provider verifies the factor with a code that it computes from the secret. " +
			"It does so after creation, when `auto_verify` changes to `true`, and whenever a refresh finds the factor unverified. " +
			"One apply sends at most two codes, and only one with a `binding_secret_wo` that may have changed since the factor was created; " +
			"Twilio allows five attempts for a factor. A new `auth_payload_wo_version` takes precedence. Defaults to `false`.",
	},
	"auth_payload_wo": shared.Secret("Payload that proves possession of the secret or key: the current code of a TOTP factor; " +
		"for a push factor, the ECDSA SHA-256 signature of its SID in DER form, encoded in Base64. " +
		"Stored in neither the plan nor the state. Requires `auth_payload_wo_version`."),
	"auth_payload_wo_version": shared.Number("Version of `auth_payload_wo`. Increment to send a new `auth_payload_wo`; " +
		"nothing is sent if the factor is verified."),
}

// replaceDescription is required by the framework but never shown.
const replaceDescription = "Replaces the factor when the value differs."

func configNumber(defaultValue string, least, most int64) schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Defaults to the setting of the service, or " + defaultValue + ".",
		Validators:          []validator.Int64{int64validator.Between(least, most)},
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
	}
}

// metadataReplaces treats an empty map and null as equal, as Twilio does. Metadata that is not
// configured never replaces the factor.
func metadataReplaces(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	bothEmpty := !req.PlanValue.IsUnknown() && len(req.PlanValue.Elements()) == 0 && len(req.StateValue.Elements()) == 0
	resp.RequiresReplace = !req.ConfigValue.IsNull() && !bothEmpty
}
