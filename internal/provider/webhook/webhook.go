// SPDX-License-Identifier: MPL-2.0

// Package webhook declares webhooks of a Verify service, which receive events about factors and
// challenges.
package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

type model struct {
	shared.Common

	ServiceSID          types.String `tfsdk:"service_sid"`
	FriendlyName        types.String `tfsdk:"friendly_name"`
	EventTypes          types.Set    `tfsdk:"event_types"`
	WebhookURL          types.String `tfsdk:"webhook_url"`
	WebhookURLWO        types.String `tfsdk:"webhook_url_wo"`
	WebhookURLWOVersion types.Int64  `tfsdk:"webhook_url_wo_version"`
	Status              types.String `tfsdk:"status"`
	Version             types.String `tfsdk:"version"`
	WebhookMethod       types.String `tfsdk:"webhook_method"`
}

// Declaration declares webhooks.
var Declaration = &shared.Declaration[*model, *client.Webhook]{
	TypeName: "twilio_verify_webhook",
	Kind:     client.Webhooks,
	Label:    "friendly_name",
	Description: "Manages a webhook of a Verify service, which receives events about factors and challenges.\n\n" +
		"Twilio expects HTTP status 200 from the URL.",
	Attributes: attributes,
	Descriptions: map[string]string{
		"friendly_name": "Name of the webhook. It should not be personal data.",
		"event_types": "Events that are sent to the webhook: `factor.created`, `factor.verified`, `factor.deleted`, `challenge.approved`, " +
			"`challenge.denied`, or `*` for all of them.",
		"webhook_url":    "URL that receives the events. It is sensitive because it may contain a credential.",
		"status":         "Whether events are sent: `enabled` or `disabled`.",
		"version":        "Version of the events: `v2` or the older `v1`.",
		"webhook_method": "HTTP method of the requests that Twilio sends: `POST`. It cannot be set.",
	},
	Deleted: func(*model) string {
		return "The next apply creates a new webhook with another SID. Until then, its URL receives no events."
	},
	Same:      map[string]func(a, b []string) bool{"webhook_url": sameURL},
	WriteOnly: map[string]string{"webhook_url_wo": "WebhookUrl"},
	Version:   "webhook_url_wo_version",
	Plan:      requireURL,
	Sources: []shared.Source{
		{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_webhooks_v2"},
		{Provider: shared.IsRJPearson94Provider, TypeName: "twilio_verify_webhook"},
	},
}

// requireURL requires a URL for a new webhook only, because configuration that Terraform generates
// for an import leaves out sensitive values.
func requireURL(_ context.Context, c shared.Change[*model], diags *diag.Diagnostics) {
	if c.State == nil && c.Config.WebhookURL.IsNull() && c.Config.WebhookURLWOVersion.IsNull() {
		diags.AddAttributeError(path.Root("webhook_url"), "Missing webhook URL",
			"A new webhook requires webhook_url or webhook_url_wo, the URL that receives the events. "+
				"Only an existing webhook keeps the URL stored at Twilio.")
	}
}

var attributes = map[string]schema.Attribute{
	"friendly_name": shared.Required("", shared.Name(0)),
	"event_types": schema.SetAttribute{
		Required: true, ElementType: types.StringType,
		MarkdownDescription: "For other values in the form of an event type the provider only warns, and Twilio decides.",
		Validators: []validator.Set{
			setvalidator.SizeAtLeast(1),
			setvalidator.NoNullValues(),
			setvalidator.ValueStringsAre(eventTypeValidator()),
			onlyWildcard{"must not contain other event types if it contains *"},
		},
	},
	"webhook_url": schema.StringAttribute{
		Optional: true, Computed: true, Sensitive: true,
		MarkdownDescription: "The scheme is `https` or `http`. A new webhook requires this or `webhook_url_wo`. " +
			"Defaults to the URL stored at Twilio, so configuration that Terraform generates for an import may leave it out.",
		Validators: []validator.String{urlValidator(), stringvalidator.ConflictsWith(path.MatchRoot("webhook_url_wo"))},
	},
	"webhook_url_wo": shared.Secret("URL that receives the events, instead of `webhook_url`, which is then null. Write-only: "+
		"it is not stored in the state or the plan.",
		urlValidator(), stringvalidator.AlsoRequires(path.MatchRoot("webhook_url_wo_version"))),
	"webhook_url_wo_version": shared.Number("Increment to send a new `webhook_url_wo`."),
	"status":                 choiceAttribute("enabled", "disabled"),
	"version":                choiceAttribute("v2", "v1"),
}

func choiceAttribute(defaultValue, other string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true,
		Default:             stringdefault.StaticString(defaultValue),
		MarkdownDescription: "Defaults to `" + defaultValue + "`, even after it is removed from the configuration.",
		Validators:          []validator.String{shared.OneOf(defaultValue, other)},
	}
}
