// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The framework compiles a regular expression for each struct tag whenever it
// reads or writes a model, an eighth of the provider's processor time. Here
// the tags are read once.

// factorResourceType is the type of the resource in Terraform's own terms.
var factorResourceType = sync.OnceValue(func() tftypes.Type {
	return factorResourceSchema().Type().TerraformType(context.Background())
})

// factorField is an attribute and the field of a factorResourceModel that holds it.
type factorField struct {
	name          string
	index         []int
	attributeType attr.Type
}

var factorFields = sync.OnceValue(func() []factorField {
	attributes := factorResourceSchema().Attributes
	var fields []factorField
	for _, field := range reflect.VisibleFields(reflect.TypeFor[factorResourceModel]()) {
		if name := field.Tag.Get("tfsdk"); name != "" {
			fields = append(fields, factorField{name, field.Index, attributes[name].GetType()})
		}
	}
	return fields
})

// factorFrom reads a model from a plan, a state or a configuration.
func factorFrom(ctx context.Context, raw tftypes.Value, diags *diag.Diagnostics) *factorResourceModel {
	m := &factorResourceModel{}
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		diags.AddError("Unusable factor", "Terraform's data is not of the resource's type: "+err.Error())
		return m
	}
	model := reflect.ValueOf(m).Elem()
	for _, field := range factorFields() {
		value, err := field.attributeType.ValueFromTerraform(ctx, values[field.name])
		if err != nil {
			diags.AddAttributeError(path.Root(field.name), "Unusable value", err.Error())
			continue
		}
		model.FieldByIndex(field.index).Set(reflect.ValueOf(value))
	}
	return m
}

// writeTo writes the model into a plan or a state.
func (m *factorResourceModel) writeTo(ctx context.Context, raw *tftypes.Value, diags *diag.Diagnostics) {
	values := map[string]tftypes.Value{}
	model := reflect.ValueOf(m).Elem()
	for _, field := range factorFields() {
		value, err := model.FieldByIndex(field.index).Interface().(attr.Value).ToTerraformValue(ctx) //nolint:forcetypeassert // every field is one
		if err != nil {
			diags.AddAttributeError(path.Root(field.name), "Unusable value", err.Error())
			return
		}
		values[field.name] = value
	}
	*raw = tftypes.NewValue(raw.Type(), values)
}
