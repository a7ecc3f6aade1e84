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

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// TestFactor_CodecMatchesFramework compares the codec with the framework.
func TestFactor_CodecMatchesFramework(t *testing.T) {
	t.Parallel()
	tags := types.MapValueMust(types.StringType, map[string]attr.Value{"os": types.StringValue("Android")})
	for _, test := range []struct {
		metadata   types.Map
		autoVerify types.Bool
	}{
		{types.MapNull(types.StringType), types.BoolNull()},
		{types.MapUnknown(types.StringType), types.BoolUnknown()},
		{tags, types.BoolValue(true)},
	} {
		m := &resourceModel{
			BindingSecretWOVersion: types.Int64Unknown(), AuthPayloadWOVersion: types.Int64Value(1 << 60), AutoVerify: test.autoVerify,
			apiAttributes: apiAttributes{ConfigNotificationToken: types.StringValue(""), listAttributes: listAttributes{
				Common:     shared.Common{ID: types.StringUnknown(), SID: types.StringValue("YF")},
				ConfigSkew: types.Int64Value(0), Metadata: test.metadata,
			}},
		}
		state := tfsdk.State{Schema: Declaration.Schema(), Raw: rawValue(t, nil)}
		diags := state.Set(t.Context(), m)
		read := codec().Read(t.Context(), state.Raw, &diags)
		outcome.Expect(t, report(t, diags), "")
		if !reflect.DeepEqual(read, m) {
			t.Errorf("read %+v, want %+v", read, m)
		}
		if written := rawValue(t, m); !written.Equal(state.Raw) {
			t.Errorf("wrote %s, want %s", written, state.Raw)
		}
	}
}

func TestFactor_CodecRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	for want, raw := range map[string]tftypes.Value{
		"Error: Unexpected data from Terraform: The data does not have the resource's type: …": tftypes.NewValue(tftypes.String, "text"),
		"Error sid: Invalid value: …": tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"sid": tftypes.Bool}},
			map[string]tftypes.Value{"sid": tftypes.NewValue(tftypes.Bool, true)}),
	} {
		var diags diag.Diagnostics
		codec().Read(t.Context(), raw, &diags)
		outcome.Expect(t, report(t, diags), want)
	}
}
