// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sids(got result) []string { return sidsOf(got, "factors") }

func sidsOf(got result, key string) []string {
	var all []string
	rows, _ := got.Body[key].([]any)
	for _, r := range rows {
		all = append(all, r.(map[string]any)["sid"].(string))
	}
	return all
}

// follow returns the SIDs on each page, starting with the page at url. The key, next_page_url or
// previous_page_url, selects the direction.
func follow(t *testing.T, mock *Server, url, key string) [][]string {
	t.Helper()
	var pages [][]string
	for url != "" {
		got := send(t, mock, http.MethodGet, url, nil)
		wantStatus(t, got, http.StatusOK)
		pages = append(pages, sids(got))
		url, _ = got.object("meta")[key].(string)
	}
	return pages
}

func TestPages_Follow(t *testing.T) {
	t.Parallel()
	for count, wantPages := range map[int]int{0: 1, 1: 1, 49: 1, 50: 1, 51: 2, 100: 2, 2500: 50} {
		t.Run(strconv.Itoa(count), func(t *testing.T) {
			t.Parallel()
			mock := New(Config{UnknownEntityEmpty: true})
			var want, got []string
			for range count {
				want = append(want, mock.AddFactor(Factor{Identity: testIdentity}).SID)
				mock.AddFactor(Factor{}) // of another entity
			}
			pages := follow(t, mock, factorsPath, "next_page_url")
			for _, page := range pages {
				got = append(got, page...)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if len(pages) != wantPages {
				t.Errorf("got %d pages, want %d", len(pages), wantPages)
			}
		})
	}
}

func TestPages_Meta(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	for range 7 {
		mock.AddFactor(Factor{Identity: testIdentity})
	}
	base := "http://example.com" + factorsPath
	first := send(t, mock, http.MethodGet, factorsPath+"?PageSize=3", nil).object("meta")
	want := map[string]any{
		"key": "factors", "page": 0.0, "page_size": 3.0, "previous_page_url": nil,
		"first_page_url": base + "?PageSize=3&Page=0", "url": base + "?PageSize=3&Page=0",
		"next_page_url": base + "?PageSize=3&Page=1&PageToken=PT3",
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	second := send(t, mock, http.MethodGet, first["next_page_url"].(string), nil).object("meta")
	third := send(t, mock, http.MethodGet, second["next_page_url"].(string), nil).object("meta")
	if third["page"] != 2.0 || third["next_page_url"] != nil || third["url"] != second["next_page_url"] {
		t.Errorf("got %v", third)
	}
	forward := follow(t, mock, factorsPath+"?PageSize=3", "next_page_url")
	backward := follow(t, mock, third["url"].(string), "previous_page_url")
	if diff := cmp.Diff(forward, [][]string{backward[2], backward[1], backward[0]}); diff != "" {
		t.Error(diff)
	}
}

func TestPages_URLsHaveRequestHost(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	mock.AddFactor(Factor{Identity: testIdentity})
	mock.AddFactor(Factor{Identity: testIdentity})
	for scheme, server := range map[string]*httptest.Server{"http": httptest.NewServer(mock), "https": httptest.NewTLSServer(mock)} {
		t.Cleanup(server.Close)
		if !strings.HasPrefix(server.URL, scheme+":") {
			t.Fatalf("the server's URL is %s", server.URL)
		}
		got, err := exchange(server, http.MethodGet, factorsPath+"?PageSize=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := `"next_page_url":"` + server.URL + factorsPath + "?"; !strings.Contains(string(got.Body), want) {
			t.Errorf("got %s", got.Body)
		}
	}
}

func TestPages_SurviveDeletion(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	var all []string
	for range 6 {
		all = append(all, mock.AddFactor(Factor{Identity: testIdentity}).SID)
	}
	next := send(t, mock, http.MethodGet, factorsPath+"?PageSize=2", nil).object("meta")["next_page_url"].(string)
	mock.DeleteFactor(all[0])
	mock.DeleteFactor(all[1])
	if diff := cmp.Diff([][]string{all[2:4], all[4:6]}, follow(t, mock, next, "next_page_url")); diff != "" {
		t.Error(diff)
	}
}

func TestPages_Rules(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	mock.AddFactor(Factor{Identity: testIdentity})
	for query, want := range map[string]int{
		"PageSize=1": 200, "PageSize=1000": 200, "Page=0": 200, "Page=1&PageToken=PT1": 200,
		"Page=1&pageToken=PT1": 200, "pageToken=nonsense": 400,
		"PageSize=0": 400, "PageSize=1001": 400, "PageSize=x": 400, "PageSize=": 400, "PageSize=1&PageSize=2": 400,
		"Page=-1": 400, "Page=1": 400, "PageToken=nonsense": 400, "PageToken=PT-1": 400, "Limit=5": 400, "pagesize=5": 400,
	} {
		got := send(t, mock, http.MethodGet, factorsPath+"?"+query, nil)
		if got.Status != want {
			t.Errorf("%s: got %d %s", query, got.Status, got.Raw)
		}
		if want == 400 {
			wantError(t, got, 400, 60200)
		}
	}
}

func TestPages_UnknownEntity(t *testing.T) {
	t.Parallel()
	wantError(t, send(t, New(Config{}), http.MethodGet, factorsPath, nil), 404, 20404)
	got := send(t, New(Config{UnknownEntityEmpty: true}), http.MethodGet, factorsPath, nil)
	wantStatus(t, got, http.StatusOK)
	if !strings.Contains(got.Raw, `"factors":[]`) {
		t.Errorf("got %s", got.Raw)
	}
}
