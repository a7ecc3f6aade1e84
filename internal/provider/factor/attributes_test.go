// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
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
			outcome.Expect(t, report(t, diag.Diagnostics{testData().ErrorDiagnostic(err, newSubject("create", m, m))}), "Error "+name+": …")
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
	const refused = `Error %[1]s: Attribute of another factor type: %[1]s is for factors of type %[2]s, but this factor is of type %[3]s. ` +
		`Remove it, or set factor_type to %[2]q.`
	types := map[string]string{"TOTP": "totp", "Push": "push"}
	others := map[string]attributes{"totp": pushConfig, "push": totpConfig}
	typed := 0
	for name, attribute := range Declaration.Schema().Attributes {
		prefix, _, _ := strings.Cut(attribute.GetMarkdownDescription(), ": ")
		other := others[types[prefix]]
		if other == nil {
			continue
		}
		typed++
		if attribute.IsOptional() {
			given := attributes{name: known(name)}
			if attribute.IsWriteOnly() {
				given[name+"_version"] = unknown
			}
			outcome.Expect(t, validated(t, other.with(given)), fmt.Sprintf(refused, name, types[prefix], other["factor_type"]))
			outcome.Expect(t, validated(t, other.with(attributes{name: unknown})), "")
		}
		if attribute.IsComputed() {
			plan := other.with(attributes{name: unknown}).model()
			change{plan: plan, config: &resourceModel{}}.planTypeDefaults()
			if got := codec().Get(plan, name); !got.IsNull() {
				t.Errorf("a factor of type %s plans %s of %s", other["factor_type"], got, name)
			}
		}
	}
	if typed < 14 {
		t.Errorf("%d attributes belong to a type, want at least 14", typed)
	}
}
