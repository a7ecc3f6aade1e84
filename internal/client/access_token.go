// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// OperationCreateAccessToken creates an access token.
const OperationCreateAccessToken Operation = "create access token"

// createAccessToken is repeatable: a token whose response is lost expires unused.
var createAccessToken = endpoint{
	operation: OperationCreateAccessToken, method: http.MethodPost, route: "/v2/Services/{ServiceSid}/AccessTokens", repeatable: true,
}

var accessTokenSIDPattern = sidPattern("YK")

// AccessToken lets a device create one push factor.
type AccessToken struct {
	SID        string
	AccountSID string
	Token      string
	Expires    time.Time
}

// AccessTokenParams are the parameters of an access token. A nil parameter is not sent.
type AccessTokenParams struct {
	FactorFriendlyName *string
	TTL                *int64 // seconds; 60 when nil
}

// defaultTTL is the lifetime of a token, in seconds, if neither the request nor the response sets
// it.
const defaultTTL = 60

func (p AccessTokenParams) ttl() int64 {
	if p.TTL == nil {
		return defaultTTL
	}
	return *p.TTL
}

// CreateAccessToken creates an access token with which the SDK on a device creates a push factor
// for the entity.
func (c *Client) CreateAccessToken(ctx context.Context, entity EntityID, params AccessTokenParams) (*AccessToken, error) {
	if err := entity.check(createAccessToken.operation); err != nil {
		return nil, err
	}
	call := &call{endpoint: createAccessToken, url: c.endpointURL("", createAccessToken.route, entity.ServiceSID)}
	call.form = url.Values{"Identity": {entity.Identity}, "FactorType": {string(FactorTypePush)}}
	setParam(call.form, "FactorFriendlyName", params.FactorFriendlyName)
	setParam(call.form, "Ttl", params.TTL)
	var body struct {
		SID         string      `json:"sid"`
		AccountSID  string      `json:"account_sid"`
		Token       string      `json:"token"`
		TTL         json.Number `json:"ttl"`
		DateCreated string      `json:"date_created"`
	}
	requested := c.ServerTime()
	if err := c.do(ctx, call, &body); err != nil {
		return nil, err
	}
	if !accessTokenSIDPattern.MatchString(body.SID) || body.Token == "" {
		return nil, c.responseError(call, errors.New("the response is not an access token"))
	}
	created, ok := parseDate(body.DateCreated)
	if !ok {
		created = requested
	}
	ttl, err := body.TTL.Int64()
	if err != nil || ttl <= 0 {
		ttl = params.ttl()
	}
	return &AccessToken{
		SID:        body.SID,
		AccountSID: body.AccountSID,
		Token:      body.Token,
		Expires:    created.Add(time.Duration(ttl) * time.Second).UTC(),
	}, nil
}
