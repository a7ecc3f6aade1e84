// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/base64"
	"net/http"
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
	refusal := s.checkForm(form, []rule{
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
	if s.config.AccessTokenStatusOK {
		c.status = http.StatusOK
	}
	return s.wireAccessToken(c, t), nil
}

func (s *Server) fetchAccessToken(c *call) (any, *apiError) {
	t := s.state.accessTokens[c.path["Sid"]]
	if t == nil || t.service != c.service || !s.now().Before(t.expires()) {
		return nil, errNotFound(c.logged.Path)
	}
	return s.wireAccessToken(c, t), nil
}

// wireAccessToken is an access token as the API returns it.
type wireAccessToken struct {
	SID                string  `json:"sid"`
	AccountSID         string  `json:"account_sid"`
	ServiceSID         string  `json:"service_sid"`
	EntityIdentity     string  `json:"entity_identity"`
	FactorType         string  `json:"factor_type"`
	FactorFriendlyName *string `json:"factor_friendly_name"`
	TTL                int     `json:"ttl"`
	DateCreated        string  `json:"date_created"`
	Token              string  `json:"token"`
	URL                string  `json:"url"`
}

func (s *Server) wireAccessToken(c *call, t *accessToken) wireAccessToken {
	return wireAccessToken{
		SID: t.SID, AccountSID: t.service.Text("account_sid"), ServiceSID: t.service.Text("sid"), EntityIdentity: s.wireIdentity(t.identity),
		FactorType: typePush, FactorFriendlyName: nullable(t.friendlyName), TTL: t.ttl,
		DateCreated: formatDate(t.created), Token: t.token, URL: c.serviceURL() + "/AccessTokens/" + t.SID,
	}
}
