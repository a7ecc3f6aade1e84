// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Challenges are the challenges of entities.
var Challenges = &Kind[*Challenge]{
	Noun: "challenge", List: "challenges", Prefix: "YC",
	Route: "/v2/Services/{ServiceSid}/Entities/{Identity}/Challenges/{Sid}",
	Path:  []Parameter{serviceParameter, identityParameter, sidParameter("sid", "a challenge", "YC")},
	Key:   []string{"factor_sid"},
}

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
	FactorSID       string           `json:"factor_sid" form:"FactorSid"`
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

// CreateChallenge challenges a factor. With an AuthPayload, Twilio checks the code immediately. A
// wrong code is not an error; check the status of the returned challenge. The request is not
// repeated if it may have been processed: a challenge notifies a person or uses up one of a limited
// number of attempts. In that case, the error is a [*CreateError].
func (c *Client) CreateChallenge(ctx context.Context, entity EntityID, params ChallengeParams) (*Challenge, error) {
	path := entity.path()
	call := Challenges.call(c, "create challenge", http.MethodPost, path)
	call.invalid, call.once, call.uncancelable = Factors.invalid(entity.path(params.FactorSID)), true, true
	call.payload, call.expiresIn, call.form = params.AuthPayload, params.ExpiresIn, url.Values{"FactorSid": {params.FactorSID}}
	setParam(call.form, "Details.Message", params.Message)
	for _, field := range params.Fields {
		call.form.Add("Details.Fields", JSON(field))
	}
	setParam(call.form, "HiddenDetails", params.HiddenDetails)
	challenge, err := Challenges.receive(ctx, c, call, path, call.form)
	if c.misledByClock(call, err) {
		challenge, err = Challenges.receive(ctx, c, call, path, call.form)
	}
	var failed *Error
	if errors.As(err, &failed) && failed.mayHaveActed() {
		return nil, &CreateError{Unknown: true, Err: err}
	}
	return challenge, err
}

// misledByClock reports whether Twilio refused an ExpirationDate that followed a wrong clock. The
// first request of a process follows this machine's clock.
func (c *Client) misledByClock(call *call, err error) bool {
	var e *Error
	server, local := c.Clocks()
	wrong := (server.Sub(local) - call.ahead).Abs() > clockSlack
	return wrong && call.expiresIn != 0 && errors.As(err, &e) && e.Err == nil &&
		e.Status >= 400 && e.Status <= 499 && e.Status != StatusTooManyRequests && e.Code != CodeBadAuthPayload
}
