// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestFactor_CodecMatchesFramework compares the codec with the framework.
func TestFactor_CodecMatchesFramework(t *testing.T) {
	t.Parallel()
	metadata := types.MapValueMust(types.StringType, map[string]attr.Value{"os": types.StringValue("Android")})
	object := Declaration.Schema().Type().TerraformType(t.Context())
	for name, m := range map[string]resourceModel{
		"nulls": {apiAttributes: apiAttributes{listAttributes: listAttributes{Metadata: types.MapNull(types.StringType)}}},
		"unknowns": {
			ID: types.StringUnknown(), AutoVerify: types.BoolUnknown(), BindingSecretWOVersion: types.Int64Unknown(),
			apiAttributes: apiAttributes{listAttributes: listAttributes{Metadata: types.MapUnknown(types.StringType)}},
		},
		"values": {
			ID: types.StringValue("id"), AutoVerify: types.BoolValue(true), AuthPayloadWOVersion: types.Int64Value(1 << 60),
			apiAttributes: apiAttributes{
				listAttributes:          listAttributes{SID: types.StringValue("YF"), ConfigSkew: types.Int64Value(0), Metadata: metadata},
				ConfigNotificationToken: types.StringValue(""),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := tfsdk.State{Schema: Declaration.Schema(), Raw: tftypes.NewValue(object, nil)}
			if diags := state.Set(t.Context(), m); diags.HasError() {
				t.Fatal(diags)
			}
			var diags diag.Diagnostics
			read := codec().Read(t.Context(), state.Raw, &diags)
			written := tftypes.NewValue(object, nil)
			codec().Write(t.Context(), &m, &written, &diags)
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

func TestFactor_CodecRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]tftypes.Value{
		"not an object": tftypes.NewValue(tftypes.String, "text"),
		"another attribute type": tftypes.NewValue(
			tftypes.Object{AttributeTypes: map[string]tftypes.Type{"sid": tftypes.Bool}},
			map[string]tftypes.Value{"sid": tftypes.NewValue(tftypes.Bool, true)}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			codec().Read(t.Context(), raw, &diags)
			if !diags.HasError() {
				t.Error("no error")
			}
		})
	}
}
