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

var accessTokenKind = &kind{
	name: AccessTokens, prefix: prefixAccessToken, template: accessTokenTemplate, verbs: []string{"create", "fetch"},
	fields: []field{
		{name: "identity", create: required, valid: isIdentity, secret: true}, // returned with another name
		{name: "factor_type", create: required, valid: oneOf(typePush)},
		{name: "factor_friendly_name", create: optional, valid: length(1, maxNameChars)},
		{name: "ttl", create: optional, valid: between(minTokenTTL, maxTokenTTL), typ: asInteger, value: defaultTokenTTL},
		{name: "token"},
	},
	check: func(s *Server, _ *call, o Object) *apiError {
		o["token"] = s.newJWE()
		return nil
	},
	shows: func(s *Server, _ *call, o Object) bool { return o.isCurrent(s.now()) },
	wire: func(s *Server, _ *call, o Object, w map[string]any) {
		w["entity_identity"] = s.wireIdentity(o.Text("identity"))
		delete(w, "date_updated")
	},
}

// isCurrent reports whether an access token has not expired.
func (o Object) isCurrent(now time.Time) bool {
	created, _ := o["date_created"].(time.Time)
	ttl, _ := o["ttl"].(int)
	return now.Before(created.Add(time.Duration(ttl) * time.Second))
}

// newJWE returns random bytes in the form of an encrypted token.
func (s *Server) newJWE() string {
	encode := base64.RawURLEncoding.EncodeToString
	random := s.random.bytes("token", jweNonceBytes+jweTextBytes+jweTagBytes)
	nonce, text, tag := random[:jweNonceBytes], random[jweNonceBytes:jweNonceBytes+jweTextBytes], random[jweNonceBytes+jweTextBytes:]
	return encode([]byte(jweHeader)) + ".." + encode(nonce) + "." + encode(text) + "." + encode(tag)
}
