// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// book serves factors in pages, with links to URLs at a base.
type book struct {
	factors int
	base    string
	queries []string
}

func (b *book) serve(w http.ResponseWriter, r *http.Request) {
	b.queries = append(b.queries, r.URL.RawQuery)
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
		next = fmt.Sprintf(`"%s%s?PageSize=%d&Page=%d&PageToken=PA%%2B%d"`, b.base, r.URL.Path, size, page+1, page)
	}
	_, _ = fmt.Fprintf(w, `{"factors":[%s],"meta":{"page":%d,"next_page_url":%s}}`, strings.Join(factors, ","), page, next)
}

// read reads a list to its end, and returns how many objects it yields, and the error that ends it.
func read[T any](list iter.Seq2[T, error]) string {
	n, end := 0, error(nil)
	for _, err := range list {
		if end = err; err == nil {
			n++
		}
	}
	return fmt.Sprintf("%d objects, %s", n, message(end))
}

func robotFactors(ctx context.Context, c *Client, pageSize int) iter.Seq2[*Factor, error] {
	return Factors.All(ctx, c, pageSize, robot.path()...)
}

// pageWith returns a response with a page of one factor.
func pageWith(next string) http.HandlerFunc {
	return respond(http.StatusOK, fmt.Sprintf(`{"factors":[%s],"meta":{"next_page_url":%q}}`, factorJSON(1), next))
}

func TestPages_InOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		factors, pageSize, take int
		want                    string // pages, and the query of the first request
	}{
		"the API's page size":   {2500, 0, 2500, "50 pages, "},
		"the largest page size": {2500, MaxPageSize, 2500, "3 pages, PageSize=1000"},
		"pages of one":          {3, 1, 3, "3 pages, PageSize=1"},
		"a full last page":      {100, 50, 100, "2 pages, PageSize=50"},
		"one page":              {7, 0, 7, "1 pages, "},
		"first":                 {100, 10, 1, "1 pages, PageSize=10"},
		"last of a page":        {100, 10, 10, "1 pages, PageSize=10"},
		"first of a page":       {100, 10, 11, "2 pages, PageSize=10"},
	} {
		for _, base := range []string{"http://127.0.0.1:1", ""} {
			pages, n := &book{factors: test.factors, base: base}, 0
			for factor, err := range robotFactors(t.Context(), newMemoryClient(t, pages.serve), test.pageSize) {
				if err != nil || factor.SID != factorSID(n) {
					t.Fatalf("%s: factor %d is %v, error %v", name, n, factor, err)
				}
				if n++; n == test.take {
					break
				}
			}
			expect(t, name, fmt.Sprintf("%d pages, %s", len(pages.queries), pages.queries[0]), test.want)
			if n != test.take || len(pages.queries) > 1 && !strings.HasSuffix(pages.queries[1], "PageToken=PA%2B0") {
				t.Errorf("%s: %d factors, queries %q; want %d, and the URL of the page as given", name, n, pages.queries, test.take)
			}
		}
	}
}

func TestPages_CanceledInBetween(t *testing.T) {
	t.Parallel()
	pages := &book{factors: 100}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, end := 0, error(nil)
	for _, err := range robotFactors(ctx, newMemoryClient(t, pages.serve), 10) {
		if end = err; err == nil {
			n++
			cancel()
		}
	}
	if n != 10 || !errors.Is(end, context.Canceled) || len(pages.queries) != 1 {
		t.Errorf("%d factors, %d pages, error %v", n, len(pages.queries), end)
	}
}

