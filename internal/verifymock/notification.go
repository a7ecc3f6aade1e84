// SPDX-License-Identifier: MPL-2.0

package verifymock

const (
	prefixNotification     = "NT"
	maxNotifications       = 3 // per challenge
	maxNotificationTTL     = 300
	defaultNotificationTTL = 300
)

// createNotification counts the notification. It is sent nowhere, because a simulated device polls
// for its challenges.
func (s *Server) createNotification(c *call, r *challenge) (any, *apiError) {
	form := c.form
	refusal := checkForm(form, []rule{{name: "Ttl", use: optional, valid: between(0, maxNotificationTTL)}})
	if refusal != nil {
		return nil, refusal
	}
	f := s.state.factors[r.FactorSID]
	switch {
	case f == nil:
		return nil, errNotFound(c.logged.Path)
	case r.Status == statusExpired:
		return nil, errChallengeExpired
	case r.Status != statusPending:
		return nil, errChallengeResponded
	case f.FactorType != typePush || f.NotificationPlatform == platformNone:
		return nil, errPlatformNone
	case r.Notifications >= maxNotifications:
		return nil, errTooManyNotifications
	}
	r.Notifications++
	ttl := defaultNotificationTTL
	if form.Has("Ttl") {
		ttl = number(form.Get("Ttl"))
	}
	return map[string]any{
		"sid": s.random.sid(prefixNotification), "account_sid": r.AccountSID, "service_sid": r.ServiceSID, "entity_sid": r.EntitySID,
		"identity": s.wireIdentity(r.Identity), "challenge_sid": r.SID, "date_created": formatDate(c.now), "priority": "high", "ttl": ttl,
	}, nil
}
