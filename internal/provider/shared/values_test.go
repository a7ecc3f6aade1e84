// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestValues_Texts(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]any{
		"empty":       {OptionalString(""), types.StringNull()},
		"not empty":   {OptionalString("a"), types.StringValue("a")},
		"no factors":  {CountText(0, "factor"), "0 factors"},
		"a factor":    {CountText(1, "factor"), "1 factor"},
		"two factors": {CountText(2, "factor"), "2 factors"},
		"lower case":  {sentence("no code."), "No code."},
		"nothing":     {sentence(""), ""},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestValues_Models(t *testing.T) {
	t.Parallel()
	d := declare().init()
	newModel := func(name, sid types.String) *gadgetModel { return &gadgetModel{Common{SID: sid}, name} }
	null, unknown, one, two := types.StringNull(), types.StringUnknown(), types.StringValue("1"), types.StringValue("2")
	for _, test := range []struct{ to, from, merged, replaced types.String }{
		{null, null, null, null},
		{null, one, one, null},
		{one, null, one, one},
		{one, two, two, one},
		{unknown, null, unknown, null},
		{unknown, one, one, one},
	} {
		merged, replaced := newModel(test.to, null), newModel(test.to, unknown)
		d.merge(merged, newModel(test.from, two))
		d.replaceUnknown(replaced, newModel(test.from, two))
		if *merged != *newModel(test.merged, two) || *replaced != *newModel(test.replaced, two) {
			t.Errorf("%s and %s: merged %v, replaced %v", test.to, test.from, merged, replaced)
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
