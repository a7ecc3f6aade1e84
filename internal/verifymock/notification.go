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
func (s *Server) createNotification(c *call, o *record) (any, *apiError) {
	form := c.form
	refusal := checkForm(form, []field{{name: "ttl", create: optional, valid: between(0, maxNotificationTTL)}}, field.onCreate)
	if refusal != nil {
		return nil, refusal
	}
	r, f := typed[Challenge](o.Object), s.state.object(factorKind, o.Text("factor_sid"))
	switch {
	case f == nil:
		return nil, errNotFound(c.logged.Path)
	case r.Status == statusExpired:
		return nil, errChallengeExpired
	case r.Status != statusPending:
		return nil, errChallengeResponded
	case r.FactorType != typePush || f.Text("config.notification_platform") == platformNone:
		return nil, errPlatformNone
	case r.Notifications >= maxNotifications:
		return nil, errTooManyNotifications
	}
	o.count("notifications")
	ttl := defaultNotificationTTL
	if form.Has("Ttl") {
		ttl = number(form.Get("Ttl"))
	}
	return map[string]any{
		"sid": s.random.sid(prefixNotification), "account_sid": r.AccountSID, "service_sid": r.ServiceSID, "entity_sid": r.EntitySID,
		"identity": s.wireIdentity(r.Identity), "challenge_sid": r.SID, "date_created": formatDate(c.now), "priority": "high", "ttl": ttl,
	}, nil
}
