// SPDX-License-Identifier: MPL-2.0

package client

// Webhooks are the webhooks of services. Several webhooks of a service may have the same name.
var Webhooks = &Kind[*Webhook]{
	Noun: "webhook", List: "webhooks", Prefix: "YW",
	Route: "/v2/Services/{ServiceSid}/Webhooks/{Sid}",
	Path:  []Parameter{serviceParameter, sidParameter("sid", "a webhook", "YW")},
	Key:   []string{"friendly_name"},
}

// Webhook is a webhook as the API returns it. Any field may be empty, because each is nullable in
// the API's schema.
type Webhook struct {
	Common

	ServiceSID    string   `json:"service_sid"`
	FriendlyName  string   `json:"friendly_name" form:"FriendlyName"`
	EventTypes    []string `json:"event_types" form:"EventTypes"`
	WebhookURL    string   `json:"webhook_url" form:"WebhookUrl"` // may contain a credential
	Status        string   `json:"status" form:"Status"`
	Version       string   `json:"version" form:"Version"`
	WebhookMethod string   `json:"webhook_method"`
}
