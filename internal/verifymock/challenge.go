// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"slices"
	"strings"
	"time"
)

const (
	prefixChallenge = "YC"

	statusPending  = "pending"
	statusApproved = "approved"
	statusDenied   = "denied"
	statusExpired  = "expired"

	reasonNone = "none"

	orderAscending  = "asc"
	orderDescending = "desc"
)

// Challenge is a challenge as the server stores it.
type Challenge struct {
	SID             string `api:"sid"`
	AccountSID      string `api:"account_sid"`
	ServiceSID      string `api:"service_sid"`
	EntitySID       string `api:"entity_sid"`
	Identity        string
	FactorSID       string `api:"factor_sid"`
	FactorType      string `api:"factor_type"`
	Status          string `api:"status"` // pending, approved, denied, expired
	RespondedReason string `api:"responded_reason"`
	Message         string // "" only for totp
	Fields          []ChallengeField
	HiddenDetails   string    // JSON object, "" for null
	Metadata        string    // JSON object, "" for null
	ExpirationDate  time.Time `api:"expiration_date"`
	DateCreated     time.Time `api:"date_created"`
	DateUpdated     time.Time `api:"date_updated"`
	DateResponded   time.Time `api:"date_responded"` // zero until the challenge is approved or denied
	Attempts        int       // wrong payloads so far
	Notifications   int       // number created so far
}

// ChallengeField is a detail that the device shows.
type ChallengeField struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// challenge is a stored challenge.
type challenge struct {
	Challenge
	row
	entity *record
}

func (v Challenge) clone() Challenge {
	v.Fields = slices.Clone(v.Fields)
	return v
}

func cloneChallenge(r *challenge) Challenge { return r.clone() }

// Challenges returns all challenges of all services in order of creation.
func (s *Server) Challenges() []Challenge {
	return snapshot(s, s.state.challenges, cloneChallenge)
}

// Challenge returns the challenge with that SID, and reports whether it exists.
func (s *Server) Challenge(sid string) (Challenge, bool) {
	return lookup(s, s.state.challenges, sid, cloneChallenge)
}

// UpdateChallenge changes a challenge as if its device had done so, and reports whether it exists.
// SIDs and identity cannot be changed.
func (s *Server) UpdateChallenge(sid string, f func(*Challenge)) bool {
	return alter(s, s.state.challenges, sid, func(stored *challenge) {
		updated := stored.clone()
		f(&updated)
		updated.SID, updated.AccountSID, updated.ServiceSID = stored.SID, stored.AccountSID, stored.ServiceSID
		updated.EntitySID, updated.Identity = stored.EntitySID, stored.Identity
		updated.FactorSID, updated.FactorType = stored.FactorSID, stored.FactorType
		stored.Challenge = updated.clone()
		s.state.expectExpiry(updated.ExpirationDate)
	})
}

// RespondToChallenge approves or denies a pending challenge as if its device had done so, and
// reports whether there was one.
func (s *Server) RespondToChallenge(sid string, approve bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.expire(s.now())
	r, ok := s.state.challenges[sid]
	if !ok || r.Status != statusPending {
		return false
	}
	status := statusDenied
	if approve {
		status = statusApproved
	}
	s.finish(r, s.state.factors[r.FactorSID], status)
	return true
}

// findChallenge returns the challenge in the call's path. A device finds only challenges of its own
// factor.
func (s *Server) findChallenge(c *call) (*challenge, *apiError) {
	r, ok := s.state.challenges[c.path["Sid"]]
	if !ok || c.hides(r) || r.ServiceSID != c.service.Text("sid") || !strings.EqualFold(r.Identity, c.path["Identity"]) || !c.login.owns(r) {
		return nil, errNotFound(c.logged.Path)
	}
	return r, nil
}

// owns reports whether the challenge is for the device's factor. Without a device, it returns true.
func (l *deviceLogin) owns(r *challenge) bool {
	return l == nil || l.factorSID == r.FactorSID
}

func (s *Server) listChallenges(c *call) (any, *apiError) {
	query := c.logged.Query
	checks := map[string]func(string) bool{
		"FactorSid": sidWith(prefixFactor),
		"Order":     oneOf(orderAscending, orderDescending),
		"Status":    oneOf(statusPending, statusApproved, statusDenied, statusExpired),
	}
	for _, name := range []string{"FactorSid", "Order", "Status"} {
		if query.Has(name) && !checks[name](query.Get(name)) {
			return nil, errInvalidParameter(name)
		}
	}
	e, refusal := s.findOwner(c)
	if refusal != nil {
		return nil, refusal
	}
	rows := slices.DeleteFunc(slices.Clone(e.contents.challenges), func(r *challenge) bool {
		return query.Has("FactorSid") && r.FactorSID != query.Get("FactorSid") ||
			query.Has("Status") && r.Status != query.Get("Status") || !c.login.owns(r)
	})
	return listPage(s, c, "challenges", rows, func(r *challenge) map[string]any { return s.wireChallenge(c, r) })
}

func (s *Server) fetchChallenge(c *call, r *challenge) (any, *apiError) {
	if r.FactorType == typePush && r.Status == statusPending {
		c.header.Set(signatureFieldsHeader, strings.Join(signatureFields, ","))
	}
	return s.wireChallenge(c, r), nil
}

func (s *Server) wireChallenge(c *call, r *challenge) map[string]any {
	w := wire(r.Challenge)
	url := s.entityURL(c, r.Identity) + "/Challenges/" + r.SID
	w["identity"], w["url"], w["links"] = s.wireIdentity(r.Identity), url, map[string]string{"notifications": url + "/Notifications"}
	w["hidden_details"], w["metadata"], w["details"] = rawObject(r.HiddenDetails), rawObject(r.Metadata), nil
	if r.Message != "" || len(r.Fields) > 0 {
		details := map[string]any{"message": r.Message, "fields": append([]ChallengeField{}, r.Fields...)}
		if c.service.Object["push.include_date"] == true {
			details["date"] = formatDate(r.DateCreated)
		}
		w["details"] = details
	}
	return w
}
