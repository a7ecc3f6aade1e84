// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

// robot is an object in a list.
type robot struct{ sid, name string }

func TestSameName_NormalizesText(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"Caf\u00e9": true, "Cafe\u0301": true, "Cafe": false, "caf\u00e9": false, "": false} {
		if got := sameName(name, "Caf\u00e9"); got != want {
			t.Errorf("%+q: got %t, want %t", name, got, want)
		}
	}
}

// robots returns an iterator over robots that then yields the error, if there is one.
func robots(err error, all ...robot) iter.Seq2[*robot, error] {
	return func(yield func(*robot, error) bool) {
		for i := range all {
			if !yield(&all[i], nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// TestListing_All checks that no more objects are requested than the limit needs.
func TestListing_All(t *testing.T) {
	t.Parallel()
	isA := func(r *robot) bool { return r.name == "a" }
	for _, test := range []struct {
		limit  types.Int64
		wanted func(*robot) bool
		robots int // before the error
		want   string
	}{
		{types.Int64Null(), nil, 3, "Error: …Canary."},
		{types.Int64Value(2), nil, 2, "R1 R2"},
		{types.Int64Value(2), isA, 3, "R1 R3"},
	} {
		listing := Listing[*robot]{Wanted: test.wanted, Objects: func(pageSize int) iter.Seq2[*robot, error] {
			if pageSize != 7 {
				t.Errorf("pages of %d, want 7", pageSize)
			}
			return robots(errors.New("canary"), []robot{{"R1", "a"}, {"R2", "b"}, {"R3", "a"}}[:test.robots]...)
		}}
		var diags diag.Diagnostics
		var sids []string
		for _, r := range listing.All(&ProviderData{}, test.limit, types.Int64Value(7), &diags) {
			sids = append(sids, r.sid)
		}
		outcome.Expect(t, outcome.Of(diags, strings.Join(sids, " ")), test.want)
	}
}

func TestListing_DisplayNamesArePrintable(t *testing.T) {
	t.Parallel()
	hostile := robot{sid: "\x1b[31mR1\n::error::\u202e" + strings.Repeat("x", 5000)}
	stream := Listing[*robot]{Objects: func(int) iter.Seq2[*robot, error] { return robots(nil, hostile) }}.
		Stream(&ProviderData{}, 0, func(r *robot) list.ListResult { return list.ListResult{DisplayName: r.sid} })
	for result := range stream {
		if got := result.DisplayName; !strings.HasPrefix(got, "[31mR1 ::error::x") || len(got) > 1100 {
			t.Errorf("%d bytes: %.100q", len(got), got)
		}
	}
}

// TestListing_Stream checks that the wanted objects are sent up to the limit, and that pages are no
// larger than necessary.
func TestListing_Stream(t *testing.T) {
	t.Parallel()
	all := []robot{{"R1", "a"}, {"R2", "b"}, {"R3", "a"}, {"R4", "a"}}
	isA := func(r *robot) bool { return r.name == "a" }
	for name, test := range map[string]struct {
		limit    int64
		wanted   func(*robot) bool
		err      error
		stop     int    // after this many results, 0 for never
		want     string // the names of the results and their diagnostics
		pageSize int
	}{
		"all":                     {0, nil, nil, 0, "R1 R2 R3 R4", client.MaxPageSize},
		"limit":                   {2, nil, nil, 0, "R1 R2; Warning: Query ended at its limit: …", 2},
		"limit of one":            {1, nil, nil, 0, "R1; Warning: Query ended at its limit: …", 1},
		"limit of all":            {4, nil, nil, 0, "R1 R2 R3 R4; Warning: Query ended at its limit: …", 4},
		"limit of more":           {5, nil, nil, 0, "R1 R2 R3 R4", 5},
		"limit beyond a page":     {client.MaxPageSize + 1, nil, nil, 0, "R1 R2 R3 R4", client.MaxPageSize},
		"filter":                  {0, isA, nil, 0, "R1 R3 R4", client.MaxPageSize},
		"limit with a filter":     {2, isA, nil, 0, "R1 R3; Warning: Query ended at its limit: …", client.MaxPageSize},
		"stopped":                 {0, nil, nil, 3, "R1 R2 R3", client.MaxPageSize},
		"error after the objects": {0, nil, errors.New("reset"), 0, "R1 R2 R3 R4 Error: Cannot list the robots: …Reset.", client.MaxPageSize},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listing := Listing[*robot]{Wanted: test.wanted, Subject: Subject{Summary: "Cannot list the robots"}}
			listing.Objects = func(size int) iter.Seq2[*robot, error] {
				if size != test.pageSize {
					t.Errorf("pages of %d, want %d", size, test.pageSize)
				}
				return robots(test.err, all...)
			}
			named := func(r *robot) list.ListResult { return list.ListResult{DisplayName: r.sid} }
			var got []string
			for result := range listing.Stream(&ProviderData{}, test.limit, named) {
				if got = append(got, outcome.Of(result.Diagnostics, result.DisplayName)); len(got) == test.stop {
					break
				}
			}
			outcome.Expect(t, strings.Join(got, " "), test.want)
		})
	}
}
