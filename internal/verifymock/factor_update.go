// SPDX-License-Identifier: MPL-2.0

package verifymock

import "time"

const maxAttempts = 5

func (s *Server) updateFactor(c *call, f *factor) (any, *apiError) {
	form := c.form
	if refusal := s.checkFactorUpdate(f.Factor, form); refusal != nil {
		return nil, refusal
	}
	updated := f.clone()
	updated.apply(form)
	if form.Has("AuthPayload") {
		if refusal := s.verifyFactor(f, &updated, form.Get("AuthPayload")); refusal != nil {
			return nil, refusal
		}
	}
	if len(form) > 0 {
		updated.DateUpdated = c.now
	}
	becomesVerified := f.Status != updated.Status
	f.Factor = updated
	if becomesVerified {
		s.emit(eventFactorVerified, f, "")
	}
	return s.wireFactor(c, f.Factor), nil
}

// verifyFactor checks the payload against the updated factor. A refusal does not change the stored
// factor, except for its number of attempts.
func (s *Server) verifyFactor(f *factor, updated *Factor, payload string) *apiError {
	if updated.Status == statusVerified {
		if s.config.RefuseSecondVerification {
			return errVerificationFailed
		}
		return nil
	}
	if f.Attempts >= maxAttempts {
		return errTooManyAttempts
	}
	if updated.accepts(payload, s.now()) {
		updated.Status = statusVerified
		return nil
	}
	f.Attempts++
	updated.Attempts = f.Attempts
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
