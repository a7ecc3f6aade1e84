// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"slices"
	"strings"
	"time"
)

// state is what the server remembers.
type state struct {
	ttl         time.Duration // of unverified factors
	entities    map[entityKey]*entity
	factors     map[string]*record     // by SID
	newEntities map[string][]time.Time // creations of the last second, by account SID
	last        int                    // number of the last record
	nextExpiry  time.Time              // no unverified factor is due before
}

type entityKey struct {
	service  string
	identity string // lower case: identities are looked up without regard to case
}

// entity is the owner of factors; its first factor creates it.
type entity struct {
	sid      string
	identity string    // in the case of the request that created the entity
	records  []*record // in order of creation
	creates  []time.Time
}

// record is a stored factor.
type record struct {
	Factor
	number int // in order of creation, over all entities
	entity *entity
}

func newState(ttl time.Duration) state {
	return state{
		ttl:         ttl,
		entities:    map[entityKey]*entity{},
		factors:     map[string]*record{},
		newEntities: map[string][]time.Time{},
	}
}

// entity returns the entity, nil if there is none.
func (s *state) entity(service, identity string) *entity {
	return s.entities[entityKey{service, strings.ToLower(identity)}]
}

func (s *state) addEntity(service, identity string) *entity {
	e := &entity{sid: newSID("YE"), identity: identity}
	s.entities[entityKey{service, strings.ToLower(identity)}] = e
	return e
}

func (s *state) add(e *entity, f Factor) *record {
	s.last++
	r := &record{Factor: f, number: s.last, entity: e}
	e.records = append(e.records, r)
	s.factors[f.SID] = r
	s.expectExpiry(r)
	return r
}

func (s *state) remove(r *record) {
	delete(s.factors, r.SID)
	r.entity.records = slices.DeleteFunc(r.entity.records, func(other *record) bool { return other == r })
}

// expectExpiry keeps nextExpiry from being later than the record's own.
func (s *state) expectExpiry(r *record) {
	due := r.DateCreated.Add(s.ttl)
	if r.Status == statusUnverified && due.Before(s.nextExpiry) {
		s.nextExpiry = due
	}
}

// expire removes the factors that stayed unverified for too long.
func (s *state) expire(now time.Time) {
	if now.Before(s.nextExpiry) {
		return
	}
	s.nextExpiry = now.Add(s.ttl)
	for _, r := range s.factors {
		if r.Status == statusUnverified && !now.Before(r.DateCreated.Add(s.ttl)) {
			s.remove(r)
			continue
		}
		s.expectExpiry(r)
	}
}
