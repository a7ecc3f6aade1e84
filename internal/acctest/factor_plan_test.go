// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// TestFactor_NoOpPlan responses only if there is nothing to plan.
func TestFactor_NoOpPlan(t *testing.T) {
	t.Parallel()
	object := newInstance(t).object()
	dynamic := func(value tftypes.Value) *tfprotov6.DynamicValue {
		packed, err := tfprotov6.NewDynamicValue(object, value)
		if err != nil {
			t.Fatal(err)
		}
		return &packed
	}
	null := dynamic(tftypes.NewValue(object, nil))
	state := attributes{
		"sid": "YF00000000000000000000000000000001", "friendly_name": "Robot 1", "status": "unverified",
		"metadata": map[string]any{"k": "v"}, "config_skew": 0, "binding_secret_wo_version": 1,
	}
	of := func(a attributes) *tfprotov6.DynamicValue { return dynamic(a.value(object)) }
	verifies := state.with(attributes{"auto_verify": true})
	verified := verifies.with(attributes{"status": "verified"})
	for name, c := range map[string]struct {
		prior, proposed *tfprotov6.DynamicValue
		want            bool
	}{
		"no difference":            {of(state), of(state), true},
		"write-only values":        {of(state), of(state.with(attributes{"binding_secret_wo": givenSecret, "auth_payload_wo": "123456"})), true},
		"another name":             {of(state), of(state.with(attributes{"friendly_name": "Robot 2"})), false},
		"other metadata":           {of(state), of(state.with(attributes{"metadata": map[string]any{"k": "w"}})), false},
		"nothing in place of 0":    {of(state), of(state.with(attributes{"config_skew": nil})), false},
		"unknown":                  {of(state), of(state.with(attributes{"friendly_name": tftypes.UnknownValue})), false},
		"verified":                 {of(verified), of(verified), true},
		"verifies, and unverified": {of(verifies), of(verifies), false},
		"create":                   {null, of(state), false},
		"destroy":                  {of(state), null, false},
		"nothing at all":           {null, null, false},
		"no values":                {nil, nil, false},
		"not readable":             {&tfprotov6.DynamicValue{MsgPack: []byte{0xc1}}, &tfprotov6.DynamicValue{MsgPack: []byte{0xc1}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := factor.NoOpPlan(t.Context(), c.prior, c.proposed); got != c.want {
				t.Errorf("%t, want %t", got, c.want)
			}
		})
	}
}

// TestAccFactor_PlanWithoutRefresh plans a change with credentials that are not valid, as the guide on
// pipelines does for pull requests.
func TestAccFactor_PlanWithoutRefresh(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newWorkspace(t, mock, `provider "twilio" {}`+totpFactor)
	w.mustRun("apply", "-auto-approve")
	mock.ResetRequests()
	w.write("main.tf", `provider "twilio" {}`+strings.Replace(totpFactor, "Robot 1", "Robot 2", 1))
	w.env = append(w.env, "TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000", "TWILIO_AUTH_TOKEN=none")
	if plan := w.mustRun("plan", "-refresh=false"); !strings.Contains(plan, "0 to add, 1 to change, 0 to destroy") {
		t.Errorf("the plan does not show the change:\n%s", plan)
	}
	if n := mock.calls(""); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}
