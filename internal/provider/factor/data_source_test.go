// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

// TestFactor_DataModel checks that the attributes that select a factor keep the user's spelling, and
// that all others are copied; a missing field is null.
func TestFactor_DataModel(t *testing.T) {
	t.Parallel()
	read := func(selected attributes, response string) *dataModel {
		var diags diag.Diagnostics
		m := &dataModel{apiAttributes: selected.model().apiAttributes}
		dataDeclaration.Refresh(t.Context(), m, decodeFactor(t, response), &diags)
		outcome.Expect(t, report(t, diags), "")
		return m
	}
	want := &dataModel{apiAttributes: totpState.model().apiAttributes}
	got := read(attributes{"service_sid": modelServiceSID, "identity": "Robot-Account-0001"}, totpResponse)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(dataModel{}, apiAttributes{})); diff != "" {
		t.Error(diff)
	}
	got = read(attributes{"service_sid": modelServiceSID, "identity": ""}, totpResponse)
	if got.Identity.ValueString() != "robot-account-0001" {
		t.Errorf("in the list of a service, the identity is %s, want the factor's", got.Identity)
	}
	const sid = "YF0123456789ABCDEF0123456789ABCDEF"
	got = read(attributes{"sid": sid}, `{"sid": "`+modelSID+`", "factor_type": "passkeys", "config": {"relying_party": "r"}}`)
	if got.SID.ValueString() != sid || got.ConfigJSON.ValueString() != `{"relying_party":"r"}` || !got.Status.IsNull() || !got.Metadata.IsNull() {
		t.Errorf("got %+v", got)
	}
}
