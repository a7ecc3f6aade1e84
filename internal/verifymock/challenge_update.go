// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
)

const (
	maxChecks       = 5
	maxPushPayload  = 5456
	jwtHeaderFields = 2 // typ and alg

	signatureFieldsHeader = "Twilio-Verify-Signature-Fields"
)

// signatureFields are the fields of a push challenge that the device signs.
var signatureFields = []string{
	"sid", "account_sid", "service_sid", "entity_sid", "identity", "factor_sid", "date_created", "expiration_date",
	"details", "hidden_details",
}

func (s *Server) updateChallenge(c *call, r *record) (any, *apiError) {
	payload := isTOTPPayload
	if r.Text("factor_type") == typePush {
		payload = length(1, maxPushPayload)
	}
	form := c.form
	refusal := checkForm(form, []field{
		{name: "auth_payload", update: optional, valid: payload},
		{name: "metadata", update: optional, valid: isStringMap},
	}, field.onUpdate)
	if refusal != nil {
		return nil, refusal
	}
	if form.Has("AuthPayload") {
		if refusal := s.checkResponse(c, r, form.Get("AuthPayload")); refusal != nil {
			return nil, refusal
		}
	}
	if form.Has("Metadata") {
		r.Object["metadata"] = form.Get("Metadata")
	}
	if len(form) > 0 {
		r.Object["date_updated"] = c.now
	}
	return challengeKind.wireOf(s, c, r), nil
}

// checkResponse approves or denies a pending challenge with the payload.
func (s *Server) checkResponse(c *call, o *record, payload string) *apiError {
	r, stored := typed[Challenge](o.Object), s.state.object(factorKind, o.Text("factor_sid"))
	switch {
	case stored == nil:
		return errNotFound(c.logged.Path)
	case r.Status == statusExpired:
		return errChallengeExpired
	case r.Status != statusPending:
		return errChallengeResponded
	case r.Attempts >= maxChecks:
		return errTooManyChecks
	case r.FactorType == typePush:
		return s.respondPush(c, o, typed[Factor](stored.Object), payload)
	}
	return s.respond(o, typed[Factor](stored.Object), payload)
}

// respond approves the challenge of a TOTP factor if the code is right. It counts a wrong code.
func (s *Server) respond(r *record, f Factor, code string) *apiError {
	if f.accepts(code, s.now()) {
		s.finish(r, statusApproved)
		return nil
	}
	r.count("attempts")
	if s.config.RefuseWrongChallengePayload {
		return errChallengePayloadFailed
	}
	return nil
}

// respondPush approves or denies the challenge of a push factor according to the token that the
// device signed.
func (s *Server) respondPush(c *call, r *record, f Factor, token string) *apiError {
	jwt, err := parseJWT(token)
	if err != nil {
		return errInvalidParameter("AuthPayload")
	}
	status, err := f.responseOf(jwt, challengeKind.wireOf(s, c, r))
	if err != nil {
		r.count("attempts")
		return newError(http.StatusForbidden, errChallengePayloadFailed.Code, errChallengePayloadFailed.Message+": "+err.Error())
	}
	s.finish(r, status)
	return nil
}

// responseOf returns the status in a token that the factor's device signed for the challenge.
func (f Factor) responseOf(jwt *jwt, w map[string]any) (string, error) {
	key, err := parsePublicKey(f.PublicKey)
	if err != nil || !jwt.signedBy(key) {
		return "", fmt.Errorf("the signature is not that of factor %s", f.SID)
	}
	if len(jwt.header) != jwtHeaderFields {
		return "", fmt.Errorf("the header of the JWT has %d fields, want typ and alg", len(jwt.header))
	}
	status, _ := jwt.claims["status"].(string)
	if status != statusApproved && status != statusDenied {
		return "", fmt.Errorf("status is %q, want approved or denied", status)
	}
	fields := wireObject(w)
	for _, name := range signatureFields {
		if value, ok := jwt.claims[name]; !ok || !reflect.DeepEqual(value, fields[name]) {
			return "", fmt.Errorf("%s is not that of the challenge", name)
		}
	}
	if len(jwt.claims) != len(signatureFields)+1 {
		return "", fmt.Errorf("%d claims, want those of the header %s and status", len(jwt.claims), signatureFieldsHeader)
	}
	return status, nil
}

// wireObject returns the object that a client decodes from the response.
func wireObject(w map[string]any) map[string]any {
	var object map[string]any
	encoded, err := json.Marshal(w)
	if err == nil {
		err = json.Unmarshal(encoded, &object)
	}
	if err != nil {
		panic(fmt.Sprintf("verifymock: a challenge has a value that is not JSON: %v", err))
	}
	return object
}

// finish gives the challenge its final status.
func (s *Server) finish(r *record, status string) {
	r.Object["status"], r.Object["date_responded"], r.Object["date_updated"] = status, s.today(), s.today()
	s.emit("challenge."+status, r)
}
