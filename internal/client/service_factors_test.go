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
	status  int // of an error in Twilio's format; 0 for the factors
	page    string
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

func (s *serviceServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"code": 20403, "status": 403, "message": "Forbidden"}`))
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
	switch {
	case entity.page != "":
		w.WriteHeader(entity.status)
		_, _ = w.Write([]byte(entity.page))
		return
	case entity.status != 0:
		w.WriteHeader(entity.status)
		_, _ = fmt.Fprintf(w, `{"code": 20%d, "status": %d, "message": "Refused"}`, entity.status, entity.status)
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
	notFound := entityListing{status: http.StatusNotFound}
	for name, test := range map[string]struct {
		entities []entityListing
		broken   int
		take     int // factors, 0 for all
		want     []string
		problem  string // of the error, empty if there is none
		most     int    // requests
	}{
		"no entity": {want: nil, most: 1},
		"no factor": {entities: make([]entityListing, 3), most: 4},
		"in order":  {entities: []entityListing{{factors: 2}, {}, {factors: 1}}, want: []string{"0.0", "0.1", "2.0"}, most: 4},
		"slow first entity": {
			entities: []entityListing{{factors: 1, latency: time.Second}, {factors: 1}}, want: []string{"0.0", "1.0"},
			most: 3,
		},
		"two pages": {
			entities: slices.Repeat([]entityListing{{}, {factors: 1}}, 4), want: []string{"1.0", "3.0", "5.0", "7.0"},
			most: 10,
		},
		"stopped": {
			entities: slices.Repeat([]entityListing{{factors: 2}}, 1000), take: 3, want: []string{"0.0", "0.1", "1.0"},
			most: 15,
		},
		"deleted meanwhile": {entities: []entityListing{notFound, {factors: 1}, notFound}, want: []string{"1.0"}, most: 4},
		"refused": {
			entities: []entityListing{{factors: 1}, {status: http.StatusForbidden}, {factors: 1}}, want: []string{"0.0"},
			problem: "20403", most: 4,
		},
		"404 from a proxy": {entities: []entityListing{{status: http.StatusNotFound, page: "<html>"}}, problem: "404", most: 2},
		"entities refused": {entities: []entityListing{{factors: 1}}, broken: 1, problem: "20403", most: 1},
		"second page refused": {
			entities: slices.Repeat([]entityListing{{factors: 1}}, 7), broken: 2,
			want: []string{"0.0", "1.0", "2.0", "3.0", "4.0"}, problem: "20403", most: 7,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &serviceServer{entities: test.entities, broken: test.broken, pageSize: 5}
				var got []string
				var problem error
				for factor, err := range newMemoryClient(t, server).ServiceFactors(t.Context(), documentedService, 20) {
					if err != nil {
						problem = err
						continue // the iteration ends on its own
					}
					got = append(got, factor.FriendlyName)
					if i, _, _ := strings.Cut(factor.FriendlyName, "."); factor.Identity != fmt.Sprintf("identity-%04s", i) {
						t.Errorf("factor %s has identity %q", factor.FriendlyName, factor.Identity)
					}
					if len(got) == test.take {
						break
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("got %q, want %q", got, test.want)
				}
				if (problem == nil) != (test.problem == "") || problem != nil && !strings.Contains(problem.Error(), test.problem) {
					t.Errorf("the error is %v, want %q", problem, test.problem)
				}
				server.check(t, test.most)
			})
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
		started, count := time.Now(), 0
		for _, err := range newMemoryClient(t, server).ServiceFactors(t.Context(), documentedService, 20) {
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
		if took, most := time.Since(started), (identities+1)*latency/10*3/2; count != identities || took > most {
			t.Errorf("%d factors in %s, want %d in at most %s", count, took, identities, most)
		}
		server.check(t, identities+1)
	})
}

// TestClient_ServiceFactorsEndless lists entities that never end, whose factors do not either. The
// limit holds for all lists together: ten at a time, each up to the limit, took 2 GiB.
func TestClient_ServiceFactorsEndless(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]string{"endless lists": "?Page=%d", "endless entities": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists, entities atomic.Int64
			page := strings.Repeat("{},", MaxPageSize-1) + "{}"
			c := newClient(t, newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/Entities") {
					n := entities.Add(1)
					_, _ = fmt.Fprintf(w, `{"entities":[{"identity":"identity-%04d"}],"meta":{"next_page_url":"?Page=%d"}}`, n, n)
					return
				}
				link := strings.ReplaceAll(next, "%d", strconv.FormatInt(lists.Add(1), 10))
				_, _ = fmt.Fprintf(w, `{"factors":[%s],"meta":{"next_page_url":%q}}`, page, link)
			}).URL)
			var got error
			for _, got = range c.ServiceFactors(t.Context(), documentedService, 0) { //nolint:revive // there is only the error to wait for
			}
			if got == nil || !strings.Contains(got.Error(), "has more than 100000 objects") {
				t.Errorf("error %v", got)
			}
			if most := int64(maxObjects/MaxPageSize + maxListings); lists.Load() > most {
				t.Errorf("%d pages were read, want at most %d", lists.Load(), most)
			}
		})
	}
}

// TestClient_ServiceFactorsStopped checks that requests in flight, which would take an hour, are
// canceled.
func TestClient_ServiceFactorsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &serviceServer{entities: slices.Repeat([]entityListing{{factors: 1, latency: time.Hour}}, 100), pageSize: MaxPageSize}
		server.entities[0].latency = time.Second
		started := time.Now()
		for _, err := range newMemoryClient(t, server, func(c *Config) { c.RequestTimeout = 2 * time.Hour }).ServiceFactors(t.Context(),
			documentedService, 20) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if took := time.Since(started); took != time.Second {
			t.Errorf("stopped after %s, want 1s", took)
		}
		server.check(t, 1+maxListings)
	})
}

// TestCount_StopsAtLimit checks that counting stops at the limit.
func TestCount_StopsAtLimit(t *testing.T) {
	t.Parallel()
	notFound := entityListing{status: http.StatusNotFound}
	for name, test := range map[string]struct {
		entities []entityListing
		limit    int
		want     int
		problem  bool
		most     int // requests
	}{
		"no entity":           {nil, 10, 0, false, 1},
		"no factor":           {make([]entityListing, 3), 10, 0, false, 4},
		"some":                {[]entityListing{{factors: 1}, {}, {factors: 2}}, 10, 3, false, 4},
		"enough in one":       {slices.Repeat([]entityListing{{factors: 30}}, 100), 10, 10, false, 11},
		"enough in many":      {slices.Repeat([]entityListing{{factors: 1}}, 100), 10, 10, false, 20},
		"deleted meanwhile":   {[]entityListing{notFound, {factors: 1}}, 10, 1, false, 3},
		"refused after one":   {[]entityListing{{factors: 1}, {status: http.StatusForbidden}}, 10, 1, true, 3},
		"enough before error": {[]entityListing{{factors: 3}, {status: http.StatusForbidden}}, 3, 3, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &serviceServer{entities: test.entities, pageSize: MaxPageSize}
				got, err := Count(newMemoryClient(t, server).ServiceFactors(t.Context(), documentedService, MaxPageSize), test.limit)
				var e *Error
				if got != test.want || errors.As(err, &e) != test.problem {
					t.Errorf("got %d, %v, want %d, an error: %t", got, err, test.want, test.problem)
				}
				server.mu.Lock()
				defer server.mu.Unlock()
				if len(server.requests) > test.most || server.most > maxListings {
					t.Errorf("%d requests, up to %d at once; want at most %d, %d", len(server.requests), server.most, test.most, maxListings)
				}
			})
		})
	}
}
