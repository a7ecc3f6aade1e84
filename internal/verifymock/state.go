// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"slices"
	"time"
)

// state is the contents of the server.
type state struct {
	ttl        time.Duration        // of unverified factors
	objects    map[string]*record   // by path
	rows       map[Kind][]*record   // the same objects in order of creation
	lists      map[string][]*record // the same objects by the path of their list
	numbers    map[string]int       // objects added so far, by kind.counted
	nextExpiry time.Time            // nothing expires before this time
}

func newState(ttl time.Duration) state {
	return state{ttl: ttl, objects: map[string]*record{}, rows: map[Kind][]*record{}, lists: map[string][]*record{}, numbers: map[string]int{}}
}

// expiry returns when an object expires: an unverified factor or a pending challenge. It returns the
// zero time for any other.
func (s *state) expiry(o *record) time.Time {
	var at time.Time
	switch {
	case o.kind.name == Factors && o.Text("status") == statusUnverified:
		at, _ = o.Object["date_created"].(time.Time)
		return at.Add(s.ttl)
	case o.kind.name == Challenges && o.Text("status") == statusPending:
		at, _ = o.Object["expiration_date"].(time.Time)
	}
	return at
}

// expectExpiry lowers nextExpiry to the expiry of an object, if that is earlier.
func (s *state) expectExpiry(o *record) {
	if at := s.expiry(o); !at.IsZero() && at.Before(s.nextExpiry) {
		s.nextExpiry = at
	}
}

// expire removes factors that stayed unverified for too long, and expires pending challenges.
func (s *state) expire(now time.Time) {
	if now.Before(s.nextExpiry) {
		return
	}
	s.nextExpiry = now.Add(s.ttl)
	for _, o := range slices.Concat(s.rows[Factors], s.rows[Challenges]) {
		switch at := s.expiry(o); {
		case at.IsZero():
		case now.Before(at):
			s.expectExpiry(o)
		case o.kind.name == Factors:
			s.removeObject(o)
		default:
			o.Object["status"], o.Object["date_updated"] = statusExpired, at
		}
	}
}
