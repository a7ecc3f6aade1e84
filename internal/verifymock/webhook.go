// SPDX-License-Identifier: MPL-2.0

package verifymock

import "time"

const webhookEnabled = "enabled"

// Webhook is a webhook as the server stores it.
type Webhook struct {
	SID          string    `api:"sid"`
	AccountSID   string    `api:"account_sid"`
	ServiceSID   string    `api:"service_sid"`
	FriendlyName string    `api:"friendly_name"`
	EventTypes   []string  `api:"event_types"`
	URL          string    `api:"webhook_url"`
	Status       string    `api:"status"`  // enabled, disabled
	Version      string    `api:"version"` // v1, v2
	DateCreated  time.Time `api:"date_created"`
	DateUpdated  time.Time `api:"date_updated"`
}

// Webhooks returns all webhooks of all services; see [Server.Objects].
func (s *Server) Webhooks() []Webhook { return all[Webhook](s, Webhooks) }

// Webhook returns the webhook with that SID, and reports whether it exists.
func (s *Server) Webhook(sid string) (Webhook, bool) { return one[Webhook](s, Webhooks, sid) }

// AddWebhook adds a webhook as [Server.AddObject] does.
func (s *Server) AddWebhook(v Webhook) Webhook {
	return typed[Webhook](s.AddObject(Webhooks, objectOf(v)))
}

// UpdateWebhook changes a webhook as [Server.UpdateObject] does.
func (s *Server) UpdateWebhook(sid string, f func(*Webhook)) bool { return change(s, Webhooks, sid, f) }

// DeleteWebhook deletes a webhook as [Server.DeleteObject] does.
func (s *Server) DeleteWebhook(sid string) bool { return s.DeleteObject(Webhooks, sid) }
