// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// Refresh copies the values that the API returned. An attribute that Twilio did not reveal keeps its
// value, and so does one whose value means the same, such as an identity in another case.
func (d *Declaration[M, T]) Refresh(ctx context.Context, m M, object T, diags *diag.Diagnostics) {
	d.init().assign(ctx, m, d.Kind.Values(object), diags)
}

// assign sets the attributes of a model to values as in [client.Kind.Values], and the ID.
func (d *Declaration[M, T]) assign(ctx context.Context, m M, values map[string]any, diags *diag.Diagnostics) {
	replaced := d.replaced(m)
	for name, value := range values {
		attributeType := d.codec.Type(name)
		if attributeType == nil || d.isIdentity(name) && d.text(m, name).ValueString() != "" {
			continue
		}
		if replaced[name] {
			value = nil
		}
		next, err := newValue(ctx, attributeType, value)
		if err != nil {
			diags.AddError("Unexpected response from Twilio", "The attribute "+name+" has the wrong type: "+err.Error())
			continue
		}
		if current := d.codec.Get(m, name); !d.same(name, current, next) && (!strings.HasSuffix(name, "sid") || !sameSID(current, next)) {
			d.codec.Set(m, name, next)
		}
	}
	d.setID(m)
	if d.Refreshed != nil {
		d.Refreshed(m, diags)
	}
}

// isIdentity reports whether an attribute is a part of the identity other than the SID. It keeps the
// spelling of the configuration.
func (d *Declaration[M, T]) isIdentity(name string) bool {
	return name != "sid" && slices.ContainsFunc(d.identity, func(p client.Parameter) bool { return p.Name == name })
}

// setID sets the ID.
func (d *Declaration[M, T]) setID(m M) { d.codec.Set(m, "id", types.StringValue(d.ImportID(m))) }

// replaced returns the attributes in whose place the configuration has a write-only one. Only its
// version is stored.
func (d *Declaration[M, T]) replaced(m M) map[string]bool {
	names := map[string]bool{}
	for name := range d.WriteOnly {
		if base := strings.TrimSuffix(name, "_wo"); d.codec.Type(base) != nil && !d.codec.Get(m, d.Version).IsNull() {
			names[base] = true
		}
	}
	return names
}

// newModel returns a model that has only the values of the container of m.
func (d *Declaration[M, T]) newModel(ctx context.Context, m M, diags *diag.Diagnostics) M {
	fresh := d.codec.Read(ctx, tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{}), diags)
	for _, part := range d.identity {
		if part.Name != "sid" {
			d.codec.Set(fresh, part.Name, d.codec.Get(m, part.Name))
		}
	}
	return fresh
}

// Complete turns a plan into a state. Known values do not change. Values that were left to Twilio
// come from the response or, if it does not have them, from the prior state; otherwise they are
// null. object is nil if there was no response, and prior is nil if there was no state.
func (d *Declaration[M, T]) Complete(ctx context.Context, m M, object T, prior M, diags *diag.Diagnostics) {
	values := d.newModel(ctx, m, diags)
	if !isNil(prior) {
		d.merge(values, prior)
	}
	if !isNil(object) {
		d.Refresh(ctx, values, object, diags)
	}
	d.replaceUnknown(m, values)
	for _, name := range d.writeOnly {
		d.codec.SetNull(m, name)
	}
	d.setID(m)
}

// Form returns the parameters of the attributes that differ from the prior state, or of all that are
// not null if there is none. An attribute that becomes null is cleared if Twilio can clear it.
func (d *Declaration[M, T]) Form(plan, prior M) url.Values {
	form := url.Values{}
	for _, field := range d.init().Kind.Fields() {
		value := d.codec.Get(plan, field.Attribute)
		if field.Parameter == "" || value == nil || value.IsUnknown() || !isNil(prior) && d.isIdentity(field.Attribute) {
			continue
		}
		switch {
		case isNil(prior) && value.IsNull(), !isNil(prior) && d.same(field.Attribute, d.codec.Get(prior, field.Attribute), value):
		case !value.IsNull():
			form[field.Parameter] = field.Texts(texts(value))
		case field.Clearable:
			form.Set(field.Parameter, "")
		}
	}
	return form
}

// hasUnknown reports whether a value that is sent may differ from the state, depending on a value
// that is not known yet.
func (d *Declaration[M, T]) hasUnknown(plan M) bool {
	for _, field := range d.Kind.Fields() {
		if value := d.codec.Get(plan, field.Attribute); field.Parameter != "" && value != nil && isUnknown(value) &&
			!d.isIdentity(field.Attribute) {
			return true
		}
	}
	return false
}

// newValue returns a value of an attribute's type. A map may be JSON in a string, as in a request.
func newValue(ctx context.Context, attributeType attr.Type, value any) (attr.Value, error) {
	switch v := value.(type) {
	case nil:
		return attributeType.ValueFromTerraform(ctx, tftypes.NewValue(attributeType.TerraformType(ctx), nil))
	case []string:
		if attributeType.Equal(types.SetType{ElemType: types.StringType}) {
			value = slices.Compact(slices.Sorted(slices.Values(v)))
		}
	case string:
		if attributeType.Equal(types.MapType{ElemType: types.StringType}) {
			var object client.Metadata
			if err := json.Unmarshal([]byte(v), &object); err != nil {
				return nil, err
			}
			value = object
		}
	}
	var result attr.Value
	if diags := tfsdk.ValueFrom(ctx, value, attributeType, &result); diags.HasError() {
		return nil, errors.New(diags[0].Detail())
	}
	return result, nil
}

// texts returns a value as in a request.
func texts(value attr.Value) []string {
	switch v := value.(type) {
	case types.String:
		return []string{v.ValueString()}
	case types.Int64:
		return []string{strconv.FormatInt(v.ValueInt64(), 10)}
	case types.Bool:
		return []string{strconv.FormatBool(v.ValueBool())}
	case types.Map:
		return []string{StringMapJSON(v)}
	case interface{ Elements() []attr.Value }:
		return Strings(v.Elements())
	}
	return nil
}

func isUnknown(value attr.Value) bool {
	elements, ok := value.(interface{ Elements() []attr.Value })
	return value.IsUnknown() || ok && slices.ContainsFunc(elements.Elements(), attr.Value.IsUnknown)
}

// same reports whether two values of an attribute mean the same to Twilio. To Twilio, null and empty
// text are the same.
func (d *Declaration[M, T]) same(name string, a, b attr.Value) bool {
	if a.Equal(b) {
		return true
	}
	if a.IsUnknown() || b.IsUnknown() {
		return false
	}
	if same := d.Same[name]; same != nil {
		return same(texts(a), texts(b))
	}
	_, text := a.(types.String)
	return text && sameName(texts(a)[0], texts(b)[0])
}

// sameSID reports whether two values are the same SID, whose case Twilio ignores.
func sameSID(a, b attr.Value) bool {
	return IsKnown(a) && IsKnown(b) && strings.EqualFold(texts(a)[0], texts(b)[0])
}

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

// merge copies the attributes that are not null.
func (d *Declaration[M, T]) merge(to, from M) {
	for name := range d.attributes {
		if value := d.codec.Get(from, name); !value.IsNull() {
			d.codec.Set(to, name, value)
		}
	}
}

// replaceUnknown replaces unknown attributes, which a state cannot contain.
func (d *Declaration[M, T]) replaceUnknown(to, from M) {
	for name := range d.attributes {
		if d.codec.Get(to, name).IsUnknown() {
			d.codec.Set(to, name, d.codec.Get(from, name))
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
