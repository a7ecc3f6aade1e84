// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// This file contains the noun for webhooks.

const webhookType = "twilio_verify_webhook"

type webhook struct{ undemanding }

func (webhook) rank() int { return 1 }

func (webhook) unknownable() []string {
	return []string{"friendly_name", "event_types", "webhook_url", "status", "version"}
}

func (webhook) operations() []string {
	return []string{"webhook create", "webhook fetch", "webhook list", "webhook update", "webhook delete"}
}

func (h webhook) held(mock *verifymock.Server) []held {
	var objects []held
	for _, v := range mock.Webhooks() {
		values := map[string]string{"service_sid": v.ServiceSID, "friendly_name": v.FriendlyName, "webhook_url": v.URL}
		objects = append(objects, held{
			ID: v.SID, Type: webhookType, Key: h.key(func(name string) string { return values[name] }), Within: []string{v.ServiceSID},
		})
	}
	return objects
}

func (webhook) key(text func(string) string) string {
	return norm.NFC.String(strings.Join([]string{"webhook", text("service_sid"), text("friendly_name"), text("webhook_url")}, "/"))
}

func (h webhook) configure(g *generator, _ int) attributes {
	a := attributes{"service_sid": g.service(), "friendly_name": g.name(), "event_types": h.eventTypes(g), "webhook_url": h.url(g)}
	if g.chance(30) {
		a["status"] = pick(g, "enabled", "disabled")
	}
	if g.chance(30) {
		a["version"] = pick(g, "v1", "v2")
	}
	return a
}

func (webhook) eventTypes(g *generator) []string {
	return pick(g, []string{"*"}, []string{"factor.created"}, []string{"factor.verified", "challenge.approved", "factor.deleted"})
}

// url returns a URL that contains a secret. Two webhooks may have the same URL.
func (webhook) url(g *generator) string {
	return fmt.Sprintf("https://hook:password%04d@example.com/events", g.IntN(3))
}

func (h webhook) change(g *generator, _ int, a attributes) {
	switch g.IntN(5) {
	case 0:
		a["friendly_name"] = g.name()
	case 1:
		a["event_types"] = h.eventTypes(g)
	case 2:
		a["webhook_url"] = h.url(g)
	case 3:
		a["status"] = pick(g, "enabled", "disabled")
	default:
		delete(a, pick(g, "status", "version"))
	}
}

func (webhook) events() []string {
	return []string{"rename", "reconfigure", "delete", "delete", "lookalike"}
}

func (webhook) outside(mock *verifymock.Server, a attributes, id, event string) {
	switch event {
	case "rename":
		mock.UpdateWebhook(id, func(v *verifymock.Webhook) { v.FriendlyName = "Renamed" })
	case "reconfigure":
		mock.UpdateWebhook(id, func(v *verifymock.Webhook) {
			v.URL, v.Status, v.EventTypes = "https://example.com/reconfigured", "disabled", []string{"challenge.denied"}
		})
	case "delete":
		mock.DeleteWebhook(id)
	case "lookalike":
		events, _ := a["event_types"].([]string)
		mock.AddWebhook(verifymock.Webhook{
			ServiceSID: a.text("service_sid"), FriendlyName: a.text("friendly_name"), EventTypes: events, URL: a.text("webhook_url"),
			Status: a.text("status"), Version: a.text("version"),
		})
	}
}

func (webhook) remove(mock *verifymock.Server, o held) { mock.DeleteWebhook(o.ID) }

func (webhook) resolve(r *run, _ *instance, a attributes) { r.w.note(a.text("webhook_url"), false) }

func (webhook) asConfigured(mock *verifymock.Server, a attributes, _ *tfcore.Object, id string) bool {
	v, ok := mock.Webhook(id)
	return ok && v.ServiceSID == a.text("service_sid")
}

func (webhook) untrue(mock *verifymock.Server, o *tfcore.Object, id string) string {
	v, ok := mock.Webhook(id)
	if !ok {
		return ""
	}
	return differing(o, map[string]any{
		"service_sid": v.ServiceSID, "friendly_name": v.FriendlyName, "event_types": v.EventTypes, "webhook_url": v.URL,
		"status": v.Status, "version": v.Version,
	})
}
