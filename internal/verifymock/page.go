// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
)

const (
	defaultPageSize = 50
	maxPageSize     = 1000 // of most lists
	tokenPrefix     = "PT"
)

// pageParameters are the parameters of lists. Twilio's SDK for iOS sends the token as pageToken.
var pageParameters = []string{"PageSize", "Page", "PageToken", "pageToken"}

type pageMeta struct {
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	FirstPageURL    string  `json:"first_page_url"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
	NextPageURL     *string `json:"next_page_url"`
	Key             string  `json:"key"`
}

// pageRequest is the page of a list that a request asks for.
type pageRequest struct {
	number int
	size   int
	after  int    // position of the last row of the previous page; 0 for the first page
	list   string // URL with the filters, up to the page parameters

	descending bool
}

// listPage returns the page of the rows that the call asks for, each row converted by wire. The
// rows are in order of creation.
func listPage(s *Server, c *call, key string, rows []*record, wire func(*record) map[string]any) (any, *apiError) {
	p, refusal := s.readPage(c)
	if refusal != nil {
		return nil, refusal
	}
	rows = slices.DeleteFunc(slices.Clone(rows), c.hides)
	if p.descending {
		slices.Reverse(rows)
	}
	start := sort.Search(len(rows), func(i int) bool { return p.isAfter(rows[i].number) })
	end := min(start+p.size, len(rows))
	wires := make([]map[string]any, 0, end-start)
	for _, r := range rows[start:end] {
		wires = append(wires, wire(r))
	}
	token := func(i int) int { // of the page that starts at the row with index i
		if i == 0 {
			return 0
		}
		return rows[i-1].number
	}
	return map[string]any{key: wires, "meta": p.meta(key, start, end, len(rows), token)}, nil
}

// isAfter reports whether the row at that position comes after the previous page.
func (p pageRequest) isAfter(position int) bool {
	if p.descending && p.after > 0 {
		return position < p.after
	}
	return position > p.after
}

// readPage reads the query of a list. Page has no effect, but any page except the first requires a
// token.
func (s *Server) readPage(c *call) (pageRequest, *apiError) {
	query := c.logged.Query
	p := pageRequest{
		size:       defaultPageSize,
		list:       c.baseURL + c.logged.Path + "?" + filters(query),
		descending: query.Get("Order") == orderDescending,
	}
	var err error
	if query.Has("PageSize") {
		if p.size, err = strconv.Atoi(query.Get("PageSize")); err != nil || p.size < 1 || p.size > cmp.Or(c.route.maxPage, maxPageSize) {
			return p, errInvalidParameter("PageSize")
		}
	}
	if query.Has("Page") {
		if p.number, err = strconv.Atoi(query.Get("Page")); err != nil || p.number < 0 {
			return p, errInvalidParameter("Page")
		}
	}
	if token := cmp.Or(query.Get("PageToken"), query.Get("pageToken")); token != "" || query.Has("PageToken") {
		number, ok := strings.CutPrefix(token, tokenPrefix)
		if p.after, err = strconv.Atoi(number); err != nil || !ok || p.after < 0 {
			return p, errInvalidParameter("PageToken")
		}
	} else if p.number > 0 {
		return p, errInvalidParameter("PageToken")
	}
	return p, nil
}

// filters returns the part of the query that selects rows, for the URLs of the other pages.
func filters(query url.Values) string {
	kept := url.Values{}
	for name, values := range query {
		if !slices.Contains(pageParameters, name) {
			kept[name] = values
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return kept.Encode() + "&"
}

// meta describes the page that has the rows from start up to end, out of all rows.
func (p pageRequest) meta(key string, start, end, all int, token func(int) int) pageMeta {
	m := pageMeta{
		Page: p.number, PageSize: p.size, Key: key,
		FirstPageURL: fmt.Sprintf("%sPageSize=%d&Page=0", p.list, p.size),
		URL:          fmt.Sprintf("%sPageSize=%d&Page=%d", p.list, p.size, p.number),
	}
	pageURL := func(page, start int) *string {
		u := fmt.Sprintf("%sPageSize=%d&Page=%d&PageToken=%s%d", p.list, p.size, page, tokenPrefix, token(start))
		return &u
	}
	if p.after > 0 {
		m.URL += fmt.Sprintf("&PageToken=%s%d", tokenPrefix, p.after)
	}
	if start > 0 {
		m.PreviousPageURL = pageURL(max(p.number-1, 0), max(start-p.size, 0))
	}
	if end < all {
		m.NextPageURL = pageURL(p.number+1, end)
	}
	return m
}
