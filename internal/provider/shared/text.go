// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TextType is a string type for values that have several spellings. The state keeps the spelling of
// the configuration.
type TextType struct {
	basetypes.StringType

	// Name distinguishes types.
	Name string
	// Same reports whether two values mean the same.
	Same func(a, b string) bool
}

var (
	_ basetypes.StringTypable                    = TextType{}
	_ basetypes.StringValuableWithSemanticEquals = Text{}
)

// String implements [attr.Type].
func (t TextType) String() string { return t.Name }

// Equal implements [attr.Type].
func (t TextType) Equal(other attr.Type) bool {
	o, ok := other.(TextType)
	return ok && o.Name == t.Name
}

// ValueType implements [attr.Type].
func (t TextType) ValueType(context.Context) attr.Value { return Text{textType: t} }

// ValueFromString implements [basetypes.StringTypable].
func (t TextType) ValueFromString(_ context.Context, value basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Text{value, t}, nil
}

// ValueFromTerraform implements [attr.Type].
func (t TextType) ValueFromTerraform(ctx context.Context, raw tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, raw)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("expected a string, got %T", value)
	}
	return Text{text, t}, nil
}

// Text is a value of a [TextType].
type Text struct {
	basetypes.StringValue

	textType TextType
}

// Type implements [attr.Value].
func (v Text) Type(context.Context) attr.Type { return v.textType }

// Equal implements [attr.Value].
func (v Text) Equal(other attr.Value) bool {
	o, ok := other.(Text)
	return ok && v.StringValue.Equal(o.StringValue)
}

// StringSemanticEquals implements [basetypes.StringValuableWithSemanticEquals].
func (v Text) StringSemanticEquals(ctx context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	text, diags := other.ToStringValue(ctx)
	return v.textType.Same(v.ValueString(), text.ValueString()), diags
}
