// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

type gadgetModel struct {
	Common

	FriendlyName types.String `tfsdk:"friendly_name"`
}

// declare declares gadgets, which are services with a name only.
func declare() *Declaration[*gadgetModel, *client.Service] {
	return &Declaration[*gadgetModel, *client.Service]{Kind: client.Services, Attributes: map[string]schema.Attribute{
		"friendly_name": schema.StringAttribute{Required: true},
	}}
}

// TestDeclaration_Schema checks the attributes that follow from the model and the kind.
func TestDeclaration_Schema(t *testing.T) {
	t.Parallel()
	attributes := declare().Schema().Attributes
	if len(attributes) != 7 {
		t.Errorf("got %d attributes, want those of the model", len(attributes))
	}
	for name, keeps := range map[string]bool{
		"id": true, "sid": true, "account_sid": true, "date_created": true, "date_updated": false, "url": true,
	} {
		attribute, ok := attributes[name].(schema.StringAttribute)
		if !ok || attribute.Optional || attribute.Required || len(attribute.PlanModifiers) > 0 != keeps {
			t.Errorf("%s is %+v, want one that keeps its value: %t", name, attributes[name], keeps)
		}
	}
	if got, want := attributes["id"].GetMarkdownDescription(), "The SID of the service, which is also its import ID."; got != want {
		t.Errorf("id: %s", got)
	}
}

// TestParameterAttributes_Groups maps the parameters of fields, also without their group unless the
// rest is a common word.
func TestParameterAttributes_Groups(t *testing.T) {
	t.Parallel()
	fields := []client.Field{
		{Attribute: "totp_code_length", Parameter: "Totp.CodeLength"},
		{Attribute: "totp_skew", Parameter: "Totp.Skew"},
		{Attribute: "config_app_id", Parameter: "Config.AppId"},
		{Attribute: "config_issuer", Parameter: "Config.Issuer"},
		{Attribute: "sid"},
	}
	want := []ParameterAttribute{
		{"totpcodelength", "totp_code_length"},
		{"configissuer", "config_issuer"},
		{"configappid", "config_app_id"},
		{"codelength", "totp_code_length"},
		{"totpskew", "totp_skew"},
		{"issuer", "config_issuer"},
		{"skew", "own"},
	}
	if diff := cmp.Diff(want, parameterAttributes(fields, []ParameterAttribute{{"skew", "own"}})); diff != "" {
		t.Error(diff)
	}
}
