// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// descriptions describe the values. The resource adds what the configuration can do.
var descriptions = map[string]string{
	"id":             "Import ID: `service_sid/sid`.",
	"sid":            "SID of the webhook: `YW` followed by 32 hexadecimal digits.",
	"account_sid":    "SID of the account that owns the service: `AC` followed by 32 hexadecimal digits.",
	"service_sid":    "SID of the Verify service: `VA` followed by 32 hexadecimal digits.",
	"friendly_name":  "Name of the webhook. It should not be personal data.",
	"event_types":    "Events that are sent to the webhook: `factor.created`, `factor.verified`, `factor.deleted`, `challenge.approved`, `challenge.denied`, or `*` for all of them.",
	"webhook_url":    "URL that receives the events. It is sensitive because it may contain a credential.",
	"status":         "Whether events are sent: `enabled` or `disabled`.",
	"version":        "Version of the events: `v2` or the older `v1`.",
	"webhook_method": "HTTP method of the requests that Twilio sends: `POST`. It cannot be set.",
	"date_created":   "Time of creation, RFC 3339 in UTC.",
	"date_updated":   "Time of the last change, RFC 3339 in UTC.",
	"url":            "URL of the webhook in Twilio's API.",
}

// The defaults of Twilio's API.
const (
	defaultStatus  = "enabled"
	defaultVersion = "v2"
)

func resourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"service_sid": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: descriptions["service_sid"] + " Changing it replaces the webhook.",
			Validators:          []validator.String{shared.ServiceSID()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"friendly_name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: descriptions["friendly_name"],
			Validators:          []validator.String{notEmpty()},
		},
		"event_types": schema.SetAttribute{
			ElementType: types.StringType,
			Required:    true,
			MarkdownDescription: descriptions["event_types"] +
				" For other values in the form of an event type the provider only warns, and Twilio decides.",
			Validators: []validator.Set{
				setvalidator.SizeAtLeast(1),
				setvalidator.NoNullValues(),
				setvalidator.ValueStringsAre(eventTypeValidator{}),
			},
		},
		"webhook_url": schema.StringAttribute{
			Optional:  true,
			Computed:  true,
			Sensitive: true,
			MarkdownDescription: descriptions["webhook_url"] + " The scheme is `https` or `http`. Required to create a webhook. " +
				"Defaults to the URL stored at Twilio, so configuration that Terraform generates for an import may leave it out.",
			Validators:    []validator.String{urlValidator{}},
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"status":  choiceAttribute("status", defaultStatus, "disabled"),
		"version": choiceAttribute("version", defaultVersion, "v1"),
	}
	maps.Copy(attributes, shared.ComputedAttributes("webhook", descriptions, "id", "sid", "account_sid", "webhook_method", "date_created"))
	return schema.Schema{
		MarkdownDescription: "Manages a webhook of a Verify service, which receives events about factors and challenges.\n\n" +
			"Twilio expects HTTP status 200 from the URL.",
		Attributes: attributes,
	}
}

func choiceAttribute(name, defaultValue, other string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString(defaultValue),
		MarkdownDescription: descriptions[name] + " Defaults to `" + defaultValue + "`, even after it is removed from the configuration.",
		Validators:          []validator.String{shared.OneOf(defaultValue, other)},
	}
}

func notEmpty() validator.String { return stringvalidator.LengthAtLeast(1) }
