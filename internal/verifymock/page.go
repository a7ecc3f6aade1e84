// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPageSize = 50
	maxPageSize     = 1000
	tokenPrefix     = "PT"
)

var pageParameters = []string{"PageSize", "Page", "PageToken"}

type wirePage struct {
	Factors []wireFactor `json:"factors"`
	Meta    pageMeta     `json:"meta"`
}

type pageMeta struct {
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	FirstPageURL    string  `json:"first_page_url"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
	NextPageURL     *string `json:"next_page_url"`
	Key             string  `json:"key"`
}

// pageRequest says which part of a list is wanted.
type pageRequest struct {
	number int
	size   int
	after  int // number of the last record of the page before, 0 for the first page
}

func (s *Server) listFactors(c *call) (any, *apiError) {
	p, refusal := s.readPage(c.logged.Query)
	if refusal != nil {
		return nil, refusal
	}
	e := s.state.entity(c.service.SID, c.path["Identity"])
	if e == nil {
		if !s.config.UnknownEntityEmpty {
			return nil, errNotFound(c.logged.Path)
		}
		e = &entity{}
	}
	start, _ := slices.BinarySearchFunc(e.records, p.after+1, func(r *record, n int) int { return r.number - n })
	end := min(start+p.size, len(e.records))

	factors := make([]wireFactor, 0, end-start)
	for _, r := range e.records[start:end] {
		factors = append(factors, s.wireFactor(c, r))
	}
	return wirePage{factors, p.meta(c, e.records, start, end)}, nil
}

// readPage checks the query of a list. Page is for the client's own use, but a page beyond the first needs a token.
func (s *Server) readPage(query url.Values) (pageRequest, *apiError) {
	p := pageRequest{size: defaultPageSize}
	var err error
	if query.Has("PageSize") {
		if p.size, err = strconv.Atoi(query.Get("PageSize")); err != nil || p.size < 1 || p.size > maxPageSize {
			return p, s.errInvalidParameter("PageSize")
		}
	}
	if query.Has("Page") {
		if p.number, err = strconv.Atoi(query.Get("Page")); err != nil || p.number < 0 {
			return p, s.errInvalidParameter("Page")
		}
	}
	if query.Has("PageToken") {
		number, ok := strings.CutPrefix(query.Get("PageToken"), tokenPrefix)
		if p.after, err = strconv.Atoi(number); err != nil || !ok || p.after < 0 {
			return p, s.errInvalidParameter("PageToken")
		}
	} else if p.number > 0 {
		return p, s.errInvalidParameter("PageToken")
	}
	return p, nil
}

// meta describes the page that holds records[start:end].
func (p pageRequest) meta(c *call, records []*record, start, end int) pageMeta {
	base := c.baseURL + c.logged.Path
	m := pageMeta{
		Page: p.number, PageSize: p.size, Key: "factors",
		FirstPageURL: fmt.Sprintf("%s?PageSize=%d&Page=0", base, p.size),
		URL:          fmt.Sprintf("%s?PageSize=%d&Page=%d", base, p.size, p.number),
	}
	pageURL := func(page, start int) *string {
		token := 0
		if start > 0 {
			token = records[start-1].number
		}
		u := fmt.Sprintf("%s?PageSize=%d&Page=%d&PageToken=%s%d", base, p.size, page, tokenPrefix, token)
		return &u
	}
	if p.after > 0 {
		m.URL += fmt.Sprintf("&PageToken=%s%d", tokenPrefix, p.after)
	}
	if start > 0 {
		m.PreviousPageURL = pageURL(max(p.number-1, 0), max(start-p.size, 0))
	}
	if end < len(records) {
		m.NextPageURL = pageURL(p.number+1, end)
	}
	return m
}
