// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Operations on challenges.
const (
	OperationCreateChallenge Operation = "create challenge"
	OperationFetchChallenge  Operation = "read challenge"
	OperationListChallenges  Operation = "list challenges"
)

const (
	challengesRoute = "/v2/Services/{ServiceSid}/Entities/{Identity}/Challenges"
	challengeRoute  = challengesRoute + "/{Sid}"
)

var (
	// createChallenge is not repeatable: it notifies a person or uses up one of a limited number of
	// attempts.
	createChallenge = endpoint{operation: OperationCreateChallenge, method: http.MethodPost, route: challengesRoute, shielded: true}
	fetchChallenge  = endpoint{operation: OperationFetchChallenge, method: http.MethodGet, route: challengeRoute, repeatable: true}
	listChallenges  = endpoint{operation: OperationListChallenges, method: http.MethodGet, route: challengesRoute, repeatable: true}
)

var challengeSIDPattern = sidPattern("YC")

var challenges = kind[Challenge]{"challenge", challengeSIDPattern, func(c *Challenge) string { return c.SID }}

// ChallengeStatus is the status of a challenge.
type ChallengeStatus string

// The statuses of a challenge. All but pending are final.
const (
	ChallengePending  ChallengeStatus = "pending"
	ChallengeApproved ChallengeStatus = "approved"
	ChallengeDenied   ChallengeStatus = "denied"
	ChallengeExpired  ChallengeStatus = "expired"
)

// Challenge is a challenge as the API returns it. Any field may be empty: each is nullable in the
// API's schema.
type Challenge struct {
	SID             string           `json:"sid"`
	AccountSID      string           `json:"account_sid"`
	FactorSID       string           `json:"factor_sid"`
	FactorType      FactorType       `json:"factor_type"`
	Status          ChallengeStatus  `json:"status"`
	RespondedReason string           `json:"responded_reason"`
	Details         ChallengeDetails `json:"details"`
	ExpirationDate  string           `json:"expiration_date"`
	DateCreated     string           `json:"date_created"`
}

// ChallengeDetails are the parts of a challenge that a push device shows.
type ChallengeDetails struct {
	Message string           `json:"message"`
	Fields  []ChallengeField `json:"fields"`
}

// ChallengeField is a labeled value that a push device shows.
type ChallengeField struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// ChallengeParams are the parameters of a challenge. A nil parameter is not sent.
type ChallengeParams struct {
	FactorSID string
	// ExpiresIn is how long the challenge stays pending.
	ExpiresIn     time.Duration
	Message       *string
	Fields        []ChallengeField
	HiddenDetails *string // a JSON object of strings
	// AuthPayload computes the code of a TOTP factor; nil if a device responds to the challenge.
	AuthPayload AuthPayloadFunc
}

func (p ChallengeParams) form() (url.Values, error) {
	form := url.Values{"FactorSid": {p.FactorSID}}
	setParam(form, "Details.Message", p.Message)
	for _, field := range p.Fields {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(field); err != nil {
			return nil, err
		}
		form.Add("Details.Fields", strings.TrimSpace(text.String()))
	}
	setParam(form, "HiddenDetails", p.HiddenDetails)
	return form, nil
}

// CreateChallenge challenges a factor. With an AuthPayload, Twilio checks the code immediately. A
// wrong code is not an error; check the status of the returned challenge. If it is unknown whether
// a challenge was created, or which one, the error is an [*UnknownOutcomeError].
func (c *Client) CreateChallenge(ctx context.Context, entity Entity, params ChallengeParams) (*Challenge, error) {
	err := entity.check()
	if err == nil {
		err = checkSID(FactorSIDPattern, "a factor", params.FactorSID)
	}
	if err != nil {
		return nil, &Error{Operation: OperationCreateChallenge, Err: err}
	}
	create := &Create[Challenge]{
		client:    c,
		noun:      "challenge",
		scope:     entity.scope() + "/challenges",
		key:       entity.scope() + "/challenges/" + params.FactorSID,
		operation: OperationCreateChallenge,
		post: func(ctx context.Context) (*Challenge, error) {
			return c.postChallenge(ctx, entity, params)
		},
		list: func(ctx context.Context) iter.Seq2[*Challenge, error] {
			return c.latestChallenges(ctx, entity, params.FactorSID)
		},
		resembles: params.resembles,
		hasKey:    func(*Challenge) bool { return true }, // the list is that of one factor
		sid:       challenges.sid,
		date:      func(challenge *Challenge) string { return challenge.DateCreated },
	}
	challenge, _, err := create.run(ctx)
	return challenge, err
}

