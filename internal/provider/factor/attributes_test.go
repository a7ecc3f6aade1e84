// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// notUpdated are the attributes whose change does not update the factor, because it replaces the
// factor or because Twilio does not store the value.
var notUpdated = []string{
	"service_sid", "identity", "factor_type", "metadata", "config_app_id",
	"binding_secret", "binding_secret_wo", "binding_secret_wo_version", "binding_alg", "binding_public_key",
	"auto_verify", "auth_payload_wo", "auth_payload_wo_version",
}

// notSent are the attributes that are not parameters of a create: they are part of the path, or of
// another request.
var notSent = []string{
	"service_sid", "identity", "binding_secret_wo", "binding_secret_wo_version", "auto_verify", "auth_payload_wo", "auth_payload_wo_version",
}

// known returns a value of an attribute's type.
func known(name string) any {
	switch Declaration.Schema().Attributes[name].GetType() {
	case types.StringType:
		return "7"
	case types.Int64Type:
		return 7
	case types.BoolType:
		return true
	default:
		return map[string]string{"7": "7"}
	}
}

// TestFactor_AttributesAreSentAndRead checks that creates and updates send each attribute that can
// be set, that an error about its parameter is on it, and that each attribute that the API returns is
// read.
func TestFactor_AttributesAreSentAndRead(t *testing.T) {
	t.Parallel()
	for name, attribute := range Declaration.Schema().Attributes {
		if !attribute.IsRequired() && !attribute.IsOptional() {
			continue
		}
		m := attributes{name: known(name)}.model()
		form := m.createForm(m.BindingSecret)
		if slices.Contains(notSent, name) == (len(form) > 0) {
			t.Errorf("a create sends %s as %v", name, form)
		}
		for parameter := range form {
			err := &client.Error{Status: 400, Message: "Invalid parameter: " + parameter}
			if got := attributeOf(testData().ErrorDiagnostic(err, newSubject("create", m, m))); got != name {
				t.Errorf("Twilio's message about %s is on attribute %q, want %s", parameter, got, name)
			}
		}
		updated := !slices.Contains(notUpdated, name)
		if sent := len(m.updateForm(&resourceModel{})) > 0; sent != updated {
			t.Errorf("an update sends %s: %t", name, sent)
		}
		if calls := (change{plan: attributes{name: unknown}.model(), state: &resourceModel{}}).callsTwilio(); calls != updated {
			t.Errorf("a plan in which %s is unknown expects an update: %t", name, calls)
		}
	}
	read := refresh(t, nil, strings.Replace(totpResponse, `"config": {`,
		`"config": {"app_id": "7", "notification_platform": "fcm", "notification_token": "7", "sdk_version": "7", `, 1))
	for name := range descriptions {
		if codec().Get(read, name).IsNull() {
			t.Errorf("%s is not read from the response; if the response in this test lacks it, add it", name)
		}
	}
}

// TestFactor_TypedAttributes checks the attributes whose description begins with a type: a factor
// of the other type refuses them, and plans null for those that are computed.
func TestFactor_TypedAttributes(t *testing.T) {
	t.Parallel()
	otherTypes := map[string]client.FactorType{"TOTP": client.FactorTypePush, "Push": client.FactorTypeTOTP}
	for name, attribute := range Declaration.Schema().Attributes {
		prefix, _, _ := strings.Cut(attribute.GetMarkdownDescription(), ": ")
		other, typed := otherTypes[prefix]
		if !typed {
			continue
		}
		factor := attributes{"factor_type": string(other)}
		if attribute.IsOptional() {
			refused := report(t, factor.with(attributes{name: known(name)}).model().validate())
			if want := "Error " + name + ": Attribute of another factor type: "; !strings.Contains(refused, want) {
				t.Errorf("a factor of type %s does not refuse %s: %s", other, name, refused)
			}
		}
		if attribute.IsComputed() {
			plan := factor.with(attributes{name: unknown}).model()
			change{plan: plan, config: &resourceModel{}}.planTypeDefaults()
			if got := codec().Get(plan, name); !got.IsNull() {
				t.Errorf("a factor of type %s plans %s of %s", other, got, name)
			}
		}
	}
}
