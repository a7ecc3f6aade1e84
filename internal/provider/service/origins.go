// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const senderPrefix = "whatsapp:"

var (
	senderPattern = regexp.MustCompile(`^(` + senderPrefix + `)?\+[1-9]\d{1,14}$`)
	originPattern = regexp.MustCompile(`^[^,\s]+$`)
)

// senderType compares WhatsApp senders without the prefix that the API adds.
var senderType = shared.TextType{Name: "WhatsApp sender", Same: func(a, b string) bool {
	return strings.TrimPrefix(a, senderPrefix) == strings.TrimPrefix(b, senderPrefix)
}}

// originsType is a list of strings that compares without regard to the order.
type originsType struct{ basetypes.ListType }

func newOriginsType() originsType {
	return originsType{basetypes.ListType{ElemType: basetypes.StringType{}}}
}

// Equal implements [attr.Type].
func (t originsType) Equal(other attr.Type) bool {
	_, ok := other.(originsType)
	return ok
}

// ValueType implements [attr.Type].
func (t originsType) ValueType(context.Context) attr.Value { return origins{} }

// ValueFromList implements [basetypes.ListTypable].
func (t originsType) ValueFromList(_ context.Context, value basetypes.ListValue) (basetypes.ListValuable, diag.Diagnostics) {
	return origins{value}, nil
}

// ValueFromTerraform implements [attr.Type].
func (t originsType) ValueFromTerraform(ctx context.Context, raw tftypes.Value) (attr.Value, error) {
	value, err := t.ListType.ValueFromTerraform(ctx, raw)
	if err != nil {
		return nil, err
	}
	list, ok := value.(basetypes.ListValue)
	if !ok {
		return nil, fmt.Errorf("expected a list, got %T", value)
	}
	return origins{list}, nil
}

// origins is a value of [originsType].
type origins struct{ basetypes.ListValue }

// Type implements [attr.Value].
func (origins) Type(context.Context) attr.Type { return newOriginsType() }

// Equal implements [attr.Value].
func (o origins) Equal(other attr.Value) bool {
	list, ok := other.(origins)
	return ok && o.ListValue.Equal(list.ListValue)
}

// ListSemanticEquals implements [basetypes.ListValuableWithSemanticEquals].
func (o origins) ListSemanticEquals(ctx context.Context, other basetypes.ListValuable) (bool, diag.Diagnostics) {
	list, diags := other.ToListValue(ctx)
	sorted := func(elements []attr.Value) []string { return slices.Sorted(slices.Values(shared.Strings(elements))) }
	return slices.Equal(sorted(o.Elements()), sorted(list.Elements())), diags
}
