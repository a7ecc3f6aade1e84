// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxMessageChars  = 256
	maxDetailsFields = 20
	maxLabelChars    = 36
	maxValueChars    = 128

	defaultChallengeTTL = 5 * time.Minute
	maxChallengeTTL     = time.Hour

	// Limits for challenges of a TOTP factor, by the length of its codes.
	shortCodeLength      = 4
	maxShortCodeDaily    = 10
	maxLongCodeDaily     = 100
	maxLongCodeHourly    = 50
	challengeDailyPeriod = 24 * time.Hour
)

var isTOTPPayload = length(3, 8)

func (s *Server) createChallenge(c *call) (any, *apiError) {
	form := c.form
	if refusal := checkChallenge(c, form); refusal != nil {
		return nil, refusal
	}
	e, refusal := entityKind.find(s, c)
	if refusal != nil {
		return nil, refusal
	}
	o := s.state.object(factorKind, form.Get("FactorSid"))
	if o == nil || !strings.HasPrefix(o.path, e.path+"/") {
		return nil, errNotFound(c.logged.Path)
	}
	f := typed[Factor](o.Object)
	if f.Status != statusVerified {
		return nil, errFactorUnverified
	}
	if refusal := checkChallengeDetails(f, form); refusal != nil {
		return nil, refusal
	}
	if f.FactorType == typeTOTP && !o.mayBeChallenged(f, c.now) {
		return nil, errTooManyChallenges
	}
	r := s.addObject(challengeKind, objectOf(newChallenge(c, f)))
	if form.Has("AuthPayload") {
		if refusal := s.respond(r, f, form.Get("AuthPayload")); refusal != nil {
			return nil, refusal
		}
	}
	return challengeKind.wireOf(s, c, r), nil
}

// checkChallenge performs the checks that do not depend on the factor.
func checkChallenge(c *call, form url.Values) *apiError {
	refusal := checkForm(form, []field{
		{name: "factor_sid", create: required, valid: sidWith(prefixFactor)},
		{name: "expiration_date", create: optional, valid: func(v string) bool {
			at, err := time.Parse(time.RFC3339, v)
			return err == nil && at.After(c.now) && !at.After(c.now.Add(maxChallengeTTL))
		}},
		{name: "details.message", create: optional, valid: length(1, maxMessageChars)},
		{name: "details.fields", create: optional, valid: isDetailsField, typ: asList, empty: emptyKept},
		{name: "hidden_details", create: optional, valid: isStringMap},
		{name: "auth_payload", create: optional, valid: isTOTPPayload},
	}, field.onCreate)
	if refusal == nil && len(detailsFields(form)) > maxDetailsFields {
		return errInvalidParameter("Details.Fields")
	}
	return refusal
}

// checkChallengeDetails performs the checks that depend on the factor's type.
func checkChallengeDetails(f Factor, form url.Values) *apiError {
	switch {
	case f.FactorType == typePush && !form.Has("Details.Message"):
		return errMissingParameter("Details.Message")
	case f.FactorType != typeTOTP && form.Has("AuthPayload"):
		return errInvalidParameter("AuthPayload")
	}
	return nil
}

// detailsFields returns the fields in the form. Twilio's own template of a request sends an empty one
// if a challenge has none.
func detailsFields(form url.Values) []string {
	return slices.DeleteFunc(slices.Clone(form["Details.Fields"]), func(v string) bool { return v == "" })
}

func isDetailsField(v string) bool {
	field, err := parseDetailsField(v)
	return err == nil && field.Label != "" && utf8.RuneCountInString(field.Label) <= maxLabelChars &&
		field.Value != "" && utf8.RuneCountInString(field.Value) <= maxValueChars
}

func parseDetailsField(v string) (field ChallengeField, err error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(v)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&field); err != nil {
		return field, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return field, io.ErrUnexpectedEOF
	}
	return field, nil
}

// mayBeChallenged reports whether the factor's limits allow another challenge, and counts it if
// they do.
func (o *record) mayBeChallenged(f Factor, now time.Time) bool {
	o.creates = since(o.creates, now.Add(-challengeDailyPeriod))
	daily, hourly := maxLongCodeDaily, maxLongCodeHourly
	if f.CodeLength <= shortCodeLength {
		daily, hourly = maxShortCodeDaily, maxShortCodeDaily
	}
	lastHour := 0
	for _, t := range o.creates {
		if t.After(now.Add(-time.Hour)) {
			lastHour++
		}
	}
	if len(o.creates) >= daily || lastHour >= hourly {
		return false
	}
	o.creates = append(o.creates, now)
	return true
}

// newChallenge returns the challenge that the call's checked parameters describe.
func newChallenge(c *call, f Factor) Challenge {
	form := c.form
	r := Challenge{
		AccountSID: f.AccountSID, ServiceSID: f.ServiceSID, EntitySID: f.EntitySID, Identity: f.Identity,
		FactorSID: f.SID, FactorType: f.FactorType, Status: statusPending, RespondedReason: reasonNone,
		Message: form.Get("Details.Message"), HiddenDetails: form.Get("HiddenDetails"),
		DateCreated: c.now, ExpirationDate: c.now.Add(defaultChallengeTTL),
	}
	for _, v := range detailsFields(form) {
		field, _ := parseDetailsField(v) // validated before
		r.Fields = append(r.Fields, field)
	}
	if form.Has("ExpirationDate") {
		r.ExpirationDate, _ = time.Parse(time.RFC3339, form.Get("ExpirationDate")) // validated before
	}
	return r
}
