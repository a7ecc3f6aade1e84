// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// AccessTokens are the access tokens of services. They can only be created.
var AccessTokens = &Kind[*AccessToken]{
	Noun: "access token", List: "access_tokens", Prefix: "YK",
	Route: "/v2/Services/{ServiceSid}/AccessTokens/{Sid}",
	Path:  []Parameter{serviceParameter, sidParameter("sid", "an access token", "YK")},
}

// AccessToken lets a device create one push factor.
type AccessToken struct {
	Common

	Token   string    `json:"token"`
	TTL     *int64    `json:"ttl"` // seconds
	Expires time.Time `json:"-"`
}

// defaultTTL is the lifetime of a token, in seconds, if neither the request nor the response sets
// it.
const defaultTTL int64 = 60

// CreateAccessToken creates an access token with which the SDK on a device creates a push factor
// with a name for the entity. ttl is in seconds, and 60 if it is nil. A nil parameter is not sent. The
// request may be repeated: a token whose response is lost expires unused.
func (c *Client) CreateAccessToken(ctx context.Context, entity EntityID, friendlyName *string, ttl *int64) (*AccessToken, error) {
	path := []string{entity.ServiceSID}
	call := AccessTokens.call(c, "create access token", http.MethodPost, path)
	call.invalid = Entities.invalid(entity.path())
	call.form = url.Values{"Identity": {entity.Identity}, "FactorType": {string(FactorTypePush)}}
	setParam(call.form, "FactorFriendlyName", friendlyName)
	setParam(call.form, "Ttl", ttl)
	requested, seconds := c.ServerTime(), defaultTTL
	token, err := AccessTokens.receive(ctx, c, call, path, nil)
	switch {
	case err != nil:
		return nil, err
	case token.Token == "":
		return nil, c.responseError(call, errors.New("the response is not an access token"))
	}
	for _, known := range []*int64{ttl, token.TTL} {
		if known != nil && *known > 0 {
			seconds = *known
		}
	}
	created, ok := parseDate(token.DateCreated)
	if !ok {
		created = requested
	}
	token.Expires = created.Add(time.Duration(seconds) * time.Second).UTC()
	return token, nil
}
