// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

const (
	officialProvider = "/twilio/twilio" // on any registry
	// officialShort is all that OpenTofu says of the provider, before 1.11.12 and from 1.12.0 to 1.12.3.
	officialShort = "twilio"
	officialType  = "twilio_verify_services_entities_factors_v2"
)

// officialFactor is a factor in the state of Twilio's own, abandoned provider.
// Numbers that were never set are null or 0 there, strings null or empty, and
// metadata is a JSON string.
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

// moveOfficialFactor takes a factor over from the official provider. It leaves
// the response alone for any other source, which Terraform then reports.
func moveOfficialFactor(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	official := req.SourceProviderAddress == officialShort || strings.HasSuffix(req.SourceProviderAddress, officialProvider)
	if !official || req.SourceTypeName != officialType || req.SourceRawState == nil {
		return
	}
	var factor officialFactor
	err := json.Unmarshal(req.SourceRawState.JSON, &factor)
	m := factor.model()
	if err != nil || m.identityModel().problem() != "" {
		// The parser's own message may quote the state, and so the secret.
		resp.Diagnostics.AddError("Cannot move the factor",
			"The state of "+officialType+" is not as the official provider writes it. Remove the factor from the state with terraform state rm, and import it.")
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, m.identityModel())...)
}

// model translates the state. What the official provider did not keep is null,
// until the refresh that follows a move.
func (o *officialFactor) model() *resourceModel {
	m := &resourceModel{
		BindingSecret:    optional(o.BindingSecret),
		BindingAlg:       optional(o.BindingAlg),
		BindingPublicKey: optional(o.BindingPublicKey),
	}
	m.ServiceSID, m.Identity, m.SID = types.StringValue(o.ServiceSID), types.StringValue(o.Identity), types.StringValue(o.SID)
	m.FactorType, m.FriendlyName = types.StringValue(o.FactorType), optional(o.FriendlyName)
	m.Metadata = metadataValue(o.Metadata)
	m.ConfigAlg, m.ConfigAppID = optional(o.ConfigAlg), optional(o.ConfigAppID)
	m.ConfigNotificationPlatform = optional(o.ConfigNotificationPlatform)
	m.ConfigNotificationToken = optional(o.ConfigNotificationToken)
	m.ConfigSDKVersion = optional(o.ConfigSDKVersion)
	if m.isType(client.FactorTypePush) && m.BindingAlg.IsNull() {
		m.BindingAlg = types.StringValue(bindingAlgES256) // there is no other
	}
	if m.isType(client.FactorTypeTOTP) {
		m.ConfigCodeLength, m.ConfigTimeStep = unlessZero(o.ConfigCodeLength), unlessZero(o.ConfigTimeStep)
		m.ConfigSkew = types.Int64PointerValue(o.ConfigSkew) // 0 is a value of its own
	}
	m.ID = types.StringValue(m.importID())
	return m
}

func unlessZero(value *int64) types.Int64 {
	if value == nil || *value == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(*value)
}
