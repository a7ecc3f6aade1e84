// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// book serves factors in pages. The function link returns the URL of a page for a relative one.
type book struct {
	factors int
	link    func(relative string) string

	mu      sync.Mutex
	queries []string
}

func (b *book) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.queries = append(b.queries, r.URL.RawQuery)
	b.mu.Unlock()
	size := 50
	if s := r.URL.Query().Get("PageSize"); s != "" {
		size, _ = strconv.Atoi(s)
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("Page"))
	var factors []string
	for n := page * size; n < min((page+1)*size, b.factors); n++ {
		factors = append(factors, factorJSON(n))
	}
	next := "null"
	if (page+1)*size < b.factors {
		next = strconv.Quote(b.link(fmt.Sprintf("%s?PageSize=%d&Page=%d&PageToken=PA%%2B%d", r.URL.Path, size, page+1, page)))
	}
	_, _ = fmt.Fprintf(w, `{"factors":[%s],"meta":{"page":%d,"next_page_url":%s}}`, strings.Join(factors, ","), page, next)
}

func TestPages_InOrder(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		factors, pageSize, pages int
		first                    string // query of the first request
	}{
		"the API's page size":   {2500, 0, 50, ""},
		"the largest page size": {2500, MaxPageSize, 3, "PageSize=1000"},
		"pages of one":          {3, 1, 3, "PageSize=1"},
		"a full last page":      {100, 50, 2, "PageSize=50"},
		"one page":              {7, 0, 1, ""},
	}
	for name, test := range tests {
		for kind, relative := range map[string]bool{"absolute": false, "relative": true} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				pages := &book{factors: test.factors}
				server := httptest.NewServer(pages)
				t.Cleanup(server.Close)
				pages.link = func(path string) string { return server.URL + path }
				if relative {
					pages.link = func(path string) string { return path }
				}
				n := 0
				for factor, err := range Factors.All(t.Context(), newClient(t, server.URL), test.pageSize, robot.path()...) {
					if err != nil {
						t.Fatal(err)
					}
					if factor.SID != factorSID(n) {
						t.Fatalf("factor %d is %s", n, factor.SID)
					}
					n++
				}
				if n != test.factors || len(pages.queries) != test.pages || pages.queries[0] != test.first {
					t.Errorf("%d factors over %d pages, the first %q", n, len(pages.queries), pages.queries[0])
				}
				if test.pages > 1 && !strings.HasSuffix(pages.queries[1], "PageToken=PA%2B0") {
					t.Errorf("the page's URL was not used as given: %s", pages.queries[1])
				}
			})
		}
	}
}

func TestPages_StopEarly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ take, pages int }{{1, 1}, {10, 1}, {11, 2}, {20, 2}} {
		t.Run(fmt.Sprint(test.take), func(t *testing.T) {
			t.Parallel()
			pages := &book{factors: 100, link: func(path string) string { return path }}
			server := httptest.NewServer(pages)
			t.Cleanup(server.Close)
			n := 0
			for _, err := range Factors.All(t.Context(), newClient(t, server.URL), 10, robot.path()...) {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n == test.take {
					break
				}
			}
			if len(pages.queries) != test.pages {
				t.Errorf("%d pages were fetched for %d factors, want %d", len(pages.queries), test.take, test.pages)
			}
		})
	}
}

func TestPages_CanceledInBetween(t *testing.T) {
	t.Parallel()
	pages := &book{factors: 100, link: func(path string) string { return path }}
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var got error
	for _, err := range Factors.All(ctx, newClient(t, server.URL), 10, robot.path()...) {
		if got = err; err == nil {
			n++
			cancel()
		}
	}
	if n != 10 || !errors.Is(got, context.Canceled) || len(pages.queries) != 1 {
		t.Errorf("%d factors, %d pages, error %v", n, len(pages.queries), got)
	}
}

