// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	// MaxPageSize is the largest page that the API gives.
	MaxPageSize = 1000
	// maxPages bounds a listing that never ends. An entity has at most 120
	// factors by Twilio's limits; this allows for a hundred thousand times more.
	maxPages = 10_000
)

// Factors goes through the factors of an entity in the order of the API,
// fetching a page when the one before is used up. pageSize is 1 to
// [MaxPageSize], or 0 for the API's default of 50. An error ends it.
func (c *Client) Factors(ctx context.Context, entity Entity, pageSize int) iter.Seq2[*Factor, error] {
	return func(yield func(*Factor, error) bool) {
		if err := entity.check(); err != nil {
			yield(nil, &Error{Operation: OperationList, Err: err})
			return
		}
		next := c.endpoint(factorsRoute, entity.ServiceSID, entity.Identity)
		if pageSize > 0 {
			next.RawQuery = url.Values{"PageSize": {strconv.Itoa(pageSize)}}.Encode()
		}
		seen := map[string]bool{}
		for next != nil {
			call := &call{operation: OperationList, method: http.MethodGet, route: factorsRoute, url: next}
			page, err := c.factorsPage(ctx, call)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Factors {
				if !yield(&page.Factors[i], nil) {
					return
				}
			}
			seen[next.String()] = true
			if next, err = c.nextPage(next, page.Meta.NextPageURL, seen); err != nil {
				yield(nil, c.answerError(call, err))
				return
			}
		}
	}
}

type factorsPage struct {
	Factors []Factor `json:"factors"`
	Meta    struct {
		NextPageURL string `json:"next_page_url"`
	} `json:"meta"`
}

func (c *Client) factorsPage(ctx context.Context, call *call) (*factorsPage, error) {
	var page factorsPage
	if err := c.do(ctx, call, &page); err != nil {
		return nil, err
	}
	if page.Factors == nil {
		return nil, c.answerError(call, errors.New("the answer has no list of factors"))
	}
	return &page, nil
}

// nextPage checks where the server sends us on to: the credentials go with the
// request, so that only the configured host will do.
func (c *Client) nextPage(current *url.URL, raw string, seen map[string]bool) (*url.URL, error) {
	if raw == "" {
		return nil, nil //nolint:nilnil // no next page is the usual end, not an error
	}
	next, err := current.Parse(raw)
	if err != nil {
		return nil, errors.New("the address of the next page is not a URL")
	}
	next.Fragment, next.RawFragment = "", ""
	switch {
	case next.Scheme != c.base.Scheme || !strings.EqualFold(next.Host, c.base.Host) || next.User != nil:
		return nil, fmt.Errorf("the next page is at %q and not at %s://%s, where the credentials belong; it was not fetched",
			next.Scheme+"://"+next.Host, c.base.Scheme, c.base.Host)
	case seen[next.String()]:
		return nil, errors.New("the pages go round in a circle")
	case len(seen) >= maxPages:
		return nil, fmt.Errorf("there are more than %d pages", maxPages)
	}
	return next, nil
}
