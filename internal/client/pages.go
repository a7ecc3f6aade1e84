// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
)

const (
	// MaxPageSize is the largest page that the API returns.
	MaxPageSize = 1000
	// maxPages ends a listing that would never end. Twilio's limits allow an entity 120 factors;
	// this allows almost a hundred thousand times as many.
	maxPages = 10_000
)

// pages iterates over the objects of a list in the order of the API, fetching each page when it is
// needed. The list is in the response under key. pageSize is 1 to [MaxPageSize], or 0 for the API's
// default of 50. An error ends the iteration.
func pages[T any](ctx context.Context, c *Client, list endpoint, key string, pageSize int, params ...string) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		next := c.endpointURL(list.route, params...)
		if pageSize > 0 {
			next.RawQuery = url.Values{"PageSize": {strconv.Itoa(pageSize)}}.Encode()
		}
		seen := map[string]bool{}
		for next != nil {
			call := &call{endpoint: list, url: next}
			objects, nextURL, err := page[T](ctx, c, call, key)
			if err != nil {
				yield(nil, c.pageError(call, err, len(seen)))
				return
			}
			for i := range objects {
				if !yield(&objects[i], nil) {
					return
				}
			}
			seen[next.String()] = true
			if next, err = c.nextPage(next, nextURL, seen); err != nil {
				yield(nil, c.responseError(call, err))
				return
			}
		}
	}
}

// pageError returns the error for the page after the given number of pages. For any page but the
// first, it hides a 404, which callers would take to mean that the list does not exist.
func (c *Client) pageError(call *call, err error, pages int) error {
	if pages > 0 && IsNotFound(err) {
		return c.responseError(call, errors.New("earlier pages of the list exist; the list may have changed while it was being read"))
	}
	return err
}

// page fetches one page and returns the URL of the next one.
func page[T any](ctx context.Context, c *Client, call *call, key string) (objects []T, next string, err error) {
	var body map[string]json.RawMessage
	if err := c.do(ctx, call, &body); err != nil {
		return nil, "", err
	}
	var meta struct {
		NextPageURL string `json:"next_page_url"`
	}
	for name, out := range map[string]any{key: &objects, "meta": &meta} {
		if body[name] == nil || name == "meta" && isEmptyList(body[name]) {
			continue
		}
		if err := decode(body[name], out); err != nil {
			return nil, "", c.malformedError(call, err)
		}
	}
	if objects == nil {
		return nil, "", c.responseError(call, fmt.Errorf("the response has no list of %s", key))
	}
	return objects, meta.NextPageURL, nil
}

// nextPage returns the URL of the next page. It has the configured scheme and host, because the
// request carries the credentials, and the path of the base URL, which a proxy may have added.
func (c *Client) nextPage(current *url.URL, raw string, seen map[string]bool) (*url.URL, error) {
	if raw == "" {
		return nil, nil //nolint:nilnil // no next page is the usual end, not an error
	}
	parsed, err := current.Parse(raw)
	if err != nil || parsed.Opaque != "" {
		return nil, errors.New("the address of the next page is not a URL")
	}
	next := *c.base
	next.RawPath, next.RawQuery = parsed.EscapedPath(), parsed.RawQuery
	if prefix := c.base.EscapedPath(); !strings.HasPrefix(next.RawPath, prefix+"/") {
		next.RawPath = prefix + next.RawPath
	}
	next.Path, _ = url.PathUnescape(next.RawPath) // EscapedPath is valid
	switch {
	case seen[next.String()]:
		return nil, errors.New("the next page was already read")
	case len(seen) >= maxPages:
		return nil, fmt.Errorf("there are more than %d pages", maxPages)
	}
	return &next, nil
}