// TestPages_StayOnTheConfiguredHost checks that only the path and query of a page URL are used.
func TestPages_StayOnTheConfiguredHost(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := newServer(t, counted(&elsewhere, respond(http.StatusOK, `{"factors":[]}`)))
	otherHost := strings.TrimPrefix(other.URL, "http://")
	t.Cleanup(func() {
		if elsewhere.Load() != 0 {
			t.Errorf("%d requests went to another host", elsewhere.Load())
		}
	})
	const path = factorsPath + "?Page=1&PageToken=PA%2B1"
	tests := map[string]struct {
		link string
		want string // the request URI of the next page, empty for an error
	}{
		"another host":     {other.URL + path, path},
		"another spelling": {"http://LOCALHOST" + path, path},
		"no scheme":        {"//" + otherHost + path, path},
		"another port":     {"http://127.0.0.1:1" + path, path},
		"another scheme":   {"https://127.0.0.1" + path, path},
		"a relative path":  {path, path},
		"a fragment":       {path + "#x", path},
		"only a query":     {"?Page=1", factorsPath + "?Page=1"},
		"a user":           {"http://user:password@" + otherHost + path, path},
		"another case":     {strings.Replace(path, "robot", "ROBOT", 1), path},
		"an escaped path":  {strings.Replace(path, "robot", "%72obot", 1), path},
		"file":             {"file:///etc/passwd", ""},
		"another list":     {strings.Replace(path, "Factors", "Challenges", 1), ""},
		"another identity": {strings.Replace(path, "0001", "0002", 1), ""},
		"a longer path":    {strings.Replace(path, "?", "/"+factorSID(1)+"?", 1), ""},
		"dots":             {strings.Replace(path, "?", "/../../../../Accounts/evil?", 1), ""},
		"escaped dots":     {strings.Replace(path, "?", "/%2e%2e/Factors?", 1), ""},
		"the API":          {"/v2?Page=1", ""},
		"opaque":           {"http:" + otherHost, ""},
		"not a URL":        {"http://[::bad", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var uris []string
			c := newClient(t, newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if _, password, _ := r.BasicAuth(); password != authToken {
					t.Errorf("password %q", password)
				}
				uris = append(uris, r.URL.RequestURI())
				w.Header().Set("Twilio-Request-Id", "RQ0123")
				next := test.link
				if len(uris) > 1 {
					next = ""
				}
				_, _ = fmt.Fprintf(w, `{"factors":[%s],"meta":{"next_page_url":%q}}`, factorJSON(1), next)
			}).URL, withRetries(2))
			factors := 0
			var got *Error
			for _, err := range Factors.All(t.Context(), c, 0, robot.path()...) {
				if err == nil {
					factors++
				} else if !errors.As(err, &got) {
					t.Fatalf("error %v", err)
				}
			}
			if test.want == "" {
				if len(uris) != 1 || got == nil || got.Status != http.StatusOK || got.RequestID != "RQ0123" ||
					!strings.Contains(got.Error(), "the next page") {
					t.Errorf("%d requests, error %+v", len(uris), got)
				}
				return
			}
			if got != nil || factors != 2 || len(uris) != 2 || uris[1] != test.want {
				t.Errorf("%d factors, error %v, requests %q, want %q", factors, got, uris, test.want)
			}
		})
	}
}

// TestPages_KeepTheBasePath reads a list through a proxy that adds a path.
func TestPages_KeepTheBasePath(t *testing.T) {
	t.Parallel()
	const prefix = "/proxies/a%2Fb"
	for name, link := range map[string]string{
		"Twilio's address":    DefaultBaseURL + factorsPath + "?Page=1",
		"the proxy's address": "https://proxy.example" + prefix + factorsPath + "?Page=1",
		"a relative path":     prefix + factorsPath + "?Page=1",
		"only a query":        "?Page=1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var uris []string
			server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if uris = append(uris, r.URL.RequestURI()); len(uris) > 1 {
					link = ""
				}
				_, _ = fmt.Fprintf(w, `{"factors":[],"meta":{"next_page_url":%q}}`, link)
			})
			for _, err := range Factors.All(t.Context(), newClient(t, server.URL+prefix), 0, robot.path()...) {
				t.Error(err)
			}
			if want := []string{prefix + factorsPath, prefix + factorsPath + "?Page=1"}; !slices.Equal(uris, want) {
				t.Errorf("requests %q, want %q", uris, want)
			}
		})
	}
}

