// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// TestAccFactor_PlanWithoutRefresh plans a change with invalid credentials, as the guide on CI
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
