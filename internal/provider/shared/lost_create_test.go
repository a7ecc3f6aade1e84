// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

var lostGadget = Subject{Noun: &Noun{Name: "gadget"}, Summary: "Cannot create the gadget", What: `"Robot"`}

const (
	gadgetUnknown   = "Gadget creation result unknown"
	gadgetAmbiguous = " The provider neither recovered nor deleted any of them."
)

func TestLostCreate_Failed(t *testing.T) {
	t.Parallel()
	cause := errors.New("reset")
	for name, test := range map[string]struct {
		err     error
		unknown bool
		want    []message
	}{
		"refused": {cause, false, errorOn("", "Cannot create the gadget", "Failed: \"Robot\".\n\nReset.")},
		"nothing found": {
			&client.UnknownOutcomeError{Err: cause}, true,
			errorOn("", gadgetUnknown, "Failed: \"Robot\".\n\nReset.\n\nThe provider searched for the gadget, but could neither find it nor rule it out."),
		},
		"several found": {
			fmt.Errorf("%w", &client.UnknownOutcomeError{Err: cause, SIDs: []string{"YF1", "YF2"}, Note: client.Note{Ambiguous: true}}), true,
			errorOn("", gadgetUnknown, "Failed: \"Robot\".\n\nReset.\n\nThese gadgets could be the new one: YF1, YF2."+gadgetAmbiguous),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			note, unknown := (&ProviderData{}).CreateFailed(test.err, lostGadget, &diags)
			if unknown != test.unknown || note.IsNull() == unknown {
				t.Errorf("unknown: %t, want %t; note %s", unknown, test.unknown, note)
			}
			expectMessages(t, diags, test.want...)
		})
	}
}

func TestLostCreate_Unknown(t *testing.T) {
	t.Parallel()
	cause := errors.New("reset")
	for name, test := range map[string]struct {
		err  error
		want []message
	}{
		"found or not": {nil, nil},
		"several found": {
			fmt.Errorf("%w", &client.UnknownOutcomeError{Err: cause, SIDs: []string{"YF1", "YF2"}}),
			errorOn("", gadgetUnknown, `The response to an earlier create of gadget "Robot" was lost. These gadgets could be the one that it created: YF1, YF2.`+gadgetAmbiguous),
		},
		"not known":     {&client.UnknownOutcomeError{Err: cause}, errorOn("", "Cannot look for the gadget of an earlier create", "Failed: \"Robot\".\n\nReset.")},
		"another error": {cause, errorOn("", "Cannot look for the gadget of an earlier create", "Failed: \"Robot\".\n\nReset.")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			LostCreate[int]{Subject: lostGadget}.reportUnknown(&ProviderData{}, test.err, &diags)
			expectMessages(t, diags, test.want...)
		})
	}
}

func TestLostCreate_NoteRoundTrip(t *testing.T) {
	t.Parallel()
	since := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	want := client.Note{Since: since, Until: since.Add(time.Minute), Known: []string{"YF1"}, Ambiguous: true}
	var diags diag.Diagnostics
	url, _ := (&ProviderData{}).CreateFailed(&client.UnknownOutcomeError{Note: want, Err: errors.New("reset")}, lostGadget, &diags)
	got, err := LostCreate[int]{URL: url}.note()
	if err != nil || !strings.HasPrefix(url.ValueString(), "pending:") {
		t.Errorf("%s: %v", url, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{"https://verify.twilio.com": "neither a SID nor a note", "": "neither a SID nor a note", "pending:{": "unexpected end of JSON"} {
		if _, err := (LostCreate[int]{URL: types.StringValue(text)}).note(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// TestLostCreate_FindAndDelete searches only with a note, and only if the credentials can see the
// object.
func TestLostCreate_FindAndDelete(t *testing.T) {
	t.Parallel()
	created := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	note, err := json.Marshal(client.Note{Since: created.Add(-time.Minute), Until: created.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	const list, remove = "GET /v2/Services?PageSize=1000", "DELETE /v2/Services/" + serviceSID
	name := "Robots"
	for title, test := range map[string]struct {
		url           string
		hidden        bool
		service       string // in the list
		found         string
		certain       bool
		finds, delete []string // requests
		want          []message
	}{
		"found":       {pendingScheme + string(note), false, name, serviceSID, true, []string{list}, []string{list, remove}, nil},
		"not found":   {pendingScheme + string(note), false, "Others", "", true, []string{list}, []string{list}, nil},
		"not visible": {pendingScheme + string(note), true, name, "", false, nil, nil, nil},
		"no note":     {"https://verify.twilio.com", false, name, "", false, nil, nil, errorOn("", "Cannot look for the gadget of an earlier create", "The state has neither a SID nor a note")},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			var requests []string
			d := newData(t, func(w http.ResponseWriter, r *http.Request) {
				requests = append(requests, r.Method+" "+r.URL.RequestURI())
				if r.Method == http.MethodDelete {
					w.WriteHeader(http.StatusNoContent)
					return
				}
				respond(http.StatusOK, map[string]any{"meta": map[string]any{}, "services": []any{map[string]any{
					"sid": serviceSID, "friendly_name": test.service, "date_created": created.Format(time.RFC3339),
				}}})(w, r)
			})
			lost := func() LostCreate[client.Service] {
				requests = nil
				return LostCreate[client.Service]{
					Create: d.Client.ServiceCreate(client.ServiceParams{FriendlyName: &name}), URL: types.StringValue(test.url), Subject: lostGadget,
					Visible: func(context.Context, client.Note, *diag.Diagnostics) bool { return !test.hidden },
				}
			}
			var diags diag.Diagnostics
			lost().Delete(t.Context(), d, &diags)
			expectMessages(t, diags, test.want...)
			if !slices.Equal(requests, test.delete) {
				t.Errorf("the deletion sent %q, want %q", requests, test.delete)
			}
			diags = nil
			service, certain := lost().Find(t.Context(), d, &diags)
			expectMessages(t, diags, test.want...)
			if !slices.Equal(requests, test.finds) {
				t.Errorf("the search sent %q, want %q", requests, test.finds)
			}
			if certain != test.certain || (service != nil) != (test.found != "") || service != nil && service.SID != test.found {
				t.Errorf("found %v, certain: %t; want %q, %t", service, certain, test.found, test.certain)
			}
		})
	}
}
