// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"maps"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// apiAttributes are the attributes that the API returns for a single factor.
type apiAttributes struct {
	listAttributes
	ConfigNotificationToken types.String `tfsdk:"config_notification_token"`
}

// listAttributes are the attributes that a list also contains. None is sensitive, because Terraform
// compares the paths of all sensitive values with each other, which takes minutes for thousands of
// factors.
type listAttributes struct {
	SID          types.String `tfsdk:"sid"`
	AccountSID   types.String `tfsdk:"account_sid"`
	ServiceSID   types.String `tfsdk:"service_sid"`
	EntitySID    types.String `tfsdk:"entity_sid"`
	Identity     types.String `tfsdk:"identity"`
	FriendlyName types.String `tfsdk:"friendly_name"`
	FactorType   types.String `tfsdk:"factor_type"`
	Status       types.String `tfsdk:"status"`
	Metadata     types.Map    `tfsdk:"metadata"`
	DateCreated  types.String `tfsdk:"date_created"`
	DateUpdated  types.String `tfsdk:"date_updated"`
	URL          types.String `tfsdk:"url"`

	ConfigAlg                  types.String `tfsdk:"config_alg"`
	ConfigCodeLength           types.Int64  `tfsdk:"config_code_length"`
	ConfigSkew                 types.Int64  `tfsdk:"config_skew"`
	ConfigTimeStep             types.Int64  `tfsdk:"config_time_step"`
	ConfigAppID                types.String `tfsdk:"config_app_id"`
	ConfigNotificationPlatform types.String `tfsdk:"config_notification_platform"`
	ConfigSDKVersion           types.String `tfsdk:"config_sdk_version"`
}

// resourceModel is the model of the resource.
type resourceModel struct {
	ID types.String `tfsdk:"id"`
	apiAttributes

	BindingSecret          types.String `tfsdk:"binding_secret"`
	BindingSecretWO        types.String `tfsdk:"binding_secret_wo"`
	BindingSecretWOVersion types.Int64  `tfsdk:"binding_secret_wo_version"`
	BindingURI             types.String `tfsdk:"binding_uri"`
	BindingAlg             types.String `tfsdk:"binding_alg"`
	BindingPublicKey       types.String `tfsdk:"binding_public_key"`

	AutoVerify           types.Bool   `tfsdk:"auto_verify"`
	AuthPayloadWO        types.String `tfsdk:"auth_payload_wo"`
	AuthPayloadWOVersion types.Int64  `tfsdk:"auth_payload_wo_version"`
}

var codec = fwshim.NewCodec[*resourceModel](Declaration.Schema)

func (a *apiAttributes) entity() client.EntityID {
	return client.EntityID{ServiceSID: a.ServiceSID.ValueString(), Identity: a.Identity.ValueString()}
}

// identity is the resource identity.
func (a *apiAttributes) identity() []types.String {
	return []types.String{a.ServiceSID, a.Identity, a.SID}
}

func (a *apiAttributes) importID() string { return shared.ImportID(a.identity()) }

func (a *apiAttributes) isType(factorType client.FactorType) bool {
	return a.FactorType.ValueString() == string(factorType)
}

func (a *apiAttributes) isVerified() bool {
	return a.Status.ValueString() == string(client.StatusVerified)
}

// newAPIAttributes returns a factor as the API returned it. A field that is missing or null is
// null. service_sid and identity are always null: the caller keeps them as the user spelled them,
// because the API may return an identity in another case.
func newAPIAttributes(f *client.Factor) apiAttributes {
	return apiAttributes{
		ConfigNotificationToken: shared.OptionalString(f.Config.NotificationToken),
		listAttributes: listAttributes{
			SID:          shared.OptionalString(f.SID),
			AccountSID:   shared.OptionalString(f.AccountSID),
			EntitySID:    shared.OptionalString(f.EntitySID),
			FriendlyName: shared.OptionalString(f.FriendlyName),
			FactorType:   shared.OptionalString(string(f.FactorType)),
			Status:       shared.OptionalString(string(f.Status)),
			Metadata:     metadataValue(f.Metadata),
			DateCreated:  shared.OptionalString(f.DateCreated),
			DateUpdated:  shared.OptionalString(f.DateUpdated),
			URL:          shared.OptionalString(f.URL),

			ConfigAlg:                  shared.OptionalString(f.Config.Alg),
			ConfigCodeLength:           types.Int64PointerValue(f.Config.CodeLength),
			ConfigSkew:                 types.Int64PointerValue(f.Config.Skew),
			ConfigTimeStep:             types.Int64PointerValue(f.Config.TimeStep),
			ConfigAppID:                shared.OptionalString(f.Config.AppID),
			ConfigNotificationPlatform: shared.OptionalString(f.Config.NotificationPlatform),
			ConfigSDKVersion:           shared.OptionalString(f.Config.SDKVersion),
		},
	}
}

