// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// TestFactor_DataModel checks that the attributes that select a factor keep the user's spelling, and
// that all others are copied; a missing field is null.
func TestFactor_DataModel(t *testing.T) {
	t.Parallel()
	read := func(m *dataModel, response string) *dataModel {
		var diags diag.Diagnostics
		dataDeclaration.Refresh(t.Context(), m, decodeFactor(t, response), &diags)
		expectDiagnostics(t, diags, nil)
		return m
	}
	want := &dataModel{ID: text(modelID), apiAttributes: totpState()}
	selected := apiAttributes{listAttributes: listAttributes{ServiceSID: want.ServiceSID, Identity: want.Identity}}
	got := read(&dataModel{apiAttributes: selected}, totpResponse)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(dataModel{}, apiAttributes{})); diff != "" {
		t.Error(diff)
	}
	selected.Identity = text("")
	if got := read(&dataModel{apiAttributes: selected}, totpResponse).Identity; got != text("robot-account-0001") {
		t.Errorf("in the list of a service, the identity is %s, want the factor's", got)
	}
	selected.SID = text("YF0123456789ABCDEF0123456789ABCDEF")
	got = read(&dataModel{apiAttributes: selected}, `{"sid": "`+modelSID+`", "factor_type": "passkeys", "config": {"relying_party": "r"}}`)
	if got.SID != selected.SID || got.ConfigJSON != text(`{"relying_party":"r"}`) || !got.Status.IsNull() || !got.Metadata.IsNull() {
		t.Errorf("got %+v", got)
	}
}
