// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"errors"
	"iter"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fives is a list of the first ten multiples of five that ends with an error. It records the size
// of the requested pages and the number of requested objects.
type fives struct{ pageSize, objects int }

func (f *fives) list(pageSize int) iter.Seq2[*int, error] {
	f.pageSize = pageSize
	return func(yield func(*int, error) bool) {
		for i := range 10 {
			f.objects++
			if n := 5 * i; !yield(&n, nil) {
				return
			}
		}
		yield(nil, errors.New("canary"))
	}
}

func even(n *int) bool { return *n%2 == 0 }

func TestListing_All(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit          types.Int64
		wanted         func(*int) bool
		objects, count int
		err            bool
	}{
		{limit: types.Int64Null(), objects: 10, err: true},
		{limit: types.Int64Value(2), objects: 2, count: 2},
		{limit: types.Int64Value(2), wanted: even, objects: 3, count: 2},
	} {
		var f fives
		var diags diag.Diagnostics
		listing := Listing[*int]{Objects: f.list, Wanted: c.wanted}
		all := listing.All(&ProviderData{}, c.limit, types.Int64Value(7), &diags)
		if f.pageSize != 7 || f.objects != c.objects || len(all) != c.count || diags.HasError() != c.err {
			t.Errorf("limit %s: %+v gives %d objects and %v, want %+v", c.limit, f, len(all), diags, c)
		}
	}
}
