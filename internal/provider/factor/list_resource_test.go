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
		limit  int64
		filter filter
		want   int
	}{
		{0, filter{}, client.MaxPageSize},
		{1, filter{}, 1},
		{1000, filter{}, 1000},
		{1001, filter{}, 1000},
		{1, filter{status: "verified"}, client.MaxPageSize},
	} {
		if got := pageSizeFor(c.limit, c.filter); got != c.want {
			t.Errorf("pageSizeFor(%d, %v) = %d, want %d", c.limit, c.filter, got, c.want)
		}
	}
}
