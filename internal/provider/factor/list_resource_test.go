// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// TestFactor_ListPageSize asks for no more than the limit, but for whole pages where
// not every factor counts.
func TestFactor_ListPageSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit    int64
		filter   filter
		identity string
		want     int
	}{
		{0, filter{}, "robot-0001", client.MaxPageSize},
		{1, filter{}, "robot-0001", 1},
		{1000, filter{}, "robot-0001", 1000},
		{1001, filter{}, "robot-0001", 1000},
		{1, filter{status: "verified"}, "robot-0001", client.MaxPageSize},
		{1, filter{}, "", client.MaxPageSize},
	} {
		if got := pageSizeFor(c.limit, c.filter, client.Entity{Identity: c.identity}); got != c.want {
			t.Errorf("pageSizeFor(%d, %v, %q) = %d, want %d", c.limit, c.filter, c.identity, got, c.want)
		}
	}
}
