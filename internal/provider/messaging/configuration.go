// SPDX-License-Identifier: MPL-2.0

// Package messaging declares messaging configurations of a Verify service, which choose the
// Messaging Service that sends verifications to a country.
package messaging

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// A messaging configuration has no SID.
type model struct {
	ID                  types.String `tfsdk:"id"`
	AccountSID          types.String `tfsdk:"account_sid"`
	ServiceSID          types.String `tfsdk:"service_sid"`
	Country             types.String `tfsdk:"country"`
	MessagingServiceSID types.String `tfsdk:"messaging_service_sid"`
	DateCreated         types.String `tfsdk:"date_created"`
	DateUpdated         types.String `tfsdk:"date_updated"`
	URL                 types.String `tfsdk:"url"`
}

// Declaration declares messaging configurations.
var Declaration = &shared.Declaration[*model, *client.MessagingConfiguration]{
	TypeName: "twilio_verify_messaging_configuration",
	Kind:     client.MessagingConfigurations,
	Noun: shared.Noun{
		Advice: map[int]string{
			client.CodeMessagingConfigurationExists: "The service already has a messaging configuration for this country. " +
				"Import it, or choose another country.",
		},
		AttributeByCode: map[int]string{client.CodeMessagingConfigurationExists: "country"},
	},
	Label: "country",
	Description: "Manages a messaging configuration of a Verify service: " +
		"the Messaging Service that sends verifications to one country. " +
		"The Messaging Service itself is made elsewhere.",
	Attributes: map[string]schema.Attribute{
		"country": shared.Fixed("messaging configuration",
			stringvalidator.RegexMatches(client.CountryPattern, "must be two capital letters (ISO 3166-1 alpha-2), such as US, "+
				"or all in lower case")),
		"messaging_service_sid": shared.Required("", shared.SID("Messaging Service", "MG")),
	},
	Descriptions: map[string]string{
		"country":               "Country that receives the verifications, as two capital letters (ISO 3166-1 alpha-2), such as `US`, or `all`.",
		"messaging_service_sid": "SID of the Messaging Service that sends the verifications: `MG` followed by 32 hexadecimal digits.",
	},
	Deleted: func(*model) string {
		return "The next apply creates it again. Until then, Twilio chooses the sender."
	},
	Sources: []shared.Source{
		{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_messaging_configurations_v2"},
		{
			Provider: shared.IsRJPearson94Provider, TypeName: "twilio_verify_messaging_configuration",
			Renamed: map[string]string{"country_code": "country"},
		},
	},
}
