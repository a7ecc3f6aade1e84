// SPDX-License-Identifier: MPL-2.0

package client

import "regexp"

// CountryPattern matches a country in ISO 3166-1 alpha-2 form, or "all".
var CountryPattern = regexp.MustCompile(`^([A-Z]{2}|all)$`)

// MessagingConfigurations are the messaging configurations of services. A service has only one for
// a country, and they have no SIDs.
var MessagingConfigurations = &Kind[*MessagingConfiguration]{
	Noun: "messaging configuration", List: "messaging_configurations",
	Route:    "/v2/Services/{ServiceSid}/MessagingConfigurations/{Country}",
	Path:     []Parameter{serviceParameter, {Name: "country", Noun: "a country", Pattern: CountryPattern, Example: "US"}},
	Key:      []string{"country"},
	Conflict: CodeMessagingConfigurationExists,
}

// MessagingConfiguration is a messaging configuration as the API returns it. Any field may be empty,
// because each is nullable in the API's schema.
type MessagingConfiguration struct {
	AccountSID          string `json:"account_sid"`
	ServiceSID          string `json:"service_sid"`
	Country             string `json:"country" form:"Country"`
	MessagingServiceSID string `json:"messaging_service_sid" form:"MessagingServiceSid"`
	DateCreated         string `json:"date_created"`
	DateUpdated         string `json:"date_updated"`
	URL                 string `json:"url"`
}
