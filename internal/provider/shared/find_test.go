// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/list"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
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

// TestListing_Stream checks that the wanted objects are sent up to the limit, and that pages are no
// larger than necessary.
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

func TestListing_Stream(t *testing.T) {
	t.Parallel()
	all := []robot{{"R1", "a"}, {"R2", "b"}, {"R3", "a"}, {"R4", "a"}}
	isA := func(r *robot) bool { return r.name == "a" }
	for name, test := range map[string]struct {
		limit    int64
		wanted   func(*robot) bool
		err      error
		stop     int    // after this many results, 0 for never
		want     string // "!" marks a warning
		pageSize int
	}{
		"all":                     {0, nil, nil, 0, "R1 R2 R3 R4", client.MaxPageSize},
		"limit":                   {2, nil, nil, 0, "R1 R2!", 2},
		"limit of one":            {1, nil, nil, 0, "R1!", 1},
		"limit of all":            {4, nil, nil, 0, "R1 R2 R3 R4!", 4},
		"limit of more":           {5, nil, nil, 0, "R1 R2 R3 R4", 5},
		"limit beyond a page":     {client.MaxPageSize + 1, nil, nil, 0, "R1 R2 R3 R4", client.MaxPageSize},
		"filter":                  {0, isA, nil, 0, "R1 R3 R4", client.MaxPageSize},
		"limit with a filter":     {2, isA, nil, 0, "R1 R3!", client.MaxPageSize},
		"stopped":                 {0, nil, nil, 3, "R1 R2 R3", client.MaxPageSize},
		"error after the objects": {0, nil, errors.New("reset"), 0, "R1 R2 R3 R4 error", client.MaxPageSize},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pageSize := 0
			stream := Listing[*robot]{
				Objects: func(size int) iter.Seq2[*robot, error] {
					pageSize = size
					return robots(test.err, all...)
				},
				Wanted:  test.wanted,
				Subject: Subject{Summary: "Cannot list the robots"},
			}.Stream(&ProviderData{}, test.limit, func(r *robot) list.ListResult { return list.ListResult{DisplayName: r.sid} })
			var got []string
			for result := range stream {
				if result.Diagnostics.HasError() {
					expectMessages(t, result.Diagnostics, errorOn("", "Cannot list the robots", "Reset.")...)
					result.DisplayName = "error"
				}
				if result.Diagnostics.WarningsCount() > 0 {
					result.DisplayName += "!"
				}
				if got = append(got, result.DisplayName); len(got) == test.stop {
					break
				}
			}
			if !slices.Equal(got, strings.Fields(test.want)) || pageSize != test.pageSize {
				t.Errorf("got %q in pages of %d, want %q in pages of %d", got, pageSize, test.want, test.pageSize)
			}
		})
	}
}
