// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	shared.Common

	ServiceSID   types.String `tfsdk:"service_sid"`
	EntitySID    types.String `tfsdk:"entity_sid"`
	Identity     types.String `tfsdk:"identity"`
	FriendlyName types.String `tfsdk:"friendly_name"`
	FactorType   types.String `tfsdk:"factor_type"`
	Status       types.String `tfsdk:"status"`
	Metadata     types.Map    `tfsdk:"metadata"`

	ConfigAlg                  types.String `tfsdk:"config_alg"`
	ConfigCodeLength           types.Int64  `tfsdk:"config_code_length"`
	ConfigSkew                 types.Int64  `tfsdk:"config_skew"`
	ConfigTimeStep             types.Int64  `tfsdk:"config_time_step"`
	ConfigAppID                types.String `tfsdk:"config_app_id"`
	ConfigNotificationPlatform types.String `tfsdk:"config_notification_platform"`
	ConfigSDKVersion           types.String `tfsdk:"config_sdk_version"`
}

// dataModel is the model of the data source for one factor.
type dataModel struct {
	apiAttributes
	ConfigJSON types.String `tfsdk:"config_json"`
}

// listModel is the model of the data source for several factors.
type listModel struct {
	listAttributes
	ConfigJSON types.String `tfsdk:"config_json"`
}

// resourceModel is the model of the resource.
type resourceModel struct {
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

func (a *listAttributes) list() *listAttributes { return a }

func codec() *fwshim.Codec[*resourceModel] { return Declaration.Codec() }

func (a *apiAttributes) entity() client.EntityID {
	return client.EntityID{ServiceSID: a.ServiceSID.ValueString(), Identity: a.Identity.ValueString()}
}

func (a *apiAttributes) isType(factorType client.FactorType) bool {
	return a.FactorType.ValueString() == string(factorType)
}

func (a *apiAttributes) isVerified() bool {
	return a.Status.ValueString() == string(client.StatusVerified)
}

// managedTypes are the types that the resource manages. The API may return null.
var managedTypes = []client.FactorType{"", client.FactorTypeTOTP, client.FactorTypePush}

// refreshed completes a factor that has the values of a response. A stored URI follows the name and
// the config.
func refreshed(m *resourceModel, diags *diag.Diagnostics) {
	if m.ConfigNotificationPlatform.ValueString() == platformNone {
		m.ConfigNotificationToken = types.StringNull() // removed together with its platform
	}
	if m.isType(client.FactorTypePush) && m.BindingAlg.IsNull() {
		m.BindingAlg = types.StringValue(bindingAlgES256) // as planTypeDefaults plans it
	}
	m.BindingURI = m.updatedURI(m.BindingURI)
	if !slices.Contains(managedTypes, client.FactorType(m.FactorType.ValueString())) {
		diags.AddError("Factor type not supported",
			fmt.Sprintf("Factor %s is of type %s; this resource manages factors of type totp and push. Do not import it. "+
				"The data source twilio_verify_factor can read it.", m.SID.ValueString(), client.Text(m.FactorType.ValueString())))
	}
}

// completeConfig fills in a config that the API returned as null from the URI that it issued. With
// the defaults instead, codes would be wrong, and so would the URI after a refresh.
func completeConfig(f *client.Factor) {
	key, err := totp.ParseURI(f.Binding.URI)
	if err != nil {
		return // it does not have the documented form
	}
	f.Config.Alg = cmp.Or(f.Config.Alg, string(key.Config.Algorithm))
	f.Config.CodeLength = cmp.Or(f.Config.CodeLength, new(int64(key.Config.Digits)))
	f.Config.TimeStep = cmp.Or(f.Config.TimeStep, new(int64(key.Config.Period)))
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
	if !shared.IsKnown(kept) || m.FriendlyName.IsNull() {
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
