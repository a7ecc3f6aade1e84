// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The framework compiles a regular expression for each struct tag whenever it
// reads or writes a model, an eighth of the provider's processor time. Here
// the tags are read once.

// factorResourceType is the type of the resource in Terraform's own terms.
var factorResourceType = sync.OnceValue(func() tftypes.Type {
	return factorResourceSchema().Type().TerraformType(context.Background())
})

// factorFields are the fields of a factorResourceModel by attribute.
var factorFields = sync.OnceValue(func() map[string][]int {
	fields := map[string][]int{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[factorResourceModel]()) {
		if name := field.Tag.Get("tfsdk"); name != "" {
			fields[name] = field.Index
		}
	}
	return fields
})

// factorFrom reads a model from a plan, a state or a configuration.
func factorFrom(ctx context.Context, raw tftypes.Value, diags *diag.Diagnostics) *factorResourceModel {
	m := &factorResourceModel{}
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		diags.AddError("Cannot read the factor", "Terraform's data is not of the resource's type: "+err.Error())
		return m
	}
	model := reflect.ValueOf(m).Elem()
	for name, index := range factorFields() {
		field := model.FieldByIndex(index)
		value, err := attributeType(ctx, field).ValueFromTerraform(ctx, values[name])
		if err != nil {
			diags.AddError("Cannot read the factor", fmt.Sprintf("%s: %s", name, err))
			return m
		}
		field.Set(reflect.ValueOf(value))
	}
	return m
}

// writeTo writes the model into a plan or a state.
func (m *factorResourceModel) writeTo(ctx context.Context, raw *tftypes.Value, diags *diag.Diagnostics) {
	values := map[string]tftypes.Value{}
	model := reflect.ValueOf(m).Elem()
	for name, index := range factorFields() {
		value, err := model.FieldByIndex(index).Interface().(attr.Value).ToTerraformValue(ctx) //nolint:forcetypeassert // every field is one
		if err != nil {
			diags.AddError("Cannot write the factor", fmt.Sprintf("%s: %s", name, err))
			return
		}
		values[name] = value
	}
	*raw = tftypes.NewValue(raw.Type(), values)
}

// attributeType is the type of a field. A map does not know that of its elements
// before it has a value.
func attributeType(ctx context.Context, field reflect.Value) attr.Type {
	if field.Type() == reflect.TypeFor[types.Map]() {
		return types.MapType{ElemType: types.StringType}
	}
	return field.Interface().(attr.Value).Type(ctx) //nolint:forcetypeassert // every field is one
}
