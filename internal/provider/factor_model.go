// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// factorAttributes are what the API returns of a single factor, in every kind
// that has one.
type factorAttributes struct {
	listedAttributes
	ConfigNotificationToken types.String `tfsdk:"config_notification_token"`
}

// listedAttributes are those of them that a list has, too. A sensitive one
// cannot be among them: Terraform compares the path of each sensitive value with
// that of each other one, and takes minutes for thousands of factors.
type listedAttributes struct {
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

// factorResourceModel is the resource.
type factorResourceModel struct {
	ID types.String `tfsdk:"id"`
	factorAttributes

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

// factorIdentityModel is what tells one factor from another.
type factorIdentityModel struct {
	ServiceSID types.String `tfsdk:"service_sid"`
	Identity   types.String `tfsdk:"identity"`
	SID        types.String `tfsdk:"sid"`
}

func (a *factorAttributes) entity() client.Entity {
	return client.Entity{ServiceSID: a.ServiceSID.ValueString(), Identity: a.Identity.ValueString()}
}

func (a *factorAttributes) factorID() string {
	return a.identityModel().path()
}

func (a *factorAttributes) identityModel() factorIdentityModel {
	return factorIdentityModel{ServiceSID: a.ServiceSID, Identity: a.Identity, SID: a.SID}
}

func (a *factorAttributes) isType(factorType client.FactorType) bool {
	return a.FactorType.ValueString() == string(factorType)
}

// refresh takes over what the API says. What it leaves out stays as it was, for
// any field may be null; and service_sid and identity stay as the user wrote
// them, for the API returns an identity in a case of its own.
func (a *factorAttributes) refresh(f *client.Factor) {
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
		a.ConfigNotificationToken = types.StringNull() // gone with its platform
	}
	keep(&a.ConfigSDKVersion, f.Config.SDKVersion)
	a.refreshMetadata(f.Metadata)
}

// refreshMetadata keeps an empty map apart from none only if the user does: the
// API may answer null to an empty object.
func (a *factorAttributes) refreshMetadata(metadata client.Metadata) {
	switch {
	case len(metadata) == 0 && a.Metadata.IsNull():
		a.Metadata = types.MapNull(types.StringType) // a new model's null has no type
	case len(metadata) == 0 && !a.Metadata.IsUnknown() && len(a.Metadata.Elements()) == 0:
	default:
		a.Metadata = metadataValue(metadata)
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

// nullUnknown sets what is still unknown after an answer to null, because the
// API had no value for it and Terraform takes no unknown ones.
func (a *factorAttributes) nullUnknown() {
	for _, value := range []*types.String{
		&a.SID, &a.AccountSID, &a.EntitySID, &a.Status, &a.DateCreated, &a.DateUpdated, &a.URL,
		&a.ConfigAlg, &a.ConfigAppID, &a.ConfigNotificationPlatform, &a.ConfigNotificationToken, &a.ConfigSDKVersion,
	} {
		nullIfUnknown(value)
	}
	for _, value := range []*types.Int64{&a.ConfigCodeLength, &a.ConfigSkew, &a.ConfigTimeStep} {
		if value.IsUnknown() {
			*value = types.Int64Null()
		}
	}
	if a.Metadata.IsUnknown() {
		a.Metadata = types.MapNull(types.StringType)
	}
}

func nullIfUnknown(value *types.String) {
	if value.IsUnknown() {
		*value = types.StringNull()
	}
}

// complete makes a plan into a state: what the user gave stays as given, what
// was left to Twilio comes from its answer. A nil factor means no answer.
func (m *factorResourceModel) complete(f *client.Factor) {
	if f != nil {
		var answer factorAttributes
		answer.refresh(f)
		m.fillUnknown(&answer)
		if f.Binding != nil {
			fill(&m.BindingSecret, optional(f.Binding.Secret))
			fill(&m.BindingURI, optional(f.Binding.URI))
		}
	}
	m.nullUnknown()
	nullIfUnknown(&m.BindingSecret)
	nullIfUnknown(&m.BindingURI)
	nullIfUnknown(&m.BindingAlg)
	m.BindingSecretWO = types.StringNull()
	m.AuthPayloadWO = types.StringNull()
	m.ID = types.StringNull()
	if !m.SID.IsNull() {
		m.ID = types.StringValue(m.factorID())
	}
}

func (a *factorAttributes) fillUnknown(from *factorAttributes) {
	for _, p := range []struct{ to, from *types.String }{
		{&a.SID, &from.SID},
		{&a.AccountSID, &from.AccountSID},
		{&a.EntitySID, &from.EntitySID},
		{&a.Status, &from.Status},
		{&a.DateCreated, &from.DateCreated},
		{&a.DateUpdated, &from.DateUpdated},
		{&a.URL, &from.URL},
		{&a.ConfigAlg, &from.ConfigAlg},
	} {
		fill(p.to, *p.from)
	}
	for _, p := range []struct{ to, from *types.Int64 }{
		{&a.ConfigCodeLength, &from.ConfigCodeLength},
		{&a.ConfigSkew, &from.ConfigSkew},
		{&a.ConfigTimeStep, &from.ConfigTimeStep},
	} {
		if p.to.IsUnknown() {
			*p.to = *p.from
		}
	}
	if a.Metadata.IsUnknown() {
		a.Metadata = from.Metadata
	}
}

func fill(to *types.String, from types.String) {
	if to.IsUnknown() {
		*to = from
	}
}

// optional is null for an empty string.
func optional(value string) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(value)
}

// createParams are the parameters of a create: all that is known, since what is
// left to Twilio is unknown or null.
func (m *factorResourceModel) createParams(secret types.String) client.FactorParams {
	params := client.FactorParams{
		FactorType:   client.FactorType(m.FactorType.ValueString()),
		FriendlyName: known(m.FriendlyName),
		Secret:       known(secret),
		BindingAlg:   known(m.BindingAlg),
		PublicKey:    known(m.BindingPublicKey),
		AppID:        known(m.ConfigAppID),
		Config: client.ConfigParams{
			Alg:                  known(m.ConfigAlg),
			CodeLength:           knownInt(m.ConfigCodeLength),
			Skew:                 knownInt(m.ConfigSkew),
			TimeStep:             knownInt(m.ConfigTimeStep),
			NotificationPlatform: known(m.ConfigNotificationPlatform),
			NotificationToken:    known(m.ConfigNotificationToken),
			SDKVersion:           known(m.ConfigSDKVersion),
		},
	}
	if !m.Metadata.IsNull() && !m.Metadata.IsUnknown() {
		metadata := metadataJSON(m.Metadata)
		params.Metadata = &metadata
	}
	return params
}

// updateParams are the parameters of an update, nil if Twilio holds nothing
// that differs. A push update always carries platform and token, because the
// documents disagree on whether the token may be left out.
func (m *factorResourceModel) updateParams(state *factorResourceModel) *client.FactorParams {
	changed := func(plan, state types.String) *string {
		if plan.Equal(state) {
			return nil
		}
		return known(plan)
	}
	changedInt := func(plan, state types.Int64) *int64 {
		if plan.Equal(state) {
			return nil
		}
		return knownInt(plan)
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
		params.Config.NotificationPlatform = known(m.ConfigNotificationPlatform)
		params.Config.NotificationToken = known(m.ConfigNotificationToken)
	}
	return &params
}

func known(value types.String) *string {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	return value.ValueStringPointer()
}

func knownInt(value types.Int64) *int64 {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	return value.ValueInt64Pointer()
}

// metadataJSON is the form in which metadata is sent: an object, its keys in
// order, with no character escaped that need not be.
func metadataJSON(metadata types.Map) string {
	values := make(map[string]string, len(metadata.Elements()))
	for key, value := range metadata.Elements() {
		if text, ok := value.(types.String); ok {
			values[key] = text.ValueString()
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(values); err != nil {
		return "{}" // a map of strings always encodes
	}
	return strings.TrimSpace(b.String())
}

// totpConfig is how the factor's codes are made.
func (a *factorAttributes) totpConfig() totp.Config {
	return totp.Config{
		Algorithm: totp.Algorithm(a.ConfigAlg.ValueString()),
		Digits:    int(a.ConfigCodeLength.ValueInt64()),
		Period:    int(a.ConfigTimeStep.ValueInt64()),
	}
}

// verified takes over what a verification changes, and nothing else: the rest of
// the answer may differ from what was planned.
func (m *factorResourceModel) verified(f *client.Factor) {
	m.Status = types.StringValue(string(f.Status))
	m.DateUpdated = optional(f.DateUpdated)
}

// ownURI is the binding URI as Twilio would have issued it.
func (m *factorResourceModel) ownURI(issuer string) types.String {
	return types.StringValue(totp.URI(issuer, m.FriendlyName.ValueString(), m.BindingSecret.ValueString(), m.totpConfig()))
}

// followURI brings a kept binding URI up to date with the name and the config,
// since Twilio does not issue it again.
func (m *factorResourceModel) followURI(kept types.String) types.String {
	if kept.IsNull() || kept.IsUnknown() {
		return kept
	}
	if m.FriendlyName.IsUnknown() || m.ConfigAlg.IsUnknown() || m.ConfigCodeLength.IsUnknown() || m.ConfigTimeStep.IsUnknown() {
		return types.StringUnknown()
	}
	uri, err := totp.UpdateURI(kept.ValueString(), m.FriendlyName.ValueString(), m.totpConfig())
	if err != nil {
		return kept // not a URI of the documented form: better kept than lost
	}
	return types.StringValue(uri)
}
