// SPDX-License-Identifier: MPL-2.0

package verifymock

import "time"

const maxAttempts = 5

func (s *Server) updateFactor(c *call, o *record) (any, *apiError) {
	form, f := c.form, typed[Factor](o.Object)
	if refusal := checkFactorUpdate(s.config, f, form); refusal != nil {
		return nil, refusal
	}
	f.apply(form)
	if form.Has("AuthPayload") {
		if refusal := s.verifyFactor(o, &f, form.Get("AuthPayload")); refusal != nil {
			return nil, refusal
		}
	}
	if len(form) > 0 {
		f.DateUpdated = c.now
	}
	becomesVerified := o.Text("status") != f.Status
	o.Object = objectOf(f)
	if becomesVerified {
		s.emit(eventFactorVerified, o)
	}
	return factorKind.wireOf(s, c, o), nil
}

// verifyFactor checks the payload against the updated factor. A refusal does not change the stored
// factor, except for its number of attempts.
func (s *Server) verifyFactor(o *record, updated *Factor, payload string) *apiError {
	switch {
	case updated.Status == statusVerified && s.config.RefuseSecondVerification:
		return errVerificationFailed
	case updated.Status == statusVerified:
		return nil
	case updated.Attempts >= maxAttempts:
		return errTooManyAttempts
	case updated.accepts(payload, s.now()):
		updated.Status = statusVerified
		return nil
	}
	updated.Attempts++
	o.Object["attempts"] = updated.Attempts
	if s.config.RefuseWrongPayload {
		return errVerificationFailed
	}
	return nil
}

// accepts reports whether the payload proves possession of the factor's secret or key.
func (f Factor) accepts(payload string, now time.Time) bool {
	if f.FactorType == typePush {
		return f.acceptsSignature(payload)
	}
	return f.acceptsCode(payload, now)
}
