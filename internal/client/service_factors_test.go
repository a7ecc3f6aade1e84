// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// entityListing is an entity of a [serviceServer], with the response to a list of its factors.
type entityListing struct {
	factors int
	latency time.Duration
	refuse  http.HandlerFunc // the response instead of the factors, nil for the factors
}

// serviceServer serves a service with entities, named by their numbers, in pages of pageSize.
type serviceServer struct {
	entities []entityListing
	pageSize int
	broken   int // the page of entities that is refused, counted from 1

	mu       sync.Mutex
	requests []string // "entities" or the number of an entity, in order
	queries  []url.Values
	inFlight int
	most     int // requests that were in flight at once
}

func (s *serviceServer) serve(w http.ResponseWriter, r *http.Request) {
	number, ok := strings.CutPrefix(r.URL.Path, entitiesPath+"/identity-")
	number = strings.TrimSuffix(number, "/Factors")
	if !ok {
		number = "entities"
	}
	s.mu.Lock()
	s.requests, s.queries = append(s.requests, number), append(s.queries, r.URL.Query())
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}()
	if !ok {
		s.listEntities(w, r)
		return
	}
	var i int
	_, _ = fmt.Sscan(number, &i)
	s.listFactors(w, r, i)
}

func (s *serviceServer) listEntities(w http.ResponseWriter, r *http.Request) {
	page := 0
	_, _ = fmt.Sscan(r.URL.Query().Get("Page"), &page)
	if page+1 == s.broken {
		failure(http.StatusForbidden, 20403)(w, r)
		return
	}
	first, end := page*s.pageSize, min((page+1)*s.pageSize, len(s.entities))
	entities, next := []string{}, ""
	for i := range s.entities[first:end] {
		entities = append(entities, fmt.Sprintf(`{"identity": "identity-%04d"}`, first+i))
	}
	if end < len(s.entities) {
		next = fmt.Sprintf("?Page=%d", page+1)
	}
	_, _ = fmt.Fprintf(w, `{"entities": [%s], "meta": {"next_page_url": %q}}`, strings.Join(entities, ","), next)
}

func (s *serviceServer) listFactors(w http.ResponseWriter, r *http.Request, i int) {
	entity := s.entities[i]
	if Sleep(r.Context(), entity.latency) != nil {
		return
	}
	if entity.refuse != nil {
		entity.refuse(w, r)
		return
	}
	factors := []string{}
	for n := range entity.factors {
		factors = append(factors, fmt.Sprintf(`{"identity": "IDENTITY", "friendly_name": "%d.%d"}`, i, n))
	}
	_, _ = fmt.Fprintf(w, `{"factors": [%s]}`, strings.Join(factors, ","))
}

func TestClient_ServiceFactors(t *testing.T) {
	t.Parallel()
	notFound, refused := entityListing{refuse: failure(404, CodeNotFound)}, entityListing{refuse: failure(403, 20403)}
	for name, test := range map[string]struct {
		entities []entityListing
		broken   int
		take     int    // factors, 0 for all
		most     int    // requests
		want     string // the factors, and the error
	}{
		"no entity":           {nil, 0, 0, 1, ": ok"},
		"no factor":           {make([]entityListing, 3), 0, 0, 4, ": ok"},
		"in order":            {[]entityListing{{factors: 2}, {}, {factors: 1}}, 0, 0, 4, "0.0 0.1 2.0: ok"},
		"slow first entity":   {[]entityListing{{factors: 1, latency: time.Second}, {factors: 1}}, 0, 0, 3, "0.0 1.0: ok"},
		"two pages":           {slices.Repeat([]entityListing{{}, {factors: 1}}, 4), 0, 0, 10, "1.0 3.0 5.0 7.0: ok"},
		"stopped":             {slices.Repeat([]entityListing{{factors: 2}}, 1000), 0, 3, 15, "0.0 0.1 1.0: ok"},
		"deleted meanwhile":   {[]entityListing{notFound, {factors: 1}, notFound}, 0, 0, 4, "1.0: ok"},
		"refused":             {[]entityListing{{factors: 1}, refused, {factors: 1}}, 0, 0, 4, "0.0: 403 20403"},
		"404 from a proxy":    {[]entityListing{{refuse: respond(404, "<html>")}}, 0, 0, 2, ": 404 0"},
		"entities refused":    {[]entityListing{{factors: 1}}, 1, 0, 1, ": 403 20403"},
		"second page refused": {slices.Repeat([]entityListing{{factors: 1}}, 7), 2, 0, 7, "0.0 1.0 2.0 3.0 4.0: 403 20403"},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &serviceServer{entities: test.entities, broken: test.broken, pageSize: 5}
			var got []string
			end := "ok"
			for factor, err := range newMemoryClient(t, server.serve).ServiceFactors(t.Context(), documentedService, 20) {
				if e, failed := errors.AsType[*Error](err); failed {
					end = fmt.Sprintf("%d %d", e.Status, e.Code)
					continue // the iteration ends on its own
				}
				got = append(got, factor.FriendlyName)
				if i, _, _ := strings.Cut(factor.FriendlyName, "."); factor.Identity != fmt.Sprintf("identity-%04s", i) {
					t.Errorf("%s: factor %s has identity %q", name, factor.FriendlyName, factor.Identity)
				}
				if len(got) == test.take {
					break
				}
			}
			expect(t, name, strings.Join(got, " ")+": "+end, test.want)
			server.check(t, test.most)
		})
	}
}

