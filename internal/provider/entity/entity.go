// SPDX-License-Identifier: MPL-2.0

// Package entity declares entities of a Verify service. An entity owns the factors of an identity.
package entity

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

type model struct {
	shared.Common

	ServiceSID types.String `tfsdk:"service_sid"`
	Identity   types.String `tfsdk:"identity"`
}

// Declaration declares entities.
var Declaration = &shared.Declaration[*model, *client.Entity]{
	TypeName: "twilio_verify_entity",
	Kind:     client.Entities,
	Noun: shared.Noun{
		AttributeByCode: map[int]string{client.CodeBadIdentity: "identity", client.CodeBadEntity: "identity"},
	},
	Label: "identity",
	Description: "Manages an entity of a Verify service: an identity that owns factors.\n\n" +
		"An entity does not need a resource: the first factor of an identity creates it, and Twilio keeps it when its factors are deleted. " +
		"Manage it to delete it after its factors, or to create it before a device registers a push factor. " +
		"If a factor already created the entity, the resource takes it over.\n\n" +
		"Deleting an entity at Twilio would delete its factors. An entity that still has factors therefore leaves the state, " +
		"stays at Twilio, and is named in a warning.",
	Attributes: attributes,
	Descriptions: map[string]string{
		"identity": "Identity that owns the factors: 8 to 64 letters, digits, and dashes. " +
			"It should not be personal data, such as an email address.",
	},
	Deleted: "Its factors no longer exist either. The next apply creates a new entity without factors.",
	Sources: []shared.Source{{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_entities_v2"}},
}

// NewResource returns the resource twilio_verify_entity.
func NewResource() resource.Resource { return &entityResource{Declaration.NewManagedResource()} }

func attributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"identity": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Changing it replaces the entity, unless only the case changes, which Twilio ignores.",
			Validators:          []validator.String{shared.Identity()},
			PlanModifiers:       []planmodifier.String{shared.IdentityReplaces()},
		},
	}
}
