// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// TestAccRateLimit_ReplacedWithItself loses the response to the create of a replacement that has the
// name of the object it replaces. The create takes that object, so the delete must keep it.
func TestAccRateLimit_ReplacedWithItself(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	w := newWorkspace(t, m, m.config(fmt.Sprintf(`
resource "twilio_verify_rate_limit" "test" {
  service_sid = %q
  unique_name = "logins"
  lifecycle {
    create_before_destroy = true
  }
}
`, verifymock.DefaultServiceSID)))
	w.mustRun("apply", "-auto-approve")
	m.Inject(verifymock.Fault{Operation: verifymock.RateLimits.Operation("create"), Process: true, Drop: true, Count: 1})
	output := w.mustRun("apply", "-auto-approve", "-replace=twilio_verify_rate_limit.test")
	if !words("Warning: Object kept by another instance").MatchString(output) {
		t.Errorf("the apply does not say that the object was kept:\n%s", output)
	}
	if held := m.Objects(verifymock.RateLimits); len(held) != 1 {
		t.Errorf("the server holds %d rate limits, want 1", len(held))
	}
	w.mustRun("plan", "-detailed-exitcode")
}
