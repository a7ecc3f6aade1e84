// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const officialType = "twilio_verify_services_entities_factors_v2"

// officialFactor is a factor in the state of Twilio's own, abandoned provider. There, unset numbers
// are null or 0, unset strings null or empty, and metadata is a JSON string.
type officialFactor struct {
	ServiceSID       string          `json:"service_sid"`
	Identity         string          `json:"identity"`
	SID              string          `json:"sid"`
	FactorType       string          `json:"factor_type"`
	FriendlyName     string          `json:"friendly_name"`
	BindingSecret    string          `json:"binding_secret"`
	BindingAlg       string          `json:"binding_alg"`
	BindingPublicKey string          `json:"binding_public_key"`
	Metadata         client.Metadata `json:"metadata"`

	ConfigAlg                  string `json:"config_alg"`
	ConfigCodeLength           *int64 `json:"config_code_length"`
	ConfigSkew                 *int64 `json:"config_skew"`
	ConfigTimeStep             *int64 `json:"config_time_step"`
	ConfigAppID                string `json:"config_app_id"`
	ConfigNotificationPlatform string `json:"config_notification_platform"`
	ConfigNotificationToken    string `json:"config_notification_token"`
	ConfigSDKVersion           string `json:"config_sdk_version"`
}

func (r *factorResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveOfficialFactor}}
}

// moveOfficialFactor moves a factor from the official provider. For any other source it leaves resp
// empty, and Terraform reports an error.
func moveOfficialFactor(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if !shared.IsOfficialProvider(req.SourceProviderAddress) || req.SourceTypeName != officialType {
		return
	}
	shared.Move(ctx, req, resp, "factor", resourceIdentity, func(o *officialFactor) (any, []types.String) {
		m := o.model()
		identity := m.identity()
		return m, identity
	})
}

// model translates the state. Attributes that the official provider does not store are null until
// the refresh that follows the move.
func (o *officialFactor) model() *resourceModel {
	m := &resourceModel{
		BindingSecret:    shared.OptionalString(o.BindingSecret),
		BindingAlg:       shared.OptionalString(o.BindingAlg),
		BindingPublicKey: shared.OptionalString(o.BindingPublicKey),
	}
	m.ServiceSID, m.Identity, m.SID = types.StringValue(o.ServiceSID), types.StringValue(o.Identity), types.StringValue(o.SID)
	m.FactorType, m.FriendlyName = types.StringValue(o.FactorType), shared.OptionalString(o.FriendlyName)
	m.Metadata = metadataValue(o.Metadata)
	m.ConfigAlg, m.ConfigAppID = shared.OptionalString(o.ConfigAlg), shared.OptionalString(o.ConfigAppID)
	m.ConfigNotificationPlatform = shared.OptionalString(o.ConfigNotificationPlatform)
	m.ConfigNotificationToken = shared.OptionalString(o.ConfigNotificationToken)
	m.ConfigSDKVersion = shared.OptionalString(o.ConfigSDKVersion)
	if m.isType(client.FactorTypePush) && m.BindingAlg.IsNull() {
		m.BindingAlg = types.StringValue(bindingAlgES256) // the only algorithm
	}
	if m.isType(client.FactorTypeTOTP) {
		m.ConfigCodeLength, m.ConfigTimeStep = shared.UnlessZero(o.ConfigCodeLength), shared.UnlessZero(o.ConfigTimeStep)
		m.ConfigSkew = types.Int64PointerValue(o.ConfigSkew) // 0 is a valid value
	}
	m.ID = types.StringValue(m.importID())
	return m
}