// postChallenge creates a challenge. The first request of a process follows this machine's clock. If
// Twilio refuses it, and the response shows that the clock is wrong, the request is sent once more.
func (c *Client) postChallenge(ctx context.Context, entity Entity, params ChallengeParams) (*Challenge, error) {
	form, err := params.form()
	if err != nil {
		return nil, &Error{Operation: OperationCreateChallenge, Err: err}
	}
	for first := true; ; first = false {
		call := c.call(createChallenge, entity.ServiceSID, entity.Identity)
		call.form, call.payload, call.expiresIn = form, params.AuthPayload, params.ExpiresIn
		challenge, err := c.doChallenge(ctx, call, entity, "")
		if err == nil || !first || !c.misledByClock(call, err) {
			return challenge, err
		}
	}
}

// misledByClock reports whether Twilio refused an ExpirationDate that followed a wrong clock.
func (c *Client) misledByClock(call *call, err error) bool {
	var e *Error
	server, local := c.Clocks()
	wrong := (server.Sub(local) - call.ahead).Abs() > clockSlack
	return wrong && call.expiresIn != 0 && errors.As(err, &e) && e.Err == nil &&
		e.Status >= 400 && e.Status <= 499 && e.Status != StatusTooManyRequests && e.Code != CodeBadAuthPayload
}

// latestChallenges iterates over the newest challenges of a factor. One page is enough to find one
// that was just created, because Twilio allows 50 per hour.
func (c *Client) latestChallenges(ctx context.Context, entity Entity, factorSID string) iter.Seq2[*Challenge, error] {
	return func(yield func(*Challenge, error) bool) {
		call := c.call(listChallenges, entity.ServiceSID, entity.Identity)
		call.url.RawQuery = url.Values{"FactorSid": {factorSID}, "Order": {"desc"}, "PageSize": {"50"}}.Encode()
		latest, _, err := page[Challenge](ctx, c, call, "challenges")
		if err != nil {
			yield(nil, err)
			return
		}
		for i := range latest {
			if !yield(&latest[i], nil) {
				return
			}
		}
	}
}

// resembles reports whether the challenge could be the result of a create with these parameters. An
// empty field in the response matches anything.
func (p ChallengeParams) resembles(challenge *Challenge) bool {
	message := challenge.Details.Message
	return (challenge.FactorSID == "" || strings.EqualFold(challenge.FactorSID, p.FactorSID)) &&
		(p.Message == nil || message == "" || message == *p.Message)
}

// FetchChallenge reads a challenge.
func (c *Client) FetchChallenge(ctx context.Context, entity Entity, sid string) (*Challenge, error) {
	err := entity.check()
	if err == nil {
		err = checkSID(challengeSIDPattern, "a challenge", sid)
	}
	if err != nil {
		return nil, &Error{Operation: OperationFetchChallenge, Err: err}
	}
	return c.doChallenge(ctx, c.call(fetchChallenge, entity.ServiceSID, entity.Identity, sid), entity, sid)
}

// doChallenge makes a call that returns a challenge, and claims the challenge.
func (c *Client) doChallenge(ctx context.Context, call *call, entity Entity, sid string) (*Challenge, error) {
	return challenges.do(ctx, c, call, entity.scope()+"/challenges", sid)
}
