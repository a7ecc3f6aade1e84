// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"fmt"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var noun = &shared.Noun{
	Name:            "webhook",
	AttributeByCode: map[int]string{client.CodeBadServiceSID: "service_sid"},
	AttributeByParameter: []shared.ParameterAttribute{
		{Parameter: "friendlyname", Attribute: "friendly_name"},
		{Parameter: "eventtype", Attribute: "event_types"},
		{Parameter: "webhookurl", Attribute: "webhook_url"},
		{Parameter: "servicesid", Attribute: "service_sid"},
		{Parameter: "version", Attribute: "version"},
		{Parameter: "status", Attribute: "status"},
	},
}

func newSubject(summary string, m *model) shared.Subject {
	s := shared.Subject{Noun: noun, Summary: summary, Attributes: attributeNames()}
	s.What = "service " + m.ServiceSID.ValueString()
	if shared.Set(m.FriendlyName) {
		s.What = fmt.Sprintf("%q of %s", m.FriendlyName.ValueString(), s.What)
	}
	if shared.Set(m.SID) {
		existing := *noun
		existing.NotFound = "Check sid; if the webhook was deleted in the meantime, plan again."
		s.Noun = &existing
		s.What = m.SID.ValueString() + ", " + s.What
	}
	return s
}

func createSubject(m *model) shared.Subject {
	s := newSubject("Cannot create the webhook", m)
	s.NotFoundAttribute = "service_sid"
	return s
}

func listSubject(serviceSID string) shared.Subject {
	return shared.Subject{
		Noun: noun, Summary: "Cannot list the webhooks", What: "the webhooks of service " + serviceSID,
		Attributes: map[string]bool{"service_sid": true}, NotFoundAttribute: "service_sid",
	}
}

var attributeNames = shared.AttributeNames(resourceSchema)
