// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// descriptions describe the values. The resource adds what the configuration can do.
var descriptions = map[string]string{
	"id":           "Import ID: `service_sid/identity`.",
	"sid":          "SID of the entity: `YE` followed by 32 hexadecimal digits.",
	"account_sid":  "SID of the account that owns the service: `AC` followed by 32 hexadecimal digits.",
	"service_sid":  "SID of the Verify service: `VA` followed by 32 hexadecimal digits.",
	"identity":     "Identity that owns the factors: 8 to 64 letters, digits, and dashes. It should not be personal data, such as an email address.",
	"date_created": "Time of creation, RFC 3339 in UTC.",
	"date_updated": "Time of the last change, RFC 3339 in UTC.",
	"url":          "URL of the entity in Twilio's API.",
}

func resourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"service_sid": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: descriptions["service_sid"] + " Changing it replaces the entity.",
			Validators:          []validator.String{shared.ServiceSID()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"identity": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: descriptions["identity"] + " Changing it replaces the entity, unless only the case changes, which Twilio ignores.",
			Validators:          []validator.String{shared.Identity()},
			PlanModifiers:       []planmodifier.String{shared.IdentityReplaces()},
		},
		"force_destroy": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to delete the entity even if it has factors, which are deleted with it. Defaults to `false`: an entity with factors is not deleted, " +
				"and checking for factors takes one more request. To take effect, it must be applied before the entity is destroyed.",
		},
	}
	for _, name := range []string{"id", "sid", "account_sid", "date_created", "date_updated", "url"} {
		attributes[name] = schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: descriptions[name],
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}
	return schema.Schema{
		MarkdownDescription: "Manages an entity of a Verify service: an identity that owns factors.\n\n" +
			"An entity does not need a resource: the first factor of an identity creates it, and Twilio keeps it when its factors are deleted. " +
			"Manage it to delete it after its factors, or to create it before a device registers a push factor. If a factor already created the entity, the resource takes it over.\n\n" +
			"Deleting an entity deletes its factors and challenges. Unless `force_destroy` is set, an entity that has factors is not deleted.",
		Attributes: attributes,
	}
}
