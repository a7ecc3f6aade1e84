// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// state is the contents of the server.
type state struct {
	ttl          time.Duration      // of unverified factors
	objects      map[string]*record // of declared kinds, by path
	rows         map[Kind][]*record // the same objects in order of creation
	factors      map[string]*factor
	challenges   map[string]*challenge
	accessTokens map[string]*accessToken
	numbers      map[string]int // objects added so far, by SID prefix
	nextExpiry   time.Time      // nothing expires before this time
}

func newState(ttl time.Duration) state {
	return state{
		ttl:          ttl,
		objects:      map[string]*record{},
		rows:         map[Kind][]*record{},
		factors:      map[string]*factor{},
		challenges:   map[string]*challenge{},
		accessTokens: map[string]*accessToken{},
		numbers:      map[string]int{},
	}
}

// row is part of a stored object. Its number is the position of the object among all objects of its
// kind, in order of creation.
type row struct {
	number int
	added  time.Time // by the server's clock, to the nanosecond
}

func (r row) own() row { return r }

// numbered is implemented by all stored objects.
type numbered interface{ own() row }

// newRow returns the row of the next object with that SID prefix.
func (s *Server) newRow(prefix string) row {
	s.state.numbers[prefix]++
	return row{s.state.numbers[prefix], s.now()}
}

// inOrder returns the objects in order of creation.
func inOrder[K comparable, R numbered](rows map[K]R) []R {
	return slices.SortedFunc(maps.Values(rows), func(a, b R) int { return cmp.Compare(a.own().number, b.own().number) })
}

// without returns the rows except removed.
func without[R comparable](rows []R, removed R) []R {
	return slices.DeleteFunc(rows, func(r R) bool { return r == removed })
}

// snapshot returns copies of all objects in order of creation.
func snapshot[K comparable, R numbered, T any](s *Server, rows map[K]R, clone func(R) T) []T {
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

// alter calls f with an object, with the state locked, and reports whether the object exists.
func alter[K comparable, R any](s *Server, rows map[K]R, key K, f func(R)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := rows[key]
	if ok {
		f(r)
	}
	return ok
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