func TestPages_EndlessListIsError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		next     func(n int64) string
		requests int64
		err      string
	}{
		"the same page":       {func(int64) string { return "?Page=1" }, 2, "already read"},
		"the first page":      {func(int64) string { return factorsPath }, 1, "already read"},
		"only the fragment":   {func(n int64) string { return fmt.Sprintf("?Page=1#%d", n) }, 2, "already read"},
		"a cycle of three":    {func(n int64) string { return fmt.Sprintf("?Page=%d", n%3) }, 4, "already read"},
		"always another page": {func(n int64) string { return fmt.Sprintf("?Page=%d", n) }, maxPages, "more than 10000 pages"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			c := newClient(t, newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"factors":[],"meta":{"next_page_url":%q}}`, test.next(requests.Add(1)))
			}).URL)
			var got error
			for _, got = range Factors.All(t.Context(), c, 0, robot.path()...) { //nolint:revive // there is only the error to wait for
			}
			if got == nil || !strings.Contains(got.Error(), test.err) || requests.Load() != test.requests {
				t.Errorf("%d requests, error %v, want %d, %s", requests.Load(), got, test.requests, test.err)
			}
		})
	}
}

// TestPages_LongListIsError reads lists that never end as a data source does, which keeps every
// object.
func TestPages_LongListIsError(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	factor := strings.Replace(factorJSON(1), "{}", `{},"metadata":{"k":"x"}`, 1)
	service := fmt.Sprintf(`{"sid":%q,"friendly_name":%q}`, serviceSID, strings.Repeat("x", 1500))
	list := func(key string, n int, object string) string {
		return fmt.Sprintf(`{%q:[%s%s],`, key, strings.Repeat(object+",", n-1), object)
	}
	factors := func(c *Client) (any, int, error) { return keepAll(Factors.All(t.Context(), c, 0, robot.path()...)) }
	services := func(c *Client) (any, int, error) { return keepAll(Services.All(t.Context(), c, 0)) }
	for name, test := range map[string]struct { //nolint:paralleltest // see above
		page string
		read func(*Client) (kept any, objects int, err error)
		err  string
	}{
		"many objects":         {list("factors", MaxPageSize, factor), factors, "has more than 100000 objects"},
		"large objects":        {list("services", MaxPageSize, service), services, "is larger than 64 MiB"},
		"many nulls in a page": {list("factors", 1<<20, "null"), factors, "a page has more than 1000 objects"},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			c := newClient(t, newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `%s"meta":{"next_page_url":"?Page=%d"}}`, test.page, requests.Add(1))
			}).URL)
			kept, objects, err := test.read(c)
			runtime.GC()
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			t.Logf("%d MiB in use after %d objects in %d pages", memory.HeapAlloc>>20, objects, requests.Load())
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if memory.HeapAlloc > 160<<20 {
				t.Errorf("%d MiB are in use", memory.HeapAlloc>>20)
			}
			runtime.KeepAlive(kept)
		})
	}
}

// keepAll reads a list to its end and returns its objects and their number.
func keepAll[T any](list iter.Seq2[T, error]) (any, int, error) {
	var kept []T
	for object, err := range list {
		if err != nil {
			return kept, len(kept), err
		}
		kept = append(kept, object)
	}
	return kept, len(kept), nil
}

// TestPages_SlowListIsError checks that the time of requests is limited, and that of the caller is
// not.
func TestPages_SlowListIsError(t *testing.T) {
	t.Parallel()
	for _, slowServer := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				next := fmt.Sprintf("?Page=%d", requests)
				if requests++; slowServer {
					time.Sleep(30 * time.Second)
				} else if requests == 30 {
					next = ""
				}
				_, _ = fmt.Fprintf(w, `{"factors":[%s],"meta":{"next_page_url":%q}}`, factorJSON(1), next)
			}))
			var got error
			for _, err := range Factors.All(t.Context(), c, 0, robot.path()...) {
				if got = err; !slowServer {
					time.Sleep(time.Minute)
				}
			}
			if slowServer && (got == nil || !strings.Contains(got.Error(), "took more than 10m0s") || requests != 20) {
				t.Errorf("%d requests, error %v", requests, got)
			}
			if !slowServer && (got != nil || requests != 30) {
				t.Errorf("%d requests, error %v", requests, got)
			}
		})
	}
}

const factorsPath = "/v2/Services/" + serviceSID + "/Entities/robot-0001/Factors"

// TestPages_LaterPageNotFound checks that a 404 for a later page is not treated as an empty list.
func TestPages_LaterPageNotFound(t *testing.T) {
	t.Parallel()
	pages := &book{factors: 100}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("Page") == "1" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, `{"code":20404,"message":"Not found","status":404}`)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	pages.link = func(path string) string { return server.URL + path }
	var last error
	for _, err := range Factors.All(t.Context(), newClient(t, server.URL), 0, robot.path()...) {
		last = err
	}
	if last == nil || IsNotFound(last) || !strings.Contains(last.Error(), "earlier pages of the list exist") {
		t.Errorf("the iteration ended with %v, want an error that is not about a missing entity", last)
	}
}

func TestPages_WithoutList(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `{"meta":{}}`, `{"factors":null}`, `{"factors":{}}`, `{"factors":[null]}`, `{"items":[]}`} {
		c := newClient(t, newServer(t, respond(http.StatusOK, body)).URL)
		var errs []error
		for _, err := range Factors.All(t.Context(), c, 0, robot.path()...) {
			errs = append(errs, err)
		}
		if len(errs) != 1 || errs[0] == nil {
			t.Errorf("%s: errors %v, want one", body, errs)
		}
	}
}

func FuzzNextPage(f *testing.F) {
	for _, seed := range []string{
		"", "?Page=1", "/v2", "//evil.example/v2", "https://verify.twilio.com/v2?Page=1", "https://verify.twilio.com:443/v2",
		"https://VERIFY.TWILIO.COM/v2", "https://user@verify.twilio.com/", "https://verify.twilio.com@evil.example/",
		"https:evil.example", `https:\\evil.example`, "https://verify.twilio.com\x00.evil.example", "http://verify.twilio.com/",
		"https://verify.twilio.com%2eevil.example/", "#a", "https://[::1]/", " https://evil.example", "/..//evil.example/../..",
	} {
		f.Add(seed)
	}
	c, err := New(Config{BaseURL: DefaultBaseURL})
	if err != nil {
		f.Fatal(err)
	}
	current := c.endpointURL("/v2/Services/{ServiceSid}/Entities/{Identity}/Factors", serviceSID, robot.Identity)
	f.Fuzz(func(t *testing.T, raw string) {
		next, err := c.nextPage(current, raw, listing{volume: &volume{}, seen: map[string]bool{current.String(): true}})
		if err != nil || next == nil {
			return
		}
		// Check the URL as it is parsed for the request.
		req, err := http.NewRequest(http.MethodGet, next.String(), nil)
		if err != nil {
			return
		}
		if req.URL.Scheme != "https" || !strings.EqualFold(req.URL.Host, "verify.twilio.com") || req.URL.User != nil ||
			!strings.EqualFold(req.Host, "verify.twilio.com") {
			t.Errorf("%q leads to %s", raw, req.URL)
		}
	})
}