// TestPages_StayOnTheConfiguredHost checks that only the path and query of a page URL are used.
func TestPages_StayOnTheConfiguredHost(t *testing.T) {
	t.Parallel()
	const (
		path     = factorsPath + "?Page=1&PageToken=PA%2B1"
		another  = "1 objects, HTTP 200, but the address of the next page is not one of the same list"
		notAURL  = "1 objects, HTTP 200, but the address of the next page is not a URL"
		followed = "2 objects, ok; GET " + path
	)
	for link, want := range map[string]string{
		"http://other.example" + path: followed,
		"http://LOCALHOST" + path:     followed,
		"//other.example" + path:      followed,
		"http://127.0.0.1:2" + path:   followed,
		"https://127.0.0.1" + path:    followed,
		path:                          followed,
		path + "#x":                   followed,
		"?Page=1":                     "2 objects, ok; GET " + factorsPath + "?Page=1",
		"http://user:password@other.example" + path:               followed,
		strings.Replace(path, "robot", "ROBOT", 1):                followed,
		strings.Replace(path, "robot", "%72obot", 1):              followed,
		"file:///etc/passwd":                                      another,
		strings.Replace(path, "Factors", "Challenges", 1):         another,
		strings.Replace(path, "0001", "0002", 1):                  another,
		strings.Replace(path, "?", "/"+factorSID(1)+"?", 1):       another,
		strings.Replace(path, "?", "/../../../../Accounts/x?", 1): another,
		strings.Replace(path, "?", "/%2e%2e/Factors?", 1):         another,
		"/v2?Page=1":         another,
		"http:other.example": notAURL,
		"http://[::bad":      notAURL,
	} {
		onHost := func(next http.HandlerFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Host != "127.0.0.1:1" {
					t.Errorf("%s: a request went to %s", link, r.Host)
				}
				next(w, r)
			}
		}
		c, server := newScript(t, onHost(pageWith(link)), onHost(pageWith("")))
		got := read(robotFactors(t.Context(), c, 0))
		expect(t, link, got+strings.TrimPrefix(server.sent(), "GET "+factorsPath), want)
	}
}

// TestPages_KeepTheBasePath reads a list through a proxy that adds a path.
func TestPages_KeepTheBasePath(t *testing.T) {
	t.Parallel()
	const prefix = "/proxies/a%2Fb"
	for _, link := range []string{
		DefaultBaseURL + factorsPath + "?Page=1", "https://proxy.example" + prefix + factorsPath + "?Page=1", prefix + factorsPath + "?Page=1", "?Page=1",
	} {
		server := &script{responses: []http.HandlerFunc{pageWith(link), pageWith("")}}
		c := newMemoryClient(t, server.serve, func(config *Config) { config.BaseURL += prefix })
		got := read(robotFactors(t.Context(), c, 0))
		expect(t, link, got+"; "+server.sent(), "2 objects, ok; GET "+prefix+factorsPath+"; GET "+prefix+factorsPath+"?Page=1")
	}
}

func TestPages_EndlessListIsError(t *testing.T) {
	t.Parallel()
	const seen = " objects, HTTP 200, but the next page was already read"
	for name, test := range map[string]struct {
		next func(n int) string
		want string
	}{
		"the same page":     {func(int) string { return "?Page=1" }, "2" + seen},
		"the first page":    {func(int) string { return factorsPath }, "1" + seen},
		"only the fragment": {func(n int) string { return fmt.Sprintf("?Page=1#%d", n) }, "2" + seen},
		"a cycle of three":  {func(n int) string { return fmt.Sprintf("?Page=%d", n%3) }, "4" + seen},
		"always another page": {
			func(n int) string { return fmt.Sprintf("?Page=%d", n) }, "10000 objects, HTTP 200, but there are more than 10000 pages",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				pageWith(test.next(requests))(w, r)
			})
			expect(t, name, read(robotFactors(t.Context(), c, 0)), test.want)
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
	factors := func(c *Client) (any, error) { return keepAll(robotFactors(t.Context(), c, 0)) }
	services := func(c *Client) (any, error) { return keepAll(Services.All(t.Context(), c, 0)) }
	for name, test := range map[string]struct {
		page string
		read func(*Client) (kept any, err error)
		want string
	}{
		"many objects":         {list("factors", MaxPageSize, factor), factors, "the list has more than 100000 objects"},
		"large objects":        {list("services", MaxPageSize, service), services, "the list is larger than 64 MiB"},
		"many nulls in a page": {list("factors", 1<<20, "null"), factors, "a page has more than 1000 objects"},
	} {
		requests := 0
		c := newMemoryClient(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			_, _ = fmt.Fprintf(w, `%s"meta":{"next_page_url":"?Page=%d"}}`, test.page, requests)
		})
		kept, err := test.read(c)
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		expect(t, name, message(err), "HTTP 200, but "+test.want)
		if memory.HeapAlloc > 160<<20 {
			t.Errorf("%s: %d MiB are in use", name, memory.HeapAlloc>>20)
		}
		runtime.KeepAlive(kept)
	}
}

