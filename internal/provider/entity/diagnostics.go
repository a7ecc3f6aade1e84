// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var noun = &shared.Noun{
	Name:            "entity",
	NotFound:        "If the entity was deleted in the meantime, plan again.",
	AttributeByCode: map[int]string{client.CodeBadServiceSID: "service_sid", client.CodeBadIdentity: "identity", client.CodeBadEntity: "identity"},
	AttributeByParameter: []shared.ParameterAttribute{
		{Parameter: "servicesid", Attribute: "service_sid"},
		{Parameter: "identity", Attribute: "identity"},
	},
}

func newSubject(summary string, m *resourceModel) shared.Subject {
	return shared.Subject{
		Noun: noun, Summary: summary, Attributes: attributeNames(),
		What: fmt.Sprintf("identity %q in service %s", m.Identity.ValueString(), m.ServiceSID.ValueString()),
	}
}

func createSubject(m *resourceModel) shared.Subject {
	s := newSubject("Cannot create the entity", m)
	s.NotFoundAttribute = "service_sid"
	return s
}

// warnKept warns about a replacement with create_before_destroy, or a resource that was renamed. The
// new object took over the existing entity, so the entity is not deleted with the old object.
func warnKept(m *resourceModel, diags *diag.Diagnostics) {
	diags.AddWarning("Entity kept by its replacement",
		fmt.Sprintf("Entity %s (identity %q) was neither replaced nor deleted. An identity has only one entity in a service, so another object took over the existing entity, with its factors: "+
			"its replacement with create_before_destroy, or a resource with the same identity, such as one that was renamed without a moved block. "+
			"To replace an entity, remove create_before_destroy from it and from everything that depends on it.",
			m.name(), m.Identity.ValueString()))
}

func listSubject(serviceSID string) shared.Subject {
	return shared.Subject{
		Noun: noun, Summary: "Cannot list the entities", What: "the entities of service " + serviceSID,
		Attributes: map[string]bool{"service_sid": true}, NotFoundAttribute: "service_sid",
	}
}

var attributeNames = shared.AttributeNames(resourceSchema)
