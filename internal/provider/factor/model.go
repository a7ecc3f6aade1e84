// SPDX-License-Identifier: MPL-2.0

package factor

import (
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

var codec = fwshim.NewCodec[resourceModel](resourceSchema)

func (a *apiAttributes) entity() client.Entity {
	return client.Entity{ServiceSID: a.ServiceSID.ValueString(), Identity: a.Identity.ValueString()}
}

func (a *apiAttributes) identityModel() identityModel {
	return identityModel{ServiceSID: a.ServiceSID, Identity: a.Identity, SID: a.SID}
}

func (a *apiAttributes) importID() string {
	return a.identityModel().importID()
}

func (a *apiAttributes) isType(factorType client.FactorType) bool {
	return a.FactorType.ValueString() == string(factorType)
}

func (a *apiAttributes) isVerified() bool {
	return a.Status.ValueString() == string(client.StatusVerified)
}

// refresh copies the values that the API returned. A field that is missing or null keeps its value.
// service_sid and identity keep the user's spelling, because the API may return an identity in
// another case.
func (a *apiAttributes) refresh(f *client.Factor) {
	keep := func(value *types.String, got string) {
		if got != "" {
			*value = types.StringValue(got)
		}
	}
	keepInt := func(value *types.Int64, got *int64) {
		if got != nil {
			*value = types.Int64Value(*got)
		}
	}
	keep(&a.SID, f.SID)
	keep(&a.AccountSID, f.AccountSID)
	keep(&a.EntitySID, f.EntitySID)
	keep(&a.FriendlyName, f.FriendlyName)
	keep(&a.FactorType, string(f.FactorType))
	keep(&a.Status, string(f.Status))
	keep(&a.DateCreated, f.DateCreated)
	keep(&a.DateUpdated, f.DateUpdated)
	keep(&a.URL, f.URL)
	keep(&a.ConfigAlg, f.Config.Alg)
	keepInt(&a.ConfigCodeLength, f.Config.CodeLength)
	keepInt(&a.ConfigSkew, f.Config.Skew)
	keepInt(&a.ConfigTimeStep, f.Config.TimeStep)
	keep(&a.ConfigAppID, f.Config.AppID)
	keep(&a.ConfigNotificationPlatform, f.Config.NotificationPlatform)
	keep(&a.ConfigNotificationToken, f.Config.NotificationToken)
	if f.Config.NotificationPlatform == platformNone {
		a.ConfigNotificationToken = types.StringNull() // removed together with its platform
	}
	keep(&a.ConfigSDKVersion, f.Config.SDKVersion)
	a.refreshMetadata(f.Metadata)
}

// refreshMetadata keeps the value if the API returns null. An empty object replaces a value but not
// null, because the API may return either for a factor without metadata.
func (a *apiAttributes) refreshMetadata(metadata client.Metadata) {
	switch {
	case len(metadata) > 0, metadata != nil && len(a.Metadata.Elements()) > 0:
		a.Metadata = metadataValue(metadata)
	case a.Metadata.IsNull():
		a.Metadata = types.MapNull(types.StringType) // null in a new model has no element type
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
	if f != nil {
		response := apiAttributes{listAttributes: listAttributes{Metadata: types.MapNull(types.StringType)}}
		response.refresh(f)
		m.fillUnknown(&response)
		if f.Binding != nil {
			shared.Fill(&m.BindingSecret, shared.OptionalString(f.Binding.Secret))
			shared.Fill(&m.BindingURI, shared.OptionalString(f.Binding.URI))
		}
	}
	if prior != nil {
		m.fillUnknown(&prior.apiAttributes)
	}
	m.nullUnknown()
	m.BindingSecretWO = types.StringNull()
	m.AuthPayloadWO = types.StringNull()
	m.ID = types.StringNull()
	if !m.SID.IsNull() {
		m.ID = types.StringValue(m.importID())
	}
}

// computedStrings and computedInts return the attributes that a plan may leave to Twilio.
func (a *apiAttributes) computedStrings() []*types.String {
	return []*types.String{
		&a.SID, &a.AccountSID, &a.EntitySID, &a.Status, &a.DateCreated, &a.DateUpdated, &a.URL,
		&a.ConfigAlg, &a.ConfigNotificationToken,
	}
}

func (a *apiAttributes) computedInts() []*types.Int64 {
	return []*types.Int64{&a.ConfigCodeLength, &a.ConfigSkew, &a.ConfigTimeStep}
}

// fillUnknown sets each unknown attribute to the value in from, if there is one.
func (a *apiAttributes) fillUnknown(from *apiAttributes) {
	values := from.computedStrings()
	for i, to := range a.computedStrings() {
		shared.Fill(to, *values[i])
	}
	numbers := from.computedInts()
	for i, to := range a.computedInts() {
		shared.Fill(to, *numbers[i])
	}
	shared.Fill(&a.Metadata, from.Metadata)
}

// nullUnknown sets attributes that are still unknown to null, because a state cannot contain
// unknown values.
func (m *resourceModel) nullUnknown() {
	for _, value := range append(m.computedStrings(), &m.BindingSecret, &m.BindingURI, &m.BindingAlg) {
		if value.IsUnknown() {
			*value = types.StringNull()
		}
	}
	for _, value := range m.computedInts() {
		if value.IsUnknown() {
			*value = types.Int64Null()
		}
	}
	if m.Metadata.IsUnknown() {
		m.Metadata = types.MapNull(types.StringType)
	}
}

// createParams returns the parameters of a create. Unknown and null values are left to Twilio.
func (m *resourceModel) createParams(secret types.String) client.FactorParams {
	params := client.FactorParams{
		FactorType:   client.FactorType(m.FactorType.ValueString()),
		FriendlyName: shared.KnownString(m.FriendlyName),
		Secret:       shared.KnownString(secret),
		BindingAlg:   shared.KnownString(m.BindingAlg),
		PublicKey:    shared.KnownString(m.BindingPublicKey),
		AppID:        shared.KnownString(m.ConfigAppID),
		Config: client.ConfigParams{
			Alg:                  shared.KnownString(m.ConfigAlg),
			CodeLength:           shared.KnownInt64(m.ConfigCodeLength),
			Skew:                 shared.KnownInt64(m.ConfigSkew),
			TimeStep:             shared.KnownInt64(m.ConfigTimeStep),
			NotificationPlatform: shared.KnownString(m.ConfigNotificationPlatform),
			NotificationToken:    shared.KnownString(m.ConfigNotificationToken),
			SDKVersion:           shared.KnownString(m.ConfigSDKVersion),
		},
	}
	if shared.Set(m.Metadata) {
		metadata := shared.StringMapJSON(m.Metadata)
		params.Metadata = &metadata
	}
	return params
}

// updateParams returns the parameters of an update, or nil if nothing that Twilio stores changes.
// An update of a push factor always has the platform and token, because Twilio's documents disagree
// on whether the token may be left out.
func (m *resourceModel) updateParams(state *resourceModel) *client.FactorParams {
	changed := func(plan, state types.String) *string {
		if plan.Equal(state) {
			return nil
		}
		return shared.KnownString(plan)
	}
	changedInt := func(plan, state types.Int64) *int64 {
		if plan.Equal(state) {
			return nil
		}
		return shared.KnownInt64(plan)
	}
	params := client.FactorParams{
		FriendlyName: changed(m.FriendlyName, state.FriendlyName),
		Config: client.ConfigParams{
			Alg:                  changed(m.ConfigAlg, state.ConfigAlg),
			CodeLength:           changedInt(m.ConfigCodeLength, state.ConfigCodeLength),
			Skew:                 changedInt(m.ConfigSkew, state.ConfigSkew),
			TimeStep:             changedInt(m.ConfigTimeStep, state.ConfigTimeStep),
			NotificationPlatform: changed(m.ConfigNotificationPlatform, state.ConfigNotificationPlatform),
			NotificationToken:    changed(m.ConfigNotificationToken, state.ConfigNotificationToken),
			SDKVersion:           changed(m.ConfigSDKVersion, state.ConfigSDKVersion),
		},
	}
	if params == (client.FactorParams{}) {
		return nil
	}
	if m.isType(client.FactorTypePush) {
		params.Config.NotificationPlatform = shared.KnownString(m.ConfigNotificationPlatform)
		params.Config.NotificationToken = shared.KnownString(m.ConfigNotificationToken)
	}
	return &params
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
	if !shared.Set(kept) {
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
