// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
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
	SID             string           `api:"sid"`
	AccountSID      string           `api:"account_sid"`
	ServiceSID      string           `api:"service_sid"`
	EntitySID       string           `api:"entity_sid"`
	Identity        string           `api:"identity"`
	FactorSID       string           `api:"factor_sid"`
	FactorType      string           `api:"factor_type"`
	Status          string           `api:"status"` // pending, approved, denied, expired
	RespondedReason string           `api:"responded_reason"`
	Message         string           `api:"message"` // "" only for totp
	Fields          []ChallengeField `api:"fields"`
	HiddenDetails   string           `api:"hidden_details"` // JSON object, "" for null
	Metadata        string           `api:"metadata"`       // JSON object, "" for null
	ExpirationDate  time.Time        `api:"expiration_date"`
	DateCreated     time.Time        `api:"date_created"`
	DateUpdated     time.Time        `api:"date_updated"`
	DateResponded   time.Time        `api:"date_responded"` // zero until the challenge is approved or denied
	Attempts        int              `api:"attempts"`       // wrong payloads so far
	Notifications   int              `api:"notifications"`  // number created so far
}

// ChallengeField is a detail that the device shows.
type ChallengeField struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

var challengeKind = &kind{
	name: Challenges, prefix: prefixChallenge, template: challengeTemplate, verbs: []string{"list", "fetch"},
	links: []string{"Notifications"},
	filters: []field{
		{name: "factor_sid", valid: sidWith(prefixFactor)},
		{name: "order", valid: oneOf(orderAscending, orderDescending)},
		{name: "status", valid: oneOf(statusPending, statusApproved, statusDenied, statusExpired)},
	},
	// A device sees only challenges of its own factor.
	shows: func(_ *Server, c *call, o Object) bool {
		return c.login == nil || c.login.factorSID == o.Text("factor_sid")
	},
	fields: []field{
		{name: "entity_sid"},
		{name: "factor_sid"},
		{name: "factor_type"},
		{name: "status"},
		{name: "responded_reason"},
		{name: "expiration_date"},
		{name: "date_responded"},
	},
	wire: func(_ *Server, c *call, o Object, w map[string]any) {
		r := typed[Challenge](o)
		if c.route.operation == OperationChallengeFetch && r.FactorType == typePush && r.Status == statusPending {
			c.header.Set(signatureFieldsHeader, strings.Join(signatureFields, ","))
		}
		w["hidden_details"], w["metadata"], w["details"] = rawObject(r.HiddenDetails), rawObject(r.Metadata), nil
		if r.Message != "" || len(r.Fields) > 0 {
			details := map[string]any{"message": r.Message, "fields": append([]ChallengeField{}, r.Fields...)}
			if c.service.Object["push.include_date"] == true {
				details["date"] = formatDate(r.DateCreated)
			}
			w["details"] = details
		}
	},
}

// Challenges returns all challenges of all services; see [Server.Objects].
func (s *Server) Challenges() []Challenge { return all[Challenge](s, Challenges) }

// Challenge returns the challenge with that SID, and reports whether it exists.
func (s *Server) Challenge(sid string) (Challenge, bool) { return one[Challenge](s, Challenges, sid) }

// UpdateChallenge changes a challenge as [Server.UpdateObject] does.
func (s *Server) UpdateChallenge(sid string, f func(*Challenge)) bool {
	return change(s, Challenges, sid, f)
}

// RespondToChallenge approves or denies a pending challenge as if its device had done so, and
// reports whether there was one.
func (s *Server) RespondToChallenge(sid string, approve bool) (pending bool) {
	s.withObject(Challenges, sid, func(o *record) {
		status := statusDenied
		if approve {
			status = statusApproved
		}
		if pending = o.Text("status") == statusPending; pending {
			s.finish(o, status)
		}
	})
	return pending
}
