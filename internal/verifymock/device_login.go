// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"strings"
	"time"
)

const (
	deviceUser        = "token"
	deviceContentType = "twilio-pba;v=1"
)

// deviceLogin is the login of a device, with either an access token to create its factor or a JWT
// signed with the factor's key.
type deviceLogin struct {
	accountSID string
	serviceSID string
	identity   string
	factorSID  string // "" for an access token
}

// authenticateDevice returns the login of a token, or nil if the token is not valid.
func (s *Server) authenticateDevice(token string) *deviceLogin {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.state.expire(now)
	for _, t := range s.state.rows[AccessTokens] {
		if t.Text("token") == token && t.isCurrent(now) {
			return &deviceLogin{accountSID: t.Text("account_sid"), serviceSID: t.Text("service_sid"), identity: t.Text("identity")}
		}
	}
	jwt, err := parseJWT(token)
	if err != nil {
		return nil
	}
	for _, o := range s.state.rows[Factors] {
		f := typed[Factor](o.Object)
		if f.CredentialSID != "" && f.CredentialSID == jwt.header["kid"] && f.acceptsLogin(jwt, now) {
			return &deviceLogin{f.AccountSID, f.ServiceSID, f.Identity, f.SID}
		}
	}
	return nil
}

// acceptsLogin reports whether the factor's device made the token for a login at that time.
func (f Factor) acceptsLogin(jwt *jwt, now time.Time) bool {
	key, err := parsePublicKey(f.PublicKey)
	if err != nil || jwt.header["cty"] != deviceContentType || !jwt.signedBy(key) {
		return false
	}
	notBefore, ok := jwt.claims["nbf"].(float64)
	expires, ok2 := jwt.claims["exp"].(float64)
	seconds := float64(now.Unix())
	return ok && ok2 && notBefore <= seconds && seconds < expires && jwt.claims["sub"] == f.AccountSID
}

// allows reports whether the device may send the request. An access token allows only creating a
// factor; the factor's key allows using the factor and the entity's challenges.
func (l *deviceLogin) allows(c *call) bool {
	if c.path["ServiceSid"] != l.serviceSID || !strings.EqualFold(c.path["Identity"], l.identity) {
		return false
	}
	if l.factorSID == "" {
		return c.route.operation == OperationCreate
	}
	switch c.route.template {
	case factorTemplate:
		return c.path["Sid"] == l.factorSID
	case challengesTemplate, challengeTemplate:
		return c.route.operation != OperationChallengeCreate
	}
	return false
}
