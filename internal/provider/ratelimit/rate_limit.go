// SPDX-License-Identifier: MPL-2.0

// Package ratelimit declares rate limits of a Verify service and their buckets, which limit how many
// verifications an application can start for a key of its choice.
package ratelimit

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

type model struct {
	shared.Common

	ServiceSID  types.String `tfsdk:"service_sid"`
	UniqueName  types.String `tfsdk:"unique_name"`
	Description types.String `tfsdk:"description"`
}

// Declaration declares rate limits.
var Declaration = &shared.Declaration[*model, *client.RateLimit]{
	TypeName: "twilio_verify_rate_limit",
	Kind:     client.RateLimits,
	Noun: shared.Noun{
		Advice: map[int]string{
			client.CodeTooManyRateLimits: "The service has as many rate limits as Twilio allows. Delete one that is not used.",
			client.CodeRateLimitExists: "The service already has a rate limit with this unique_name. " +
				"Choose another name, or import the existing one.",
			client.CodeBadUniqueName: "Twilio does not accept this unique_name. Use letters, digits, dashes, underscores, and periods.",
		},
		AttributeByCode: map[int]string{
			client.CodeTooManyRateLimits: "service_sid", client.CodeRateLimitExists: "unique_name",
			client.CodeBadUniqueName: "unique_name",
		},
	},
	Label: "unique_name",
	Description: "Manages a rate limit of a Verify service. " +
		"It limits how many verifications an application can start for a key of its choice, " +
		"such as an IP address. A rate limit without a `twilio_verify_rate_limit_bucket` does nothing.\n\n" +
		"The application passes the key when it starts a verification: `RateLimits={\"<unique_name>\": \"<key>\"}`. " +
		"Factors and challenges do not use rate limits.",
	Attributes: map[string]schema.Attribute{
		"unique_name": shared.Fixed("rate limit",
			stringvalidator.RegexMatches(uniqueNamePattern, "must contain only letters, digits, dashes, underscores, and periods")),
		"description": shared.Optional("Removing it clears it.", shared.Name(0)),
	},
	Descriptions: map[string]string{
		"unique_name": "Name of the rate limit, unique in its service: letters, digits, dashes, underscores, and periods. " +
			"The application names it when it starts a verification. It should not be personal data.",
		"description": "Description of the rate limit.",
	},
	Deleted: func(*model) string {
		return "Its buckets no longer exist either. The next apply creates a new rate limit with another SID."
	},
	Sources: []shared.Source{
		{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_rate_limits_v2"},
		{Provider: shared.IsRJPearson94Provider, TypeName: "twilio_verify_service_rate_limit"},
	},
}

var uniqueNamePattern = regexp.MustCompile(`^[0-9A-Za-z._-]+$`)
