// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// algorithms are those of a TOTP factor, wherever one is given.
var algorithms = []string{string(totp.SHA1), string(totp.SHA256), string(totp.SHA512)}

// Descriptions that more than one kind shares. Each says what the value is; the
// resource adds what a user may write.
const (
	describeSID          = "The SID of the factor, `YF` and 32 hexadecimal digits."
	describeAccountSID   = "The SID of the account that owns the service, `AC` and 32 hexadecimal digits."
	describeServiceSID   = "The SID of the Verify service, `VA` and 32 hexadecimal digits."
	describeEntitySID    = "The SID of the entity that stands for the identity, `YE` and 32 hexadecimal digits."
	describeIdentity     = "The identity that owns the factor: 8 to 64 letters, digits and dashes. Twilio compares it without regard to case. It should not be personal data: use a UUID or the name of a service account."
	describeFriendlyName = "The name of the factor for people, 1 to 64 characters. Authenticator apps show it as the account name of a TOTP factor."
	describeFactorType   = "The type of the factor: `totp` for time-based codes, `push` for a device with a key pair."
	describeStatus       = "`unverified` until the owner has proved to hold the secret or key, then `verified`. Twilio deletes a factor that stays unverified, 1 to 24 hours after its creation."
	describeMetadata     = "Data of your own about the factor, a map of strings."
	describeDateCreated  = "When the factor was created, RFC 3339 in UTC."
	describeDateUpdated  = "When the factor was last changed, RFC 3339 in UTC."
	describeURL          = "The address of the factor in Twilio's API."

	describeConfigAlg                  = "TOTP: the hash algorithm of the codes, `sha1`, `sha256` or `sha512`."
	describeConfigCodeLength           = "TOTP: the number of digits of a code, 3 to 8."
	describeConfigSkew                 = "TOTP: how many time steps before and after the present one a code is accepted from, 0 to 2."
	describeConfigTimeStep             = "TOTP: the number of seconds after which a new code comes, 20 to 60."
	describeConfigAppID                = "Push: the ID of the app in its store, such as `com.example.app`, up to 100 characters."
	describeConfigNotificationPlatform = "Push: how notifications reach the device, `apn` (Apple), `fcm` (Google) or `none`."
	describeConfigNotificationToken    = "Push: the device token (`apn`) or registration token (`fcm`), 32 to 255 characters."
	describeConfigSDKVersion           = "Push: the version of the Verify SDK on the device."

	describeKept = " Leaving it out again keeps the last value."
)

func factorResourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The import ID: `service_sid/identity/sid`.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"metadata": schema.MapAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			Computed:            true,
			MarkdownDescription: describeMetadata + " Up to 1,024 characters as JSON. When left out, it is what Twilio holds. Changing it replaces the factor.",
			Validators:          []validator.Map{metadataValidator{}},
			PlanModifiers: []planmodifier.Map{
				mapplanmodifier.UseStateForUnknown(),
				mapplanmodifier.RequiresReplaceIf(metadataReplaces, replaceDescription, replaceDescription),
			},
		},
	}
	for _, group := range []map[string]schema.Attribute{
		factorOwnAttributes(), factorBindingAttributes(), factorTOTPAttributes(), factorPushAttributes(),
		factorVerificationAttributes(), factorComputedAttributes(),
	} {
		maps.Copy(attributes, group)
	}
	return schema.Schema{
		MarkdownDescription: "A second factor of an identity on Twilio Verify: a TOTP secret, or the push binding of a device.\n\n" +
			"Twilio deletes a factor that is not verified within a day of its creation. A TOTP factor can be verified in the same apply with `auto_verify`.",
		Attributes: attributes,
	}
}

// replaceDescription is never shown; the attributes' descriptions say it.
const replaceDescription = "Replaces the factor when the value differs."

func factorOwnAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"service_sid": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: describeServiceSID + " Changing it replaces the factor.",
			Validators:          []validator.String{serviceSIDValidator()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"identity": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: describeIdentity + " Changing more than its case replaces the factor.",
			Validators:          []validator.String{identityValidator()},
			PlanModifiers: []planmodifier.String{
				stringplanmodifier.RequiresReplaceIf(identityReplaces, replaceDescription, replaceDescription),
			},
		},
		"factor_type": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: describeFactorType + " Changing it replaces the factor.",
			Validators:          []validator.String{stringvalidator.OneOf(string(client.FactorTypeTOTP), string(client.FactorTypePush))},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"friendly_name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: describeFriendlyName,
			Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 64)},
		},
	}
}

func factorBindingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"binding_secret": schema.StringAttribute{
			Optional:  true,
			Computed:  true,
			Sensitive: true,
			MarkdownDescription: "TOTP: the secret, in Base32 (RFC 4648: A to Z, 2 to 7; lower case passes). When left out, and `binding_secret_wo` too, Twilio generates one of 160 bits and it is stored in the state. " +
				"Twilio never returns it again: after an import it is null, or what the configuration says. Changing it replaces the factor. " +
				"To keep the secret out of the state, use `binding_secret_wo` instead.",
			Validators: []validator.String{secretValidator{}},
		},
		"binding_secret_wo": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			WriteOnly:           true,
			MarkdownDescription: "TOTP: the secret, in Base32, sent to Twilio and stored nowhere, neither in the plan nor in the state. Needs `binding_secret_wo_version` beside it. Not together with `binding_secret`.",
			Validators:          []validator.String{secretValidator{}},
		},
		"binding_secret_wo_version": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "TOTP: a number of your own for the secret in `binding_secret_wo`. Changing or removing it replaces the factor, with the secret of that moment; giving it to an imported factor does not.",
		},
		"binding_uri": schema.StringAttribute{
			Computed:  true,
			Sensitive: true,
			MarkdownDescription: "TOTP: the `otpauth://` URI for authenticator apps. It contains the secret, so that it is null with a write-only secret, and after an import or a move. " +
				"Twilio issues it once; the provider keeps it in step with later changes of `friendly_name`, `config_alg`, `config_code_length` and `config_time_step`.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"binding_alg": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: "Push: the algorithm of the key. `ES256` is the only one, and the default.",
			Validators:          []validator.String{stringvalidator.OneOf(bindingAlgES256)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"binding_public_key": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Push, required there: the device's public key, an ECDSA key on the curve P-256, as Base64 of its PKIX (SubjectPublicKeyInfo) DER form. " +
				"That is what a PEM file has between its first and its last line, without the line breaks. Changing it replaces the factor.",
			Validators: []validator.String{publicKeyValidator{}},
		},
	}
}

func factorTOTPAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"config_alg": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: describeConfigAlg + " Twilio's default is `sha1`, which is what most authenticator apps know." + describeKept,
			Validators:          []validator.String{stringvalidator.OneOf(algorithms...)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"config_code_length": schema.Int64Attribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: describeConfigCodeLength + " Twilio's default is that of the service, else 6." + describeKept,
			Validators:          []validator.Int64{int64validator.Between(3, 8)},
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"config_skew": schema.Int64Attribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: describeConfigSkew + " Twilio's default is that of the service, else 1." + describeKept,
			Validators:          []validator.Int64{int64validator.Between(0, 2)},
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"config_time_step": schema.Int64Attribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: describeConfigTimeStep + " Twilio's default is that of the service, else 30." + describeKept,
			Validators:          []validator.Int64{int64validator.Between(20, 60)},
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
	}
}

func factorPushAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"config_app_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: describeConfigAppID + " Required for push. Changing it replaces the factor.",
			Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 100)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"config_notification_platform": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: describeConfigNotificationPlatform + " Required for push.",
			Validators:          []validator.String{stringvalidator.OneOf("apn", "fcm", platformNone)},
		},
		"config_notification_token": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: describeConfigNotificationToken + " Required for push, unless the platform is `none`, and then refused. A device's own SDK may change it; see `ignore_changes`.",
			Validators:          []validator.String{stringvalidator.UTF8LengthBetween(32, 255)},
		},
		"config_sdk_version": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: describeConfigSDKVersion + " Required for push. A device's own SDK may change it; see `ignore_changes`.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
}

func factorVerificationAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"auto_verify": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "TOTP: whether the provider verifies the factor itself, with a code that it computes from the secret by the server's clock: " +
				"after creation, when this is switched on, and whenever a refresh finds the factor unverified. A secret whose code Twilio refuses twice is not tried again in later applies, for Twilio allows five attempts in all. A new `auth_payload_wo_version` goes first. The default is `false`.",
		},
		"auth_payload_wo": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			WriteOnly: true,
			MarkdownDescription: "Your own proof that the owner holds the binding, sent to Twilio and stored nowhere: a present code for a TOTP factor; " +
				"for a push factor Base64 of the DER form of an ECDSA SHA-256 signature over the factor's SID, which is known only after the apply that creates it. Needs `auth_payload_wo_version` beside it.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"auth_payload_wo_version": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "A number of your own for the payload in `auth_payload_wo`. The payload is sent when this changes and the factor is not verified yet.",
		},
	}
}

func factorComputedAttributes() map[string]schema.Attribute {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return map[string]schema.Attribute{
		"sid":          schema.StringAttribute{Computed: true, MarkdownDescription: describeSID, PlanModifiers: kept},
		"account_sid":  schema.StringAttribute{Computed: true, MarkdownDescription: describeAccountSID, PlanModifiers: kept},
		"entity_sid":   schema.StringAttribute{Computed: true, MarkdownDescription: describeEntitySID, PlanModifiers: kept},
		"date_created": schema.StringAttribute{Computed: true, MarkdownDescription: describeDateCreated, PlanModifiers: kept},
		"url": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: describeURL + " Of a tainted factor whose creation brought no answer it is a note, `pending:` and JSON, by which the next apply looks for the factor; `sid` is null then.",
			PlanModifiers:       kept,
		},
		"status":       schema.StringAttribute{Computed: true, MarkdownDescription: describeStatus},
		"date_updated": schema.StringAttribute{Computed: true, MarkdownDescription: describeDateUpdated},
	}
}

func factorIdentitySchema() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"service_sid": identityschema.StringAttribute{RequiredForImport: true, Description: "The SID of the Verify service."},
			"identity":    identityschema.StringAttribute{RequiredForImport: true, Description: "The identity that owns the factor."},
			"sid":         identityschema.StringAttribute{RequiredForImport: true, Description: "The SID of the factor."},
		},
	}
}

// listedFactorAttributes are those of a factor that is only read, in a list or alone.
func listedFactorAttributes() map[string]datasourceschema.Attribute {
	attributes := map[string]datasourceschema.Attribute{
		"metadata": datasourceschema.MapAttribute{
			ElementType: types.StringType, Computed: true, MarkdownDescription: describeMetadata,
		},
		"config_json": datasourceschema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "What the factor's config holds beyond the attributes here, as a JSON object, as for a `passkeys` factor; null when there is nothing.",
		},
	}
	for name, description := range map[string]string{
		"sid": describeSID, "account_sid": describeAccountSID, "service_sid": describeServiceSID, "entity_sid": describeEntitySID,
		"identity": describeIdentity, "friendly_name": describeFriendlyName, "status": describeStatus,
		"factor_type":  strings.TrimSuffix(describeFactorType, ".") + ", `passkeys` for a passkey.",
		"date_created": describeDateCreated, "date_updated": describeDateUpdated, "url": describeURL,
		"config_alg": describeConfigAlg, "config_app_id": describeConfigAppID,
		"config_notification_platform": describeConfigNotificationPlatform, "config_sdk_version": describeConfigSDKVersion,
	} {
		attributes[name] = datasourceschema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	for name, description := range map[string]string{
		"config_code_length": describeConfigCodeLength, "config_skew": describeConfigSkew, "config_time_step": describeConfigTimeStep,
	} {
		attributes[name] = datasourceschema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	return attributes
}

// identityReplaces lets a change of case pass: it is the same entity to Twilio.
func identityReplaces(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = req.PlanValue.IsUnknown() || !strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString())
}

// metadataReplaces lets an empty map and none pass for the same, as Twilio does,
// and an absent one for whatever Twilio holds.
func metadataReplaces(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	bothEmpty := !req.PlanValue.IsUnknown() && len(req.PlanValue.Elements()) == 0 && len(req.StateValue.Elements()) == 0
	resp.RequiresReplace = !req.ConfigValue.IsNull() && !bothEmpty
}
