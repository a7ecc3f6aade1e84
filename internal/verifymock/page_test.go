// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sidsOf returns the SIDs of the objects on a page.
func sidsOf(got result, key string) []string {
	var all []string
	rows, _ := got.Body[key].([]any)
	for _, r := range rows {
		all = append(all, r.(map[string]any)["sid"].(string))
	}
	return all
}

func sids(got result) []string { return sidsOf(got, "factors") }

// follow returns the SIDs on each page of a list, starting with the page at url. The direction is
// next_page_url or previous_page_url.
func follow(t *testing.T, mock *Server, url, key, direction string) (pages [][]string) {
	t.Helper()
	for url != "" {
		got := expect(t, mock, "GET "+url, "200")
		pages = append(pages, sidsOf(got, key))
		url = strings.TrimPrefix(got.value("meta."+direction), "null")
	}
	return pages
}

// addFactors adds factors of the test's entity, and as many of others, and returns the SIDs of the first.
func addFactors(mock *Server, count int) (all []string) {
	for range count {
		all = append(all, mock.AddFactor(Factor{Identity: testIdentity}).SID)
		mock.AddFactor(Factor{})
	}
	return all
}

func TestPages_Follow(t *testing.T) {
	t.Parallel()
	for count, wantPages := range map[int]int{0: 1, 1: 1, 49: 1, 50: 1, 51: 2, 100: 2, 2500: 50} {
		mock := New(Config{UnknownEntityEmpty: true})
		want := addFactors(mock, count)
		pages := follow(t, mock, factorsPath, "factors", "next_page_url")
		if diff := cmp.Diff(want, slices.Concat(pages...)); diff != "" || len(pages) != wantPages {
			t.Errorf("got %d pages, want %d; %s", len(pages), wantPages, diff)
		}
		var all []string // in the order of creation
		for _, f := range mock.Factors() {
			if f.Identity == testIdentity {
				all = append(all, f.SID)
			}
		}
		if diff := cmp.Diff(want, all); diff != "" || len(mock.Factors()) != 2*count {
			t.Error(diff)
		}
	}
}

func TestPages_Meta(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	all := addFactors(mock, 7)
	const base = "http://example.com" + factorsPath + "?PageSize=3&Page="
	expect(t, mock, "GET "+factorsPath+"?PageSize=3", "200 meta.key=factors; meta.page=0; meta.page_size=3; meta.previous_page_url=null"+
		"; meta.first_page_url="+base+"0; meta.url="+base+"0; meta.next_page_url="+base+"1&PageToken=PT5")
	second := expect(t, mock, "GET "+base+"1&PageToken=PT5", "200")
	third := second.value("meta.next_page_url")
	expect(t, mock, "GET "+third, "200 meta.page=2; meta.next_page_url=null; meta.url="+third)
	pages := [][]string{all[:3], all[3:6], all[6:]}
	if diff := cmp.Diff(pages, follow(t, mock, factorsPath+"?PageSize=3", "factors", "next_page_url")); diff != "" {
		t.Error(diff)
	}
	slices.Reverse(pages)
	if diff := cmp.Diff(pages, follow(t, mock, third, "factors", "previous_page_url")); diff != "" {
		t.Error(diff)
	}
	mock.DeleteFactor(all[0])
	mock.DeleteFactor(all[1])
	if diff := cmp.Diff([][]string{all[3:6], all[6:]}, follow(t, mock, base+"1&PageToken=PT5", "factors", "next_page_url")); diff != "" {
		t.Errorf("after a deletion: %s", diff)
	}
}

func TestPages_URLsHaveRequestHost(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	addFactors(mock, 2)
	for scheme, server := range map[string]*httptest.Server{"http": httptest.NewServer(mock), "https": httptest.NewTLSServer(mock)} {
		t.Cleanup(server.Close)
		got, err := exchange(server, http.MethodGet, factorsPath+"?PageSize=1", nil)
		want := `"next_page_url":"` + server.URL + factorsPath + "?"
		if err != nil || !strings.HasPrefix(server.URL, scheme+":") || !strings.Contains(string(got.Body), want) {
			t.Errorf("%s: got %s, %v", server.URL, got.Body, err)
		}
	}
}

func TestPages_Rules(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	addFactors(mock, 1)
	for query, want := range map[string]string{
		"PageSize=1": "200", "PageSize=1000": "200", "Page=0": "200", "Page=1&PageToken=PT1": "200", "Page=1&pageToken=PT1": "200",
		"pageToken=nonsense": "400 60200 PageToken", "PageSize=0": "400 60200 PageSize", "PageSize=1001": "400 60200 PageSize",
		"PageSize=x": "400 60200 PageSize", "PageSize=": "400 60200 PageSize", "PageSize=1&PageSize=2": "400 60200 PageSize",
		"Page=-1": "400 60200 Page", "Page=1": "400 60200 PageToken", "PageToken=nonsense": "400 60200 PageToken",
		"PageToken=PT-1": "400 60200 PageToken", "Limit=5": "400 60200 Limit", "pagesize=5": "400 60200 pagesize",
	} {
		expect(t, mock, "GET "+factorsPath+"?"+query, want)
	}
	expect(t, New(Config{}), "GET "+factorsPath, "404 20404")
	expect(t, New(Config{UnknownEntityEmpty: true}), "GET "+factorsPath, "200 factors=[]")
}
