// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// state is the contents of the server.
type state struct {
	ttl          time.Duration // of unverified factors
	services     map[string]*service
	entities     map[entityKey]*entity
	factors      map[string]*factor
	challenges   map[string]*challenge
	webhooks     map[string]*webhook
	accessTokens map[string]*accessToken
	newEntities  map[string][]time.Time // creations in the last second, by account SID
	numbers      map[string]int         // objects added so far, by SID prefix
	nextExpiry   time.Time              // nothing expires before this time
}

func newState(ttl time.Duration) state {
	return state{
		ttl:          ttl,
		services:     map[string]*service{},
		entities:     map[entityKey]*entity{},
		factors:      map[string]*factor{},
		challenges:   map[string]*challenge{},
		webhooks:     map[string]*webhook{},
		accessTokens: map[string]*accessToken{},
		newEntities:  map[string][]time.Time{},
		numbers:      map[string]int{},
	}
}

// row is part of a stored object. Its number is the position of the object among all objects of its
// kind, in order of creation.
type row struct{ number int }

func (r row) position() int { return r.number }

// positioned is implemented by all stored objects.
type positioned interface{ position() int }

// newRow returns the row of the next object with that SID prefix.
func (s *state) newRow(prefix string) row {
	s.numbers[prefix]++
	return row{s.numbers[prefix]}
}

// inOrder returns the objects in order of creation.
func inOrder[K comparable, R positioned](rows map[K]R) []R {
	return slices.SortedFunc(maps.Values(rows), func(a, b R) int { return cmp.Compare(a.position(), b.position()) })
}

// without returns the rows except removed.
func without[R comparable](rows []R, removed R) []R {
	return slices.DeleteFunc(rows, func(r R) bool { return r == removed })
}

// snapshot returns copies of all objects in order of creation.
func snapshot[K comparable, R positioned, T any](s *Server, rows map[K]R, clone func(R) T) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.expire(s.now())
	clones := make([]T, 0, len(rows))
	for _, r := range inOrder(rows) {
		clones = append(clones, clone(r))
	}
	return clones
}

// lookup returns a copy of one object, and reports whether it exists.
func lookup[K comparable, R, T any](s *Server, rows map[K]R, key K, clone func(R) T) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.expire(s.now())
	r, ok := rows[key]
	if !ok {
		return *new(T), false
	}
	return clone(r), true
}

// change calls f with an object, with the state locked, and reports whether the object exists.
func change[K comparable, R any](s *Server, rows map[K]R, key K, f func(R)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := rows[key]
	if ok {
		f(r)
	}
	return ok
}

type entityKey struct {
	service  string
	identity string // in lower case, because identities are case-insensitive
}

func newEntityKey(service, identity string) entityKey {
	return entityKey{service, strings.ToLower(identity)}
}

// expectExpiry lowers nextExpiry to the expiry of an object, if that is earlier.
func (s *state) expectExpiry(at time.Time) {
	if at.Before(s.nextExpiry) {
		s.nextExpiry = at
	}
}

// expire removes factors that stayed unverified for too long, and expires pending challenges.
func (s *state) expire(now time.Time) {
	if now.Before(s.nextExpiry) {
		return
	}
	s.nextExpiry = now.Add(s.ttl)
	for _, f := range s.factors {
		switch due := f.DateCreated.Add(s.ttl); {
		case f.Status != statusUnverified:
		case now.Before(due):
			s.expectExpiry(due)
		default:
			s.removeFactor(f)
		}
	}
	for _, c := range s.challenges {
		switch {
		case c.Status != statusPending:
		case now.Before(c.ExpirationDate):
			s.expectExpiry(c.ExpirationDate)
		default:
			c.Status = statusExpired
			c.DateUpdated = c.ExpirationDate
		}
	}
}