// check checks the number of requests, that they are for whole pages of entities and pages of 20
// factors, and that none is repeated.
func (s *serviceServer) check(t *testing.T, most int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) > most || s.most > maxListings {
		t.Errorf("%d requests, up to %d at once; want at most %d, %d", len(s.requests), s.most, most, maxListings)
	}
	seen := map[string]bool{}
	for i, number := range s.requests {
		size := s.queries[i].Get("PageSize")
		switch {
		case number != "entities" && (seen[number] || size != "20"):
			t.Errorf("identity %s was requested again or for a page of %s", number, size)
		case number == "entities" && !s.queries[i].Has("Page") && size != "1000":
			t.Errorf("entities were requested in pages of %s", size)
		}
		seen[number] = true
	}
}

// TestClient_ServiceFactorsTime lists 500 identities in at most 1.5 times the ideal time for ten
// at a time.
func TestClient_ServiceFactorsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const identities, latency = 500, 50 * time.Millisecond
		server := &serviceServer{entities: slices.Repeat([]entityListing{{factors: 1, latency: latency}}, identities), pageSize: MaxPageSize}
		started := time.Now()
		expect(t, "factors", read(newMemoryClient(t, server.serve).ServiceFactors(t.Context(), documentedService, 20)), "500 objects, ok")
		if took, most := time.Since(started), (identities+1)*latency/10*3/2; took > most {
			t.Errorf("it took %s, want at most %s", took, most)
		}
		server.check(t, identities+1)
	})
}

// TestClient_ServiceFactorsEndless lists entities that never end, whose factors do not either. The
// limit holds for all lists together: ten at a time, each up to the limit, took 2 GiB.
func TestClient_ServiceFactorsEndless(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("{},", MaxPageSize-1) + "{}"
	for name, next := range map[string]string{"endless lists": "?Page=%d", "endless entities": ""} {
		var lists, entities atomic.Int64
		c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/Entities") {
				n := entities.Add(1)
				_, _ = fmt.Fprintf(w, `{"entities":[{"identity":"identity-%04d"}],"meta":{"next_page_url":"?Page=%d"}}`, n, n)
				return
			}
			link := strings.ReplaceAll(next, "%d", strconv.FormatInt(lists.Add(1), 10))
			_, _ = fmt.Fprintf(w, `{"factors":[%s],"meta":{"next_page_url":%q}}`, page, link)
		})
		if got := read(c.ServiceFactors(t.Context(), documentedService, 0)); !strings.HasSuffix(got, "the list has more than 100000 objects") {
			t.Errorf("%s: %s", name, got)
		}
		if most := int64(maxObjects/MaxPageSize + maxListings); lists.Load() > most {
			t.Errorf("%s: %d pages were read, want at most %d", name, lists.Load(), most)
		}
	}
}

// TestClient_ServiceFactorsStopped checks that requests in flight, which would take an hour, are
// canceled.
func TestClient_ServiceFactorsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &serviceServer{entities: slices.Repeat([]entityListing{{factors: 1, latency: time.Hour}}, 100), pageSize: MaxPageSize}
		server.entities[0].latency = time.Second
		c := newMemoryClient(t, server.serve, func(config *Config) { config.RequestTimeout = 2 * time.Hour })
		started := time.Now()
		count, err := Count(c.ServiceFactors(t.Context(), documentedService, 20), 1)
		if took := time.Since(started); count != 1 || err != nil || took != time.Second {
			t.Errorf("%d factors after %s, error %v, want 1 after 1s", count, took, err)
		}
		server.check(t, 1+maxListings)
	})
}

func TestCount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objects int
		end     error
		limit   int
		want    string
	}{
		{0, nil, 10, "0 of 0 read: ok"},
		{3, nil, 10, "3 of 3 read: ok"},
		{30, nil, 10, "10 of 10 read: ok"},
		{1, errInvalidField, 10, "1 of 1 read: it has an invalid field"},
		{3, errInvalidField, 3, "3 of 3 read: ok"},
	} {
		read := 0
		count, err := Count(func(yield func(any, error) bool) {
			for more := true; more && read < test.objects; {
				read++
				more = yield(nil, nil)
			}
			if read < test.limit && test.end != nil {
				yield(nil, test.end)
			}
		}, test.limit)
		expect(t, fmt.Sprintf("%+v", test), fmt.Sprintf("%d of %d read: %s", count, read, message(err)), test.want)
	}
}
