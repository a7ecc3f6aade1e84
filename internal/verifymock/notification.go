// SPDX-License-Identifier: MPL-2.0

package verifymock

const (
	prefixNotification     = "NT"
	maxNotifications       = 3 // per challenge
	maxNotificationTTL     = 300
	defaultNotificationTTL = 300
)

// wireNotification is a notification as the API returns it.
type wireNotification struct {
	SID          string `json:"sid"`
	AccountSID   string `json:"account_sid"`
	ServiceSID   string `json:"service_sid"`
	EntitySID    string `json:"entity_sid"`
	Identity     string `json:"identity"`
	ChallengeSID string `json:"challenge_sid"`
	DateCreated  string `json:"date_created"`
	Priority     string `json:"priority"`
	TTL          int    `json:"ttl"`
}

// createNotification counts the notification. It is sent nowhere, because a simulated device polls
// for its challenges.
func (s *Server) createNotification(c *call) (any, *apiError) {
	r, refusal := s.findChallenge(c)
	if refusal != nil {
		return nil, refusal
	}
	form := c.form
	refusal = s.checkForm(form, []rule{{name: "Ttl", use: optional, valid: between(0, maxNotificationTTL)}})
	if refusal != nil {
		return nil, refusal
	}
	f := s.state.factors[r.FactorSID]
	switch {
	case f == nil:
		return nil, s.errNounNotFound(codeFactorNotFound, c.logged.Path)
	case r.Status == statusExpired:
		return nil, newError(codeChallengeExpired)
	case r.Status != statusPending:
		return nil, newError(codeChallengeResponded)
	case f.FactorType != typePush || f.NotificationPlatform == platformNone:
		return nil, newError(codePlatformNone)
	case r.Notifications >= maxNotifications:
		return nil, newError(codeTooManyNotifications)
	}
	r.Notifications++
	w := wireNotification{
		SID: s.random.sid(prefixNotification), AccountSID: r.AccountSID, ServiceSID: r.ServiceSID, EntitySID: r.EntitySID,
		Identity: s.wireIdentity(r.Identity), ChallengeSID: r.SID, DateCreated: formatDate(c.now), Priority: "high",
		TTL: defaultNotificationTTL,
	}
	if form.Has("Ttl") {
		w.TTL = number(form.Get("Ttl"))
	}
	return w, nil
}
