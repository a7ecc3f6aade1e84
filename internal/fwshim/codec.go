// SPDX-License-Identifier: MPL-2.0

package fwshim

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Codec reads and writes models of type M, a pointer to a struct with tfsdk tags, for resources of one
// schema. All pointers share the compiled code.
type Codec[M any] struct {
	schema func() codecSchema
}

type codecSchema struct {
	objectType tftypes.Type
	fields     []codecField
	index      map[string]int // of the fields, by name
}

// codecField maps an attribute to a field of the model.
type codecField struct {
	name          string
	index         []int
	attributeType attr.Type
	null          attr.Value
}

// NewCodec returns a codec for models of a schema, which is read on first use. The first use panics
// if the fields of M and the attributes of the schema differ.
//
//nolint:contextcheck // types do not depend on the context
func NewCodec[M any](resourceSchema func() schema.Schema) *Codec[M] {
	return &Codec[M]{schema: sync.OnceValue(func() codecSchema {
		s := resourceSchema()
		result := codecSchema{objectType: s.Type().TerraformType(context.Background()), index: map[string]int{}}
		missing := maps.Clone(s.Attributes)
		model := reflect.TypeFor[M]().Elem()
		for _, field := range reflect.VisibleFields(model) {
			name := field.Tag.Get("tfsdk")
			if name == "" {
				continue
			}
			attribute, ok := s.Attributes[name]
			if !ok {
				panic(fmt.Sprintf("%s has a field for %s, which is not in the schema", model, name))
			}
			delete(missing, name)
			result.index[name] = len(result.fields)
			t, ctx := attribute.GetType(), context.Background()
			null, _ := t.ValueFromTerraform(ctx, tftypes.NewValue(t.TerraformType(ctx), nil)) // valid for every type
			result.fields = append(result.fields, codecField{name, field.Index, t, null})
		}
		if len(missing) > 0 {
			panic(fmt.Sprintf("%s has no field for %s", model, slices.Sorted(maps.Keys(missing))))
		}
		return result
	})}
}

// Read returns the model of a plan, a state, or a configuration. An attribute that is not in it, as
// in the configuration of a data source, is null.
func (c *Codec[M]) Read(ctx context.Context, raw tftypes.Value, diags *diag.Diagnostics) M {
	m := reflect.New(reflect.TypeFor[M]().Elem()).Interface().(M) //nolint:forcetypeassert // the type that it was made from
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		diags.AddError("Unexpected data from Terraform", "The data does not have the resource's type: "+err.Error())
		return m
	}
	model := reflect.ValueOf(m).Elem()
	for _, field := range c.schema().fields {
		value, err := field.attributeType.ValueFromTerraform(ctx, values[field.name])
		if err != nil {
			diags.AddAttributeError(path.Root(field.name), "Invalid value", err.Error())
			continue
		}
		model.FieldByIndex(field.index).Set(reflect.ValueOf(value))
	}
	return m
}

// Write writes a model as a plan or a state.
func (c *Codec[M]) Write(ctx context.Context, m M, raw *tftypes.Value, diags *diag.Diagnostics) {
	c.WriteAs(ctx, m, c.schema().objectType, raw, diags)
}

// WriteAs writes the attributes of a model that an object type has, such as that of a data source.
func (c *Codec[M]) WriteAs(ctx context.Context, m M, object tftypes.Type, raw *tftypes.Value, diags *diag.Diagnostics) {
	attributes := object.(tftypes.Object).AttributeTypes //nolint:forcetypeassert // the type of a schema is an object
	values, model := map[string]tftypes.Value{}, reflect.ValueOf(m).Elem()
	for _, field := range c.schema().fields {
		if attributes[field.name] == nil {
			continue
		}
		value, err := model.FieldByIndex(field.index).Interface().(attr.Value).ToTerraformValue(ctx) //nolint:forcetypeassert // every field of a model is an attr.Value
		if err != nil {
			diags.AddAttributeError(path.Root(field.name), "Invalid value", err.Error())
			return
		}
		values[field.name] = value
	}
	*raw = tftypes.NewValue(object, values)
}

// Type returns the type of an attribute, or nil if the model does not have it.
func (c *Codec[M]) Type(name string) attr.Type {
	if field := c.field(name); field != nil {
		return field.attributeType
	}
	return nil
}

// Get returns the value of an attribute, or nil if the model does not have it.
func (c *Codec[M]) Get(m M, name string) attr.Value {
	field := c.field(name)
	if field == nil {
		return nil
	}
	return reflect.ValueOf(m).Elem().FieldByIndex(field.index).Interface().(attr.Value) //nolint:forcetypeassert // every field of a model is an attr.Value
}

// SetNull sets an attribute to null.
func (c *Codec[M]) SetNull(m M, name string) { c.Set(m, name, c.field(name).null) }

// Set sets the value of an attribute, whose type must be that in the schema.
func (c *Codec[M]) Set(m M, name string, value attr.Value) {
	reflect.ValueOf(m).Elem().FieldByIndex(c.field(name).index).Set(reflect.ValueOf(value))
}

func (c *Codec[M]) field(name string) *codecField {
	if i, ok := c.schema().index[name]; ok {
		return &c.schema().fields[i]
	}
	return nil
}

// decode returns the model of a value in a protocol message.
func (c *Codec[M]) decode(ctx context.Context, value *tfprotov6.DynamicValue) (m M, ok bool) {
	if value == nil {
		return m, false
	}
	raw, err := value.Unmarshal(c.schema().objectType)
	if err != nil || raw.IsNull() {
		return m, false
	}
	var diags diag.Diagnostics
	m = c.Read(ctx, raw, &diags)
	return m, !diags.HasError()
}
