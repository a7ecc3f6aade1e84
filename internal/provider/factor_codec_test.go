// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestFactorCodec reads and writes as the framework does.
func TestFactorCodec(t *testing.T) {
	t.Parallel()
	metadata := types.MapValueMust(types.StringType, map[string]attr.Value{"os": types.StringValue("Android")})
	object := factorResourceType()
	for name, m := range map[string]factorResourceModel{
		"nulls": {factorAttributes: factorAttributes{listedAttributes: listedAttributes{Metadata: types.MapNull(types.StringType)}}},
		"unknowns": {
			ID: types.StringUnknown(), AutoVerify: types.BoolUnknown(), BindingSecretWOVersion: types.Int64Unknown(),
			factorAttributes: factorAttributes{listedAttributes: listedAttributes{Metadata: types.MapUnknown(types.StringType)}},
		},
		"values": {
			ID: types.StringValue("id"), AutoVerify: types.BoolValue(true), AuthPayloadWOVersion: types.Int64Value(1 << 60),
			factorAttributes: factorAttributes{
				listedAttributes:        listedAttributes{SID: types.StringValue("YF"), ConfigSkew: types.Int64Value(0), Metadata: metadata},
				ConfigNotificationToken: types.StringValue(""),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := tfsdk.State{Schema: factorResourceSchema(), Raw: tftypes.NewValue(object, nil)}
			if diags := state.Set(t.Context(), m); diags.HasError() {
				t.Fatal(diags)
			}
			var diags diag.Diagnostics
			read := factorFrom(t.Context(), state.Raw, &diags)
			written := tftypes.NewValue(object, nil)
			m.writeTo(t.Context(), &written, &diags)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if !reflect.DeepEqual(*read, m) {
				t.Errorf("read %+v, want %+v", *read, m)
			}
			if !written.Equal(state.Raw) {
				t.Errorf("wrote %s, want %s", written, state.Raw)
			}
		})
	}
}

// TestFactorCodecHasAllAttributes misses none of either side.
func TestFactorCodecHasAllAttributes(t *testing.T) {
	t.Parallel()
	var fields, attributes []string
	for _, field := range factorFields() {
		fields = append(fields, field.name)
	}
	for name := range factorResourceSchema().Attributes {
		attributes = append(attributes, name)
	}
	slices.Sort(fields)
	slices.Sort(attributes)
	if !slices.Equal(fields, attributes) {
		t.Errorf("fields %v, attributes %v", fields, attributes)
	}
}

func TestFactorCodecRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]tftypes.Value{
		"no object": tftypes.NewValue(tftypes.String, "text"),
		"another attribute type": tftypes.NewValue(
			tftypes.Object{AttributeTypes: map[string]tftypes.Type{"sid": tftypes.Bool}}, map[string]tftypes.Value{"sid": tftypes.NewValue(tftypes.Bool, true)}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			factorFrom(t.Context(), raw, &diags)
			if !diags.HasError() {
				t.Error("no error")
			}
		})
	}
}
