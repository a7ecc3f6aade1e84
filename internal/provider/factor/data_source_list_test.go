// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

func TestFactor_Filter(t *testing.T) {
	t.Parallel()
	factor := &client.Factor{FactorType: client.FactorTypeTOTP, Status: client.StatusVerified}
	null := types.StringNull()
	for _, test := range []struct {
		factorType, status types.String
		want               bool
	}{
		{text("totp"), null, true},
		{text("push"), null, false},
		{null, text("verified"), true},
		{null, text("unverified"), false},
		{text("totp"), text("verified"), true},
		{text("totp"), text("unverified"), false},
		{text("push"), text("verified"), false},
	} {
		if got := (selection{FactorType: test.factorType, Status: test.status}).wanted()(factor); got != test.want {
			t.Errorf("type %s, status %s: %t, want %t", test.factorType, test.status, got, test.want)
		}
	}
	if (selection{}).wanted() != nil {
		t.Error("got a filter, want nil: a filter makes pages larger than the limit")
	}
}

// TestFactor_ListSubject checks that an error is on the identity only if there is one.
func TestFactor_ListSubject(t *testing.T) {
	t.Parallel()
	refused := &client.Error{Status: 400, Code: client.CodeBadIdentity}
	for identity, want := range map[string][2]string{
		"":                   {"service " + modelServiceSID, ""},
		"robot-account-0001": {`identity "robot-account-0001" in service ` + modelServiceSID, "identity"},
	} {
		s := listSubject(client.EntityID{ServiceSID: modelServiceSID, Identity: identity})
		if got := [2]string{s.What, attributeAtFault(s, refused)}; got != want {
			t.Errorf("%q: got %q, want %q", identity, got, want)
		}
	}
}

// TestFactor_DataModel checks that the selecting attributes keep the user's spelling, and that all
// others are copied; a missing field is null.
func TestFactor_DataModel(t *testing.T) {
	t.Parallel()
	factor := decodeFactor(t, totpResponse)
	want := totpState()
	listed := newDataModel(client.EntityID{ServiceSID: modelServiceSID, Identity: "Robot-Account-0001"}, factor)
	bySID := dataModel{apiAttributes: pushState()}
	bySID.read(factor)
	withoutSID := dataModel{apiAttributes: apiAttributes{listAttributes: listAttributes{ServiceSID: want.ServiceSID, Identity: want.Identity}}}
	withoutSID.read(factor)
	for name, got := range map[string]dataModel{"listed": listed, "read by SID": bySID, "read without one": withoutSID} {
		if diff := cmp.Diff(dataModel{apiAttributes: want}, got, cmp.AllowUnexported(dataModel{}, apiAttributes{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := newDataModel(client.EntityID{ServiceSID: modelServiceSID}, factor).Identity; got != text("robot-account-0001") {
		t.Errorf("in the list of a service, the identity is %s, want the factor's", got)
	}
	bySID.SID = text("yf0123456789abcdef0123456789abcdef")
	bySID.read(decodeFactor(t, `{"sid": "`+modelSID+`", "factor_type": "passkeys", "config": {"relying_party": "r"}}`))
	if bySID.SID != text("yf0123456789abcdef0123456789abcdef") || bySID.ConfigJSON != text(`{"relying_party":"r"}`) ||
		!bySID.Status.IsNull() || !bySID.Metadata.IsNull() {
		t.Errorf("got %+v", bySID)
	}
}