// keepAll reads a list to its end and returns its objects.
func keepAll[T any](list iter.Seq2[T, error]) (any, error) {
	var kept []T
	for object, err := range list {
		if err != nil {
			return kept, err
		}
		kept = append(kept, object)
	}
	return kept, nil
}

// TestPages_SlowListIsError checks that the time of requests is limited, and that of the caller is
// not.
func TestPages_SlowListIsError(t *testing.T) {
	t.Parallel()
	for slow, want := range map[string]string{
		"server": "20 objects, HTTP 200, but reading the list took more than 10m0s", "caller": "30 objects, ok",
	} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
				next := fmt.Sprintf("?Page=%d", requests)
				if requests++; slow == "server" {
					time.Sleep(30 * time.Second)
				} else if requests == 30 {
					next = ""
				}
				pageWith(next)(w, r)
			})
			expect(t, slow, read(func(yield func(*Factor, error) bool) {
				for factor, err := range robotFactors(t.Context(), c, 0) {
					if slow == "caller" {
						time.Sleep(time.Minute)
					}
					yield(factor, err)
				}
			}), want)
		})
	}
}

const factorsPath = "/v2/Services/" + serviceSID + "/Entities/robot-0001/Factors"

// TestPages_LaterPageNotFound checks that a 404 for a later page is not treated as an empty list.
func TestPages_LaterPageNotFound(t *testing.T) {
	t.Parallel()
	c, _ := newScript(t, pageWith("?Page=1"), failure(http.StatusNotFound, CodeNotFound))
	expect(t, "list", read(robotFactors(t.Context(), c, 0)),
		"1 objects, HTTP 404, but earlier pages of the list exist; the list may have changed while it was being read")
}

func TestPages_WithoutList(t *testing.T) {
	t.Parallel()
	const none = "the response has no list of factors"
	for body, want := range map[string]string{
		`{}`: none, `null`: none, `{"meta":{}}`: none, `{"factors":null}`: none, `{"items":[]}`: none,
		`{"factors":{}}`: "the response cannot be read: the body is JSON, but not what was expected (14 bytes)", `{"factors":[null]}`: "the list of factors contains null",
	} {
		c := newMemoryClient(t, respond(http.StatusOK, body))
		expect(t, body, read(robotFactors(t.Context(), c, 0)), "0 objects, HTTP 200, but "+want)
	}
}

func FuzzNextPage(f *testing.F) {
	for _, seed := range []string{
		"", "?Page=1", "/v2", "#a", "https://[::1]/", "https:evil.example", `https:\\evil.example`, " https://evil.example",
		factorsPath, "//evil.example" + factorsPath, "https://verify.twilio.com:443" + factorsPath, "https://VERIFY.TWILIO.COM" + factorsPath,
		"https://user@verify.twilio.com" + factorsPath, "https://verify.twilio.com@evil.example" + factorsPath,
		"http://verify.twilio.com" + factorsPath, "https://verify.twilio.com%2eevil.example" + factorsPath,
		"https://verify.twilio.com\x00.evil.example" + factorsPath, "/..//evil.example/../.." + factorsPath,
	} {
		f.Add(seed)
	}
	c, err := New(Config{BaseURL: DefaultBaseURL})
	if err != nil {
		f.Fatal(err)
	}
	current := c.endpointURL("", "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors", serviceSID, robot.Identity)
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
