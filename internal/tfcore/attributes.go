// SPDX-License-Identifier: MPL-2.0

package tfcore

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Attributes are a configuration as Go values. Missing attributes are null.
type Attributes map[string]any

// Unknown is a value that is known only at apply.
type Unknown struct{}

// Reference is a reference to an attribute of another instance.
type Reference struct {
	Instance  int // index in Core.Instances
	Attribute string
}

func (r Reference) String() string { return fmt.Sprintf("%s of %d", r.Attribute, r.Instance) }

// Parents returns the indexes of the instances that the configuration refers to.
func (a Attributes) Parents() []int {
	var parents []int
	for _, v := range a {
		if r, ok := v.(Reference); ok {
			parents = append(parents, r.Instance)
		}
	}
	slices.Sort(parents)
	return slices.Compact(parents)
}

// Value returns the configuration as an object of a schema's type.
func (a Attributes) Value(object tftypes.Object) tftypes.Value {
	values := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, t := range object.AttributeTypes {
		values[name] = valueOf(t, a[name])
	}
	return tftypes.NewValue(object, values)
}

func valueOf(t tftypes.Type, v any) tftypes.Value {
	switch v := v.(type) {
	case Unknown:
		return tftypes.NewValue(t, tftypes.UnknownValue)
	case tftypes.Value:
		return v
	case int:
		return tftypes.NewValue(t, big.NewFloat(float64(v)))
	case []string:
		elements := []tftypes.Value{}
		for _, element := range v {
			elements = append(elements, tftypes.NewValue(tftypes.String, element))
		}
		return tftypes.NewValue(t, elements)
	case map[string]string:
		elements := map[string]tftypes.Value{}
		for key, element := range v {
			elements[key] = tftypes.NewValue(tftypes.String, element)
		}
		return tftypes.NewValue(t, elements)
	case map[string]any:
		elements := map[string]tftypes.Value{}
		for key, element := range v {
			elements[key] = tftypes.NewValue(tftypes.String, element)
		}
		return tftypes.NewValue(t, elements)
	default:
		return tftypes.NewValue(t, v)
	}
}

// Members returns a copy of the attributes of an object, or nil if it is null.
func Members(object tftypes.Value) map[string]tftypes.Value {
	var members map[string]tftypes.Value
	if !object.IsNull() {
		must(object.As(&members))
	}
	return maps.Clone(members) // As returns the value's own map
}

// Dynamic returns the value as the protocol transports it.
func Dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	d, err := tfprotov6.NewDynamicValue(value.Type(), value)
	must(err)
	return &d
}

// Object is an object in the state.
type Object struct {
	Value    tftypes.Value
	Private  []byte
	Identity *tfprotov6.ResourceIdentityData
	Tainted  bool
	Parents  []int // indexes of the instances that it depends on
}

// Text returns an attribute of the object, or "" if it is null, unknown, or not a string.
func (o *Object) Text(name string) string {
	var s string
	if v, ok := o.member(name); ok && v.Type().Is(tftypes.String) {
		must(v.As(&s))
	}
	return s
}

// Flag returns an attribute of the object, or false if it is null.
func (o *Object) Flag(name string) bool {
	var b bool
	if v, ok := o.member(name); ok {
		must(v.As(&b))
	}
	return b
}

// member returns an attribute of the object, and reports whether it has a value.
func (o *Object) member(name string) (tftypes.Value, bool) {
	if o == nil {
		return tftypes.Value{}, false
	}
	v, ok := Members(o.Value)[name]
	return v, ok && v.IsKnown() && !v.IsNull()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
