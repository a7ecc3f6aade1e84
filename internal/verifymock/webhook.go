// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	prefixWebhook = "YW"

	webhookEnabled = "enabled"
	webhookVersion = "v2"
)

// Webhook is a webhook as the server stores it.
type Webhook struct {
	SID          string
	AccountSID   string
	ServiceSID   string
	FriendlyName string
	EventTypes   []string
	URL          string
	Status       string // enabled, disabled
	Version      string // v1, v2
	DateCreated  time.Time
	DateUpdated  time.Time
}

// webhook is a stored webhook.
type webhook struct {
	Webhook
	row
	service *service
}

func (v Webhook) clone() Webhook {
	v.EventTypes = slices.Clone(v.EventTypes)
	return v
}

func cloneWebhook(w *webhook) Webhook { return w.clone() }

// Webhooks returns all webhooks of all services in order of creation.
func (s *Server) Webhooks() []Webhook {
	return snapshot(s, s.state.webhooks, cloneWebhook)
}

// Webhook returns the webhook with that SID, and reports whether it exists.
func (s *Server) Webhook(sid string) (Webhook, bool) {
	return lookup(s, s.state.webhooks, sid, cloneWebhook)
}

// AddWebhook adds a webhook as if another client had created it, without checks, and returns it
// with the empty fields filled in: the first service, all events, and so on. It panics if there is
// no such service.
func (s *Server) AddWebhook(v Webhook) Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addWebhook(s.owner(v.ServiceSID), v).clone()
}

func (s *Server) addWebhook(owner *service, v Webhook) *webhook {
	r := s.state.newRow(prefixWebhook)
	v.AccountSID, v.ServiceSID = owner.AccountSID, owner.SID
	setDefault(&v.SID, s.random.sid(prefixWebhook))
	setDefault(&v.FriendlyName, "Webhook "+strconv.Itoa(r.number))
	setDefault(&v.URL, "https://example.com/events")
	setDefault(&v.Status, webhookEnabled)
	setDefault(&v.Version, webhookVersion)
	if len(v.EventTypes) == 0 {
		v.EventTypes = []string{eventAny}
	}
	setDates(&v.DateCreated, &v.DateUpdated, s.today())
	stored := &webhook{Webhook: v.clone(), row: r, service: owner}
	owner.webhooks = append(owner.webhooks, stored)
	s.state.webhooks[v.SID] = stored
	return stored
}

// UpdateWebhook changes a webhook as if another client had done so, and reports whether it exists.
// SID and service cannot be changed.
func (s *Server) UpdateWebhook(sid string, f func(*Webhook)) bool {
	return change(s, s.state.webhooks, sid, func(stored *webhook) {
		v := stored.clone()
		f(&v)
		v.SID, v.AccountSID, v.ServiceSID = stored.SID, stored.AccountSID, stored.ServiceSID
		stored.Webhook = v.clone()
	})
}

// DeleteWebhook deletes a webhook as if another client had done so, and reports whether it existed.
func (s *Server) DeleteWebhook(sid string) bool {
	return change(s, s.state.webhooks, sid, s.state.removeWebhook)
}

func (s *state) removeWebhook(w *webhook) {
	delete(s.webhooks, w.SID)
	w.service.webhooks = without(w.service.webhooks, w)
}

// findWebhook returns the webhook in the call's path.
func (s *Server) findWebhook(c *call) (*webhook, *apiError) {
	w := s.state.webhooks[c.path["Sid"]]
	if w == nil || w.service != c.service {
		return nil, errNotFound(c.logged.Path)
	}
	return w, nil
}

// checkWebhook checks a form. The argument use applies to the parameters that a create requires.
func (s *Server) checkWebhook(form url.Values, use use) *apiError {
	return s.checkForm(form, []rule{
		{name: "FriendlyName", use: use, valid: isText},
		{name: "EventTypes", use: use, valid: oneOf(eventTypes...), repeated: true},
		{name: "WebhookUrl", use: use, valid: s.isWebhookURL},
		{name: "Status", use: optional, valid: oneOf(webhookEnabled, "disabled")},
		{name: "Version", use: optional, valid: oneOf("v1", webhookVersion)},
	})
}

func (s *Server) isWebhookURL(v string) bool {
	u, err := url.Parse(v)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && !s.config.RefuseHTTPWebhooks)
}

// apply sets the values in the checked form.
func (v *Webhook) apply(form url.Values) {
	texts := map[string]*string{
		"FriendlyName": &v.FriendlyName, "WebhookUrl": &v.URL, "Status": &v.Status, "Version": &v.Version,
	}
	for name, field := range texts {
		if form.Has(name) {
			*field = form.Get(name)
		}
	}
	if form.Has("EventTypes") {
		v.EventTypes = slices.Clone(form["EventTypes"])
	}
}

func (s *Server) createWebhook(c *call) (any, *apiError) {
	if refusal := s.checkWebhook(c.logged.Form, required); refusal != nil {
		return nil, refusal
	}
	v := Webhook{DateCreated: c.now}
	v.apply(c.logged.Form)
	return s.wireWebhook(c, s.addWebhook(c.service, v)), nil
}

func (s *Server) listWebhooks(c *call) (any, *apiError) {
	return listPage(s, c, "webhooks", c.service.webhooks, func(w *webhook) wireWebhook { return s.wireWebhook(c, w) })
}

func (s *Server) fetchWebhook(c *call) (any, *apiError) {
	w, refusal := s.findWebhook(c)
	if refusal != nil {
		return nil, refusal
	}
	return s.wireWebhook(c, w), nil
}

func (s *Server) updateWebhook(c *call) (any, *apiError) {
	w, refusal := s.findWebhook(c)
	if refusal != nil {
		return nil, refusal
	}
	form := c.logged.Form
	if refusal := s.checkWebhook(form, optional); refusal != nil {
		return nil, refusal
	}
	w.apply(form)
	if len(form) > 0 {
		w.DateUpdated = c.now
	}
	return s.wireWebhook(c, w), nil
}

func (s *Server) deleteWebhook(c *call) (any, *apiError) {
	w, refusal := s.findWebhook(c)
	if refusal != nil {
		return nil, refusal
	}
	s.state.removeWebhook(w)
	return nil, nil
}

// wireWebhook is a webhook as the API returns it.
type wireWebhook struct {
	SID           string   `json:"sid"`
	ServiceSID    string   `json:"service_sid"`
	AccountSID    string   `json:"account_sid"`
	FriendlyName  string   `json:"friendly_name"`
	EventTypes    []string `json:"event_types"`
	Status        string   `json:"status"`
	Version       string   `json:"version"`
	WebhookURL    string   `json:"webhook_url"`
	WebhookMethod string   `json:"webhook_method"`
	DateCreated   string   `json:"date_created"`
	DateUpdated   string   `json:"date_updated"`
	URL           string   `json:"url"`
}

func (s *Server) wireWebhook(c *call, w *webhook) wireWebhook {
	events := slices.Clone(w.EventTypes)
	if s.config.SortEventTypes {
		slices.Sort(events)
	}
	return wireWebhook{
		SID: w.SID, ServiceSID: w.ServiceSID, AccountSID: w.AccountSID, FriendlyName: w.FriendlyName,
		EventTypes: events, Status: w.Status, Version: w.Version, WebhookURL: w.URL, WebhookMethod: "POST",
		DateCreated: formatDate(w.DateCreated), DateUpdated: formatDate(w.DateUpdated),
		URL: c.serviceURL() + "/Webhooks/" + w.SID,
	}
}
