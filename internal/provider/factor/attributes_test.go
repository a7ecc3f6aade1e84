// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

// with returns an empty model with one attribute set to a value.
func with(t *testing.T, name string, value func(tftypes.Type) tftypes.Value) *resourceModel {
	t.Helper()
	m := &resourceModel{}
	model := reflect.ValueOf(m).Elem()
	for _, field := range reflect.VisibleFields(model.Type()) {
		if field.Tag.Get("tfsdk") != name {
			continue
		}
		attributeType := Declaration.Schema().Attributes[name].GetType()
		converted, err := attributeType.ValueFromTerraform(t.Context(), value(attributeType.TerraformType(t.Context())))
		if err != nil {
			t.Fatal(err)
		}
		model.FieldByIndex(field.Index).Set(reflect.ValueOf(converted))
	}
	return m
}

func unknownValue(attributeType tftypes.Type) tftypes.Value {
	return tftypes.NewValue(attributeType, tftypes.UnknownValue)
}

func knownValue(attributeType tftypes.Type) tftypes.Value {
	switch {
	case attributeType.Is(tftypes.String):
		return tftypes.NewValue(attributeType, "7")
	case attributeType.Is(tftypes.Number):
		return tftypes.NewValue(attributeType, 7)
	case attributeType.Is(tftypes.Bool):
		return tftypes.NewValue(attributeType, true)
	default:
		return tftypes.NewValue(attributeType, map[string]tftypes.Value{"7": tftypes.NewValue(tftypes.String, "7")})
	}
}

// TestFactor_AttributesAreSentAndRead checks that creates and updates send each attribute that can
// be set, and that each attribute that the API returns is read.
func TestFactor_AttributesAreSentAndRead(t *testing.T) {
	t.Parallel()
	for name, attribute := range Declaration.Schema().Attributes {
		if !attribute.IsRequired() && !attribute.IsOptional() {
			continue
		}
		m := with(t, name, knownValue)
		if sent := len(m.createForm(m.BindingSecret)) > 0; sent == slices.Contains(notSent, name) {
			t.Errorf("a create sends %s: %t", name, sent)
		}
		if sent := len(m.updateForm(&resourceModel{})) > 0; sent == slices.Contains(notUpdated, name) {
			t.Errorf("an update sends %s: %t", name, sent)
		}
		if calls := (change{plan: with(t, name, unknownValue), state: &resourceModel{}}).callsTwilio(); calls == slices.Contains(notUpdated,
			name) {
			t.Errorf("a plan in which %s is unknown expects an update: %t", name, calls)
		}
	}
	read := refresh(t, apiAttributes{}, decodeFactor(t, strings.Replace(totpResponse, `"config": {`,
		`"config": {"app_id": "7", "notification_platform": "fcm", "notification_token": "7", "sdk_version": "7", `, 1)))
	model := reflect.ValueOf(read)
	for _, field := range reflect.VisibleFields(reflect.TypeFor[apiAttributes]()) {
		if name := field.Tag.Get("tfsdk"); name != "" && Declaration.Descriptions[name] == "" {
			t.Errorf("descriptions has no %s, so the data sources do not have it either", name)
		}
	}
	for _, field := range reflect.VisibleFields(model.Type()) {
		name := field.Tag.Get("tfsdk")
		if descriptions[name] != "" && model.FieldByIndex(field.Index).MethodByName("IsNull").Call(nil)[0].Bool() {
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
		factorType := text(string(other))
		if attribute.IsOptional() {
			m := with(t, name, knownValue)
			m.FactorType = factorType
			if !slices.ContainsFunc(m.validate(), func(d diag.Diagnostic) bool {
				return attributeOf(d) == name && d.Summary() == "Attribute of another factor type"
			}) {
				t.Errorf("a factor of type %s does not refuse %s", other, name)
			}
		}
		if attribute.IsComputed() {
			unknown, null := with(t, name, unknownValue), &resourceModel{}
			for _, plan := range []*resourceModel{unknown, null} {
				plan.FactorType = factorType
				change{plan: plan, config: &resourceModel{}}.planTypeDefaults()
			}
			if !reflect.DeepEqual(unknown, null) {
				t.Errorf("a factor of type %s plans a value of %s", other, name)
			}
		}
	}
}

// TestFactor_ParametersHaveAttributes sends every parameter, and has Twilio refuse each.
func TestFactor_ParametersHaveAttributes(t *testing.T) {
	t.Parallel()
	var parameters []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ParseForm() == nil {
			for name := range r.PostForm {
				parameters = append(parameters, name)
			}
		}
	}))
	t.Cleanup(server.Close)
	api, err := client.New(client.Config{BaseURL: server.URL, RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	var m resourceModel
	model := reflect.ValueOf(&m).Elem()
	for _, field := range reflect.VisibleFields(model.Type()) {
		if name := field.Tag.Get("tfsdk"); name != "" {
			model.FieldByIndex(field.Index).Set(reflect.ValueOf(with(t, name, knownValue)).Elem().FieldByIndex(field.Index))
		}
	}
	_, _ = client.Factors.Update(t.Context(), api, m.createForm(m.BindingSecret), modelServiceSID, "robot-account-0001", modelSID)
	if len(parameters) < 14 {
		t.Fatalf("only %q were sent", parameters)
	}
	m.FactorType, m.BindingSecretWOVersion = text("totp"), types.Int64Null()
	for _, name := range parameters {
		if attributeAtFault(newSubject("update", &m, &m), &client.Error{Status: 400, Message: "Invalid parameter: " + name}) == "" {
			t.Errorf("no attribute for Twilio's message about %s", name)
		}
	}
}
