// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// MaxPageSize is the largest page that the API returns.
	MaxPageSize = 1000
	// A list that would never end, or would not fit into memory, ends at the first of these limits.
	// Twilio allows an entity 120 factors.
	maxPages   = 10_000
	maxObjects = 100_000
	maxBytes   = 64 << 20
	maxTime    = 10 * time.Minute // of requests, without the time that the caller takes
)

// listing is what the pages of a list that were read add up to.
type listing struct {
	*volume

	seen map[string]bool // the pages
	time time.Duration
}

// volume is the size of a list, or of lists that are read together.
type volume struct{ objects, bytes atomic.Int64 }

// check returns an error if the list is too long to be read further.
func (l listing) check() error {
	switch {
	case len(l.seen) >= maxPages:
		return fmt.Errorf("there are more than %d pages", maxPages)
	case l.objects.Load() >= maxObjects:
		return fmt.Errorf("the list has more than %d objects", maxObjects)
	case l.bytes.Load() >= maxBytes:
		return fmt.Errorf("the list is larger than %d MiB", maxBytes>>20)
	case l.time >= maxTime:
		return fmt.Errorf("reading the list took more than %s", maxTime)
	default:
		return nil
	}
}

// pages iterates over the objects of a list in the order of the API, fetching each page when it is
// needed. The list is in the response under key. pageSize is 1 to [MaxPageSize], or 0 for the API's
// default of 50. together is the size of all lists to which the limits apply. An error ends the
// iteration.
func pages[T any](ctx context.Context, c *Client, list *call, key string, pageSize int, together *volume) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		next := list.url
		if pageSize > 0 {
			next.RawQuery = url.Values{"PageSize": {strconv.Itoa(pageSize)}}.Encode()
		}
		var none T
		read := listing{volume: together, seen: map[string]bool{}}
		if err := read.check(); err != nil {
			yield(none, &Error{Operation: list.operation, Err: err})
			return
		}
		for next != nil {
			call, started := *list, time.Now()
			call.url = next
			objects, nextURL, err := page[T](ctx, c, &call, key, len(read.seen) == 0)
			if err != nil {
				yield(none, err)
				return
			}
			read.seen[next.String()] = true
			read.time += time.Since(started)
			read.objects.Add(int64(len(objects)))
			read.bytes.Add(int64(len(call.body)))
			for _, object := range objects {
				if !yield(object, nil) {
					return
				}
			}
			if next, err = c.nextPage(next, nextURL, read); err != nil {
				yield(none, c.responseError(&call, err))
				return
			}
		}
	}
}

// page fetches one page and returns the URL of the next one. It hides that a later page does not
// exist, which callers would take to mean that the list does not exist.
func page[T any](ctx context.Context, c *Client, call *call, key string, first bool) (objects []T, next string, err error) {
	var body map[string]json.RawMessage
	switch err := c.do(ctx, call, &body); {
	case IsNotFound(err) && !first:
		return nil, "", c.responseError(call, errors.New("earlier pages of the list exist; the list may have changed while it was being read"))
	case err != nil:
		return nil, "", err
	}
	var meta struct {
		NextPageURL string `json:"next_page_url"`
	}
	for name, out := range map[string]any{key: &objects, "meta": &meta} {
		if body[name] == nil || name == "meta" && isEmptyList(body[name]) {
			continue
		}
		if tooManyObjects(body[name]) {
			return nil, "", c.responseError(call, fmt.Errorf("a page has more than %d objects", MaxPageSize))
		}
		if err := decode(body[name], out); err != nil {
			return nil, "", c.malformedError(call, err)
		}
	}
	if slices.ContainsFunc(objects, func(object T) bool { return reflect.ValueOf(object).IsNil() }) {
		return nil, "", c.responseError(call, fmt.Errorf("the list of %s contains null", key))
	}
	if objects == nil {
		return nil, "", c.responseError(call, fmt.Errorf("the response has no list of %s", key))
	}
	return objects, meta.NextPageURL, nil
}

// tooManyObjects reports whether a page has more objects than Twilio returns. Millions of empty
// objects would fit into a response, but not into memory.
func tooManyObjects(list json.RawMessage) bool {
	if bytes.Count(list, []byte(",")) < 100*MaxPageSize { // much more than usual
		return false
	}
	var objects []json.RawMessage
	return json.Unmarshal(list, &objects) == nil && len(objects) > MaxPageSize
}

// nextPage returns the URL of the next page. Only its query comes from the server: the request
// carries the credentials, so it goes to the configured host and to the list itself. The path in the
// server's URL may spell the identity in another case, and may lack what a proxy adds.
func (c *Client) nextPage(current *url.URL, raw string, read listing) (*url.URL, error) {
	if raw == "" {
		return nil, nil //nolint:nilnil // no next page is the usual end, not an error
	}
	parsed, err := current.Parse(raw)
	if err != nil || parsed.Opaque != "" {
		return nil, errors.New("the address of the next page is not a URL")
	}
	if !strings.EqualFold(parsed.Path, current.Path) && !strings.EqualFold(c.base.Path+parsed.Path, current.Path) {
		return nil, errors.New("the address of the next page is not one of the same list")
	}
	next := *current
	next.RawQuery = parsed.RawQuery
	if read.seen[next.String()] {
		return nil, errors.New("the next page was already read")
	}
	return &next, read.check()
}

// Count counts objects, up to limit. It fetches no further page after that.
func Count[T any](objects iter.Seq2[T, error], limit int) (count int, err error) {
	for _, err := range objects {
		if err != nil {
			return count, err
		}
		if count++; count >= limit {
			break
		}
	}
	return count, nil
}