// refresh copies the values that the API returned. Null in the response keeps the value. Empty
// metadata replaces a value but not null, because the API may return either for a factor without
// metadata.
func (a *apiAttributes) refresh(f *client.Factor) {
	response := newAPIAttributes(f)
	if a.Metadata.IsNull() && len(f.Metadata) == 0 {
		response.Metadata, a.Metadata = metadataValue(nil), metadataValue(nil) // null in a new model has no element type
	}
	if f.FriendlyName != "" && shared.SameName(f.FriendlyName, a.FriendlyName.ValueString()) {
		response.FriendlyName = a.FriendlyName // Twilio may have it in another Unicode form
	}
	shared.Merge(a, &response)
	if f.Config.NotificationPlatform == platformNone {
		a.ConfigNotificationToken = types.StringNull() // removed together with its platform
	}
}

func metadataValue(metadata client.Metadata) types.Map {
	if metadata == nil {
		return types.MapNull(types.StringType)
	}
	values := make(map[string]attr.Value, len(metadata))
	for key, value := range metadata {
		values[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, values)
}

// complete turns a plan into a state. Configured values do not change. Values that were left to
// Twilio come from the response or, if it does not have them, from the prior state; otherwise they
// are null. f is nil if there was no response, and prior is nil if there was no state.
func (m *resourceModel) complete(f *client.Factor, prior *resourceModel) {
	var values resourceModel
	values.Metadata = metadataValue(nil)
	if prior != nil {
		values.apiAttributes = prior.apiAttributes
	}
	if f != nil {
		values.refresh(f)
	}
	if f != nil && f.Binding.Secret != "" {
		values.BindingSecret = shared.OptionalString(f.Binding.Secret)
		values.BindingURI = shared.OptionalString(f.Binding.URI)
		values.completeConfig(f.Binding.URI)
	}
	if m.ConfigNotificationPlatform.ValueString() == platformNone {
		values.ConfigNotificationToken = types.StringNull() // the response may have no config
	}
	shared.ReplaceUnknown(m, &values)
	m.BindingSecretWO = types.StringNull()
	m.AuthPayloadWO = types.StringNull()
	m.ID = types.StringNull()
	if !m.SID.IsNull() {
		m.ID = types.StringValue(m.importID())
	}
}

// completeConfig fills in a config that the API returned as null from the URI that it issued. With
// the defaults instead, codes would be wrong, and so would the URI after a refresh.
func (a *apiAttributes) completeConfig(uri string) {
	key, err := totp.ParseURI(uri)
	if err != nil {
		return // it does not have the documented form
	}
	issued := apiAttributes{listAttributes: listAttributes{
		Metadata:         metadataValue(nil),
		ConfigAlg:        types.StringValue(string(key.Config.Algorithm)),
		ConfigCodeLength: types.Int64Value(int64(key.Config.Digits)),
		ConfigTimeStep:   types.Int64Value(int64(key.Config.Period)),
	}}
	shared.Merge(&issued, a)
	*a = issued
}

// createForm returns the parameters of a create. Unknown and null values are left to Twilio. The
// state keeps the user's spelling of the secret; Twilio gets the normalized one, which it also puts
// into the binding URI.
func (m *resourceModel) createForm(secret types.String) url.Values {
	sent := *m
	sent.BindingSecret = secret
	if shared.IsKnown(secret) {
		sent.BindingSecret = types.StringValue(totp.NormalizeSecret(secret.ValueString()))
	}
	return Declaration.Form(&sent, nil)
}

// updateForm returns the parameters of an update, which is empty if nothing that Twilio stores
// changes. Other parameters can be set only in a create. An update of a push factor always has the
// platform and token, because Twilio's documents disagree on whether the token may be left out.
func (m *resourceModel) updateForm(state *resourceModel) url.Values {
	form := Declaration.Form(m, state)
	maps.DeleteFunc(form, func(name string, _ []string) bool {
		return name != "FriendlyName" && !strings.HasPrefix(name, "Config.") || name == "Config.AppId"
	})
	if m.isType(client.FactorTypePush) && len(form) > 0 {
		all := Declaration.Form(m, nil)
		for _, name := range []string{"Config.NotificationPlatform", "Config.NotificationToken"} {
			if all.Has(name) {
				form[name] = all[name]
			}
		}
	}
	return form
}

// totpConfig returns the configuration of the factor's codes.
func (a *apiAttributes) totpConfig() totp.Config {
	return totp.Config{
		Algorithm: totp.Algorithm(a.ConfigAlg.ValueString()),
		Digits:    int(a.ConfigCodeLength.ValueInt64()),
		Period:    int(a.ConfigTimeStep.ValueInt64()),
	}
}

// updatedURI returns a stored binding URI updated to the current name and config, because Twilio
// does not issue it again. It is unknown if one of them is.
func (m *resourceModel) updatedURI(kept types.String) types.String {
	if !shared.IsKnown(kept) {
		return kept
	}
	if m.FriendlyName.IsUnknown() || m.ConfigAlg.IsUnknown() || m.ConfigCodeLength.IsUnknown() || m.ConfigTimeStep.IsUnknown() {
		return types.StringUnknown()
	}
	uri, err := totp.UpdateURI(kept.ValueString(), m.FriendlyName.ValueString(), m.totpConfig())
	if err != nil {
		return kept // it does not have the documented form
	}
	return types.StringValue(uri)
}
