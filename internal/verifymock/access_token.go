// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/base64"
	"time"
)

const (
	prefixAccessToken = "YK"

	defaultTokenTTL = 60  // seconds
	minTokenTTL     = 60  // seconds
	maxTokenTTL     = 300 // seconds

	// jweHeader is the header of the tokens that Twilio issues.
	jweHeader = `{"zip":"DEF","kid":"VERIFYMOCK_v1","cty":"twilio-fpa;v=1","enc":"A256GCM","alg":"dir"}`

	jweNonceBytes = 12
	jweTagBytes   = 16
	jweTextBytes  = 240
)

// accessToken is a stored access token.
type accessToken struct {
	row
	SID          string
	service      *record
	identity     string
	friendlyName string
	ttl          int // seconds
	token        string
	created      time.Time
}

func (t *accessToken) expires() time.Time {
	return t.created.Add(time.Duration(t.ttl) * time.Second)
}

// newJWE returns random bytes in the form of an encrypted token.
func (s *Server) newJWE() string {
	encode := base64.RawURLEncoding.EncodeToString
	random := s.random.bytes("token", jweNonceBytes+jweTextBytes+jweTagBytes)
	nonce, text, tag := random[:jweNonceBytes], random[jweNonceBytes:jweNonceBytes+jweTextBytes], random[jweNonceBytes+jweTextBytes:]
	return encode([]byte(jweHeader)) + ".." + encode(nonce) + "." + encode(text) + "." + encode(tag)
}

func (s *Server) createAccessToken(c *call) (any, *apiError) {
	form := c.form
	refusal := checkForm(form, []rule{
		{name: "Identity", use: required, valid: isIdentity},
		{name: "FactorType", use: required, valid: oneOf(typePush)},
		{name: "FactorFriendlyName", use: optional, valid: length(1, maxNameChars)},
		{name: "Ttl", use: optional, valid: between(minTokenTTL, maxTokenTTL)},
	})
	if refusal != nil {
		return nil, refusal
	}
	t := &accessToken{
		row: s.newRow(prefixAccessToken), SID: s.random.sid(prefixAccessToken), service: c.service,
		identity: form.Get("Identity"), friendlyName: form.Get("FactorFriendlyName"), ttl: defaultTokenTTL,
		token: s.newJWE(), created: c.now,
	}
	if form.Has("Ttl") {
		t.ttl = number(form.Get("Ttl"))
	}
	s.state.accessTokens[t.SID] = t
	return s.wireAccessToken(c, t), nil
}

func (s *Server) fetchAccessToken(c *call) (any, *apiError) {
	t := s.state.accessTokens[c.path["Sid"]]
	if t == nil || t.service != c.service || !s.now().Before(t.expires()) {
		return nil, errNotFound(c.logged.Path)
	}
	return s.wireAccessToken(c, t), nil
}

func (s *Server) wireAccessToken(c *call, t *accessToken) map[string]any {
	return map[string]any{
		"sid": t.SID, "account_sid": t.service.Object["account_sid"], "service_sid": t.service.Object["sid"],
		"entity_identity": s.wireIdentity(t.identity), "factor_type": typePush, "factor_friendly_name": nullable(t.friendlyName),
		"ttl": t.ttl, "date_created": formatDate(t.created), "token": t.token, "url": c.serviceURL() + "/AccessTokens/" + t.SID,
	}
}
