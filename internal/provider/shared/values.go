// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// OptionalString returns null for an empty string.
func OptionalString(value string) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(value)
}

// Strings returns the elements of a list or set of strings.
func Strings(elements []attr.Value) (texts []string) {
	for _, element := range elements {
		if text, ok := element.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	return texts
}

// Attribute is an attribute of a model.
type Attribute struct {
	Name  string
	field reflect.Value
}

// Attributes returns the attributes of a model, given as a pointer, always in the same order. All
// fields of a model, including those of a struct that it embeds, are framework values.
func Attributes(model any) (attributes []Attribute) {
	value := reflect.ValueOf(model).Elem()
	for _, field := range reflect.VisibleFields(value.Type()) {
		if !field.Anonymous {
			attributes = append(attributes, Attribute{field.Tag.Get("tfsdk"), value.FieldByIndex(field.Index)})
		}
	}
	return attributes
}

// Value returns the value of the attribute.
func (a Attribute) Value() attr.Value {
	return a.field.Interface().(attr.Value) //nolint:forcetypeassert // every field of a model is one
}

// CopyFrom takes the value of the same attribute of another model.
func (a Attribute) CopyFrom(other Attribute) { a.field.Set(other.field) }

// Merge copies the attributes that are not null.
func Merge[M any](to, from M) {
	values := Attributes(from)
	for i, attribute := range Attributes(to) {
		if !values[i].Value().IsNull() {
			attribute.CopyFrom(values[i])
		}
	}
}

// ReplaceUnknown replaces unknown attributes, which a state cannot contain.
func ReplaceUnknown[M any](to, from M) {
	values := Attributes(from)
	for i, attribute := range Attributes(to) {
		if attribute.Value().IsUnknown() {
			attribute.CopyFrom(values[i])
		}
	}
}

// CountText returns a number of objects as text, such as "2 factors". The plural of the noun must
// end in s.
func CountText(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}
