// SPDX-License-Identifier: MPL-2.0

package client

// RateLimits are the rate limits of services. Only one in a service has a name.
var RateLimits = &Kind[*RateLimit]{
	Noun: "rate limit", List: "rate_limits", Prefix: "RK",
	Route:    "/v2/Services/{ServiceSid}/RateLimits/{Sid}",
	Path:     []Parameter{serviceParameter, sidParameter("sid", "a rate limit", "RK")},
	Key:      []string{"unique_name"},
	Conflict: CodeRateLimitExists,
}

// RateLimit is a rate limit as the API returns it. Any field may be empty, because each is nullable
// in the API's schema.
type RateLimit struct {
	Common

	ServiceSID  string `json:"service_sid"`
	UniqueName  string `json:"unique_name" form:"UniqueName"`
	Description string `json:"description" form:"Description,clearable"`
}

// Buckets are the buckets of rate limits. Only one in a rate limit has an interval.
var Buckets = &Kind[*Bucket]{
	Noun: "bucket", List: "buckets", Prefix: "BL",
	Route:    "/v2/Services/{ServiceSid}/RateLimits/{RateLimitSid}/Buckets/{Sid}",
	Path:     []Parameter{serviceParameter, sidParameter("rate_limit_sid", "a rate limit", "RK"), sidParameter("sid", "a bucket", "BL")},
	Key:      []string{"interval"},
	Conflict: CodeBucketExists,
}

// Bucket is a bucket as the API returns it. Any field may be empty, because each is nullable in the
// API's schema.
type Bucket struct {
	Common

	ServiceSID   string `json:"service_sid"`
	RateLimitSID string `json:"rate_limit_sid"`
	Max          *int64 `json:"max" form:"Max"`
	Interval     *int64 `json:"interval" form:"Interval"` // seconds
}
