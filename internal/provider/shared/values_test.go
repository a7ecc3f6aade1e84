// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestValues_Known(t *testing.T) {
	t.Parallel()
	text, number, one, flag := "", int64(0), int64(1), false
	for name, pair := range map[string][2]any{
		"text":           {KnownString(types.StringValue("")), &text},
		"null text":      {KnownString(types.StringNull()), (*string)(nil)},
		"unknown text":   {KnownString(types.StringUnknown()), (*string)(nil)},
		"number":         {KnownInt64(types.Int64Value(0)), &number},
		"null number":    {KnownInt64(types.Int64Null()), (*int64)(nil)},
		"unknown number": {KnownInt64(types.Int64Unknown()), (*int64)(nil)},
		"bool":           {KnownBool(types.BoolValue(false)), &flag},
		"null bool":      {KnownBool(types.BoolNull()), (*bool)(nil)},
		"unknown bool":   {KnownBool(types.BoolUnknown()), (*bool)(nil)},
		"empty":          {OptionalString(""), types.StringNull()},
		"not empty":      {OptionalString("a"), types.StringValue("a")},
		"no number":      {UnlessZero(nil), types.Int64Null()},
		"zero":           {UnlessZero(&number), types.Int64Null()},
		"one":            {UnlessZero(&one), types.Int64Value(1)},
		"no factors":     {CountText(0, "factor"), "0 factors"},
		"a factor":       {CountText(1, "factor"), "1 factor"},
		"two factors":    {CountText(2, "factor"), "2 factors"},
		"lower case":     {sentence("no code."), "No code."},
		"nothing":        {sentence(""), ""},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestValues_Fill(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ to, from, want types.String }{
		"unknown":      {types.StringUnknown(), types.StringValue("a"), types.StringValue("a")},
		"nothing else": {types.StringUnknown(), types.StringNull(), types.StringUnknown()},
		"null":         {types.StringNull(), types.StringValue("a"), types.StringNull()},
		"known":        {types.StringValue("b"), types.StringValue("a"), types.StringValue("b")},
	} {
		got := test.to
		if Fill(&got, test.from); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// TestValues_SetIdentity sets an identity that Terraform does not have, and leaves one that it has.
func TestValues_SetIdentity(t *testing.T) {
	t.Parallel()
	schema := identityschema.Schema{Attributes: map[string]identityschema.Attribute{"sid": identityschema.StringAttribute{RequiredForImport: true}}}
	object := schema.Type().TerraformType(t.Context())
	type model struct {
		SID types.String `tfsdk:"sid"`
	}
	of := func(value any) tftypes.Value {
		return tftypes.NewValue(object, map[string]tftypes.Value{"sid": tftypes.NewValue(tftypes.String, value)})
	}
	for name, test := range map[string]struct{ before, want tftypes.Value }{
		"none":      {tftypes.NewValue(object, nil), of("new")},
		"of nulls":  {of(nil), of("new")},
		"there was": {of("old"), of("old")},
	} {
		var diags diag.Diagnostics
		identity := &tfsdk.ResourceIdentity{Schema: schema, Raw: test.before}
		SetIdentity(t.Context(), identity, model{types.StringValue("new")}, &diags)
		if !identity.Raw.Equal(test.want) || len(diags) > 0 {
			t.Errorf("%s: %s, want %s; %v", name, identity.Raw, test.want, diags)
		}
	}
}

func TestMoveState_Providers(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]bool{
		"registry.terraform.io/twilio/twilio":      {true, false},
		"registry.opentofu.org/twilio/twilio":      {true, false},
		"registry.terraform.io/rjpearson94/twilio": {false, true},
		"twilio":                                     {true, true},
		"registry.terraform.io/nottwilio/twilio":     {false, false},
		"registry.terraform.io/seed-57355187/twilio": {false, false},
		"registry.terraform.io/xrjpearson94/twilio":  {false, false},
		"registry.terraform.io/twilio/twilio-extra":  {false, false},
		"registry.terraform.io/rjpearson94/twilio2":  {false, false},
	} {
		if got := [2]bool{IsOfficialProvider(address), IsRJPearson94Provider(address)}; got != want {
			t.Errorf("%s: official and RJPearson94's: %v, want %v", address, got, want)
		}
	}
}
