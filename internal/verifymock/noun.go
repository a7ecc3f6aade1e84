// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The kinds of objects that are declared.
const (
	Services                Kind = "service"
	Entities                Kind = "entity"
	Factors                 Kind = "factor"
	Challenges              Kind = "challenge"
	AccessTokens            Kind = "access-token"
	Webhooks                Kind = "webhook"
	RateLimits              Kind = "rate-limit"
	Buckets                 Kind = "bucket"
	MessagingConfigurations Kind = "messaging-configuration"
	Templates               Kind = "template"
	Credentials             Kind = "credential" // of push services, on the host of Twilio Conversations
)

const anySID = "00000000000000000000000000000001"

var webhookKind = &kind{
	name: Webhooks, prefix: "YW", template: serviceTemplate + "/Webhooks/{Sid}",
	fields: []field{
		{name: "friendly_name", create: required, update: optional, valid: isText, sample: "Webhook %d"},
		{name: "event_types", create: required, update: optional, valid: oneOf(eventTypes...), typ: asList, sample: []string{eventAny}},
		{
			name: "webhook_url", create: required, update: optional, valid: isHTTPURL, sample: "https://example.com/events",
		},
		{name: "status", create: optional, update: optional, valid: oneOf(webhookEnabled, "disabled"), value: webhookEnabled},
		{name: "version", create: optional, update: optional, valid: oneOf("v1", "v2"), value: "v2"},
	},
	check: func(s *Server, _ *call, o Object) *apiError {
		if s.config.RefuseHTTPWebhooks && !strings.HasPrefix(o.Text("webhook_url"), "https:") {
			return errInvalidParameter("WebhookUrl")
		}
		return nil
	},
	wire: func(s *Server, _ *call, o Object, w map[string]any) {
		w["webhook_method"] = "POST"
		if events, ok := o["event_types"].([]string); ok && s.config.SortEventTypes {
			w["event_types"] = slices.Sorted(slices.Values(events))
		}
	},
}

var rateLimitKind = &kind{
	name: RateLimits, prefix: "RK", template: serviceTemplate + "/RateLimits/{Sid}", links: []string{"Buckets"},
	fields: []field{
		{
			name: "unique_name", create: required, valid: isUniqueName, invalid: errInvalidUniqueName, taken: errUniqueNameTaken,
			sample: "rate-limit-%d",
		},
		{name: "description", create: optional, update: optional, valid: isText, empty: emptyKept, value: ""},
	},
	most: func(c Config) (int, *apiError) { return c.MaxRateLimits, errTooManyRateLimits },
}

var bucketKind = &kind{
	name: Buckets, prefix: "BL", template: serviceTemplate + "/RateLimits/{RateLimitSid}/Buckets/{Sid}",
	fields: []field{
		{name: "max", create: required, update: optional, valid: isPositive, typ: asInteger, sample: 5},
		{name: "interval", create: required, update: optional, valid: isPositive, typ: asInteger, taken: errIntervalTaken, sample: 60},
	},
	most: func(c Config) (int, *apiError) { return c.MaxBuckets, errTooManyBuckets },
}

var messagingConfigurationKind = &kind{
	name: MessagingConfigurations, template: serviceTemplate + "/MessagingConfigurations/{Country}",
	fields: []field{
		{name: "country", create: required, valid: isCountry, taken: errCountryTaken, sample: "US"},
		{name: "messaging_service_sid", create: required, update: required, valid: sidWith("MG"), sample: "MG" + anySID},
	},
}

var templateKind = &kind{
	name: Templates, prefix: "HJ", template: "/v2/Templates/{Sid}", verbs: []string{"list"},
	filters: []field{{name: "friendly_name", valid: notEmpty}},
	fields: []field{
		{name: "friendly_name", sample: "Template %d"},
		{name: "channels", sample: []string{"sms", "voice"}},
		{name: "translations", sample: map[string]any{"en": map[string]any{
			"is_default_translation": true, "status": "approved", "locale": "en", "text": "Your {{friendly_name}} code is {{code}}.",
		}}},
	},
	wire: func(_ *Server, _ *call, _ Object, w map[string]any) {
		for _, name := range []string{"url", "date_created", "date_updated"} {
			delete(w, name)
		}
	},
}

var credentialKind = &kind{
	name: Credentials, prefix: prefixCredential, template: "/v1/Credentials/{Sid}", maxPage: 100,
	fields: []field{
		{name: "type", create: required, update: optional, valid: oneOf("apn", "fcm"), sample: "fcm"},
		{name: "friendly_name", create: optional, update: optional, valid: length(1, maxNameChars), empty: emptyKept, sample: "Credential %d"},
		{name: "sandbox", create: optional, update: optional, valid: isBool}, // returned as a string
		{name: "certificate", create: optional, update: optional, valid: notEmpty, secret: true},
		{name: "private_key", create: optional, update: optional, valid: notEmpty, secret: true},
		{name: "secret", create: optional, update: optional, valid: notEmpty, secret: true},
	},
}

var (
	isUniqueName = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,255}$`).MatchString
	isCountry    = regexp.MustCompile(`^([A-Z]{2}|all)$`).MatchString
	isPositive   = regexp.MustCompile(`^[1-9]\d{0,8}$`).MatchString
)

func isHTTPURL(v string) bool {
	u, err := url.Parse(v)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}
