// SPDX-License-Identifier: MPL-2.0

package verifymock

const maxAttempts = 5

func (s *Server) updateFactor(c *call) (any, *apiError) {
	r, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	form := c.logged.Form
	if refusal := s.checkUpdate(r.Factor, form); refusal != nil {
		return nil, refusal
	}
	updated := r.clone()
	updated.apply(form)
	if form.Has("AuthPayload") {
		if refusal := s.verify(c, r, &updated); refusal != nil {
			return nil, refusal
		}
	}
	if len(form) > 0 {
		updated.DateUpdated = c.now
	}
	r.Factor = updated
	return s.wireFactor(c, r), nil
}

// verify checks the AuthPayload against the updated factor. A refusal leaves the record as it is, but for the count
// of attempts.
func (s *Server) verify(c *call, r *record, updated *Factor) *apiError {
	if updated.Status == statusVerified {
		if s.config.RefuseSecondVerification {
			return errVerificationFailed()
		}
		return nil
	}
	if r.Attempts >= maxAttempts {
		return errTooManyAttempts()
	}
	if updated.accepts(c.logged.Form.Get("AuthPayload"), s.now()) {
		updated.Status = statusVerified
		return nil
	}
	r.Attempts++
	updated.Attempts = r.Attempts
	if s.config.RefuseWrongPayload {
		return errVerificationFailed()
	}
	return nil
}
