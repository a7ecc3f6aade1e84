// SPDX-License-Identifier: MPL-2.0

// Package credential declares push credentials, with which Twilio notifies devices.
package credential

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// The types of push credentials.
const (
	typeAPN = "apn"
	typeFCM = "fcm"
)

type model struct {
	shared.Common

	FriendlyName         types.String `tfsdk:"friendly_name"`
	Type                 types.String `tfsdk:"type"`
	Sandbox              types.Bool   `tfsdk:"sandbox"`
	Certificate          types.String `tfsdk:"certificate"`
	PrivateKeyWO         types.String `tfsdk:"private_key_wo"`
	SecretWO             types.String `tfsdk:"secret_wo"`
	CredentialsWOVersion types.Int64  `tfsdk:"credentials_wo_version"`
}

// Declaration declares push credentials.
var Declaration = &shared.Declaration[*model, *client.PushCredential]{
	TypeName: "twilio_push_credential",
	Kind:     client.PushCredentials,
	Plural:   "push credentials",
	Label:    "friendly_name",
	Description: "Manages a push credential, with which Twilio sends the notifications of push factors to devices. " +
		"Set its SID as `push_apn_credential_sid` or `push_fcm_credential_sid` of a `twilio_verify_service`.\n\n" +
		"Push credentials belong to Twilio's Conversations API, to which the provider sends these requests. " +
		"Twilio does not check the secrets when it stores them. " +
		"Removing `friendly_name` or `sandbox` from the configuration keeps the last value.",
	Attributes: attributes,
	Descriptions: map[string]string{
		"account_sid":   "SID of the account that owns the push credential: `AC` followed by 32 hexadecimal digits.",
		"friendly_name": "Name of the push credential: up to 64 characters.",
		"type":          "Kind of notifications: `apn` for iOS devices, `fcm` for Android devices.",
		"sandbox":       "For `apn`: whether to use Apple's sandbox, for apps that were not installed from the App Store.",
	},
	Deleted: func(*model) string {
		return "Services that use it send no notifications. The next apply creates a new push credential with another SID."
	},
	WriteOnly: map[string]string{"private_key_wo": "PrivateKey", "secret_wo": "Secret"},
	Version:   "credentials_wo_version",
	Plan:      plan,
	Sources: []shared.Source{
		{Provider: shared.IsOfficialProvider, TypeName: "twilio_conversations_credentials_v1"},
		{Provider: shared.IsRJPearson94Provider, TypeName: "twilio_conversations_push_credential_apn"},
		{Provider: shared.IsRJPearson94Provider, TypeName: "twilio_conversations_push_credential_fcm"},
	},
}

// NewResource returns the resource twilio_push_credential.
func NewResource() resource.Resource { return &credentialResource{Declaration.NewManagedResource()} }

// credentialResource checks that a credential has what its type needs.
type credentialResource struct {
	*shared.ManagedResource[*model, *client.PushCredential]
}

// ValidateConfig implements [resource.ResourceWithValidateConfig].
func (r *credentialResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var invalid diag.Diagnostics // the framework also reports these errors
	config := r.Codec().Read(ctx, req.Config.Raw, &invalid)
	if !invalid.HasError() {
		config.refuseOtherType(&resp.Diagnostics)
	}
}

var attributes = map[string]schema.Attribute{
	"friendly_name": schema.StringAttribute{
		Optional: true, Computed: true,
		Validators: []validator.String{shared.Name(64)},
	},
	"type":    shared.Fixed("push credential", shared.OneOf(typeAPN, typeFCM)),
	"sandbox": schema.BoolAttribute{Optional: true, Computed: true},
	"certificate": shared.Optional("For `apn`: the certificate from Apple, in PEM format. Required to create the credential. "+
		"Twilio never returns it.", certificateValidator()),
	"private_key_wo": shared.Secret("For `apn`: the private key of the certificate, in PEM format. Write-only: "+
		"it is not stored in the state or the plan. "+
		"Required, with `credentials_wo_version`, to create the credential.",
		privateKeyValidator(), stringvalidator.AlsoRequires(path.MatchRoot("credentials_wo_version"))),
	"secret_wo": shared.Secret("For `fcm`: the JSON of a Google service account that may send messages. Write-only: "+
		"it is not stored in the state or the plan. "+
		"Required, with `credentials_wo_version`, to create the credential.",
		serviceAccountValidator(), stringvalidator.AlsoRequires(path.MatchRoot("credentials_wo_version"))),
	"credentials_wo_version": shared.Number("Increment to send a new `private_key_wo` with its `certificate`, or a new `secret_wo`. "+
		"The push credential keeps its SID. The first apply after an import sends them again.", int64validator.AtLeast(0)),
}
