// SPDX-License-Identifier: MPL-2.0

// Package template declares the message templates of an account, which can only be read.
package template

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

type model struct {
	ID           types.String `tfsdk:"id"`
	SID          types.String `tfsdk:"sid"`
	AccountSID   types.String `tfsdk:"account_sid"`
	FriendlyName types.String `tfsdk:"friendly_name"`
	Channels     types.List   `tfsdk:"channels"`
}

// Declaration declares templates. They have no resource.
var Declaration = &shared.Declaration[*model, *client.Template]{
	TypeName:   "twilio_verify_template",
	Kind:       client.Templates,
	Label:      "friendly_name",
	Attributes: map[string]schema.Attribute{"channels": schema.ListAttribute{ElementType: types.StringType, Computed: true}},
	Descriptions: map[string]string{
		"id":  "The SID of the template.",
		"sid": "SID of the template, for `default_template_sid` of a service: `HJ` followed by 32 hexadecimal digits.",
		"account_sid": "SID of the account that owns the template: `AC` followed by 32 hexadecimal digits. " +
			"Twilio's own templates may have none.",
		"friendly_name": "Name of the template.",
		"channels":      "Channels that can use the template, such as `sms`.",
	},
}
