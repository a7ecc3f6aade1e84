// SPDX-License-Identifier: MPL-2.0

package ratelimit

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

type bucketModel struct {
	shared.Common

	ServiceSID   types.String `tfsdk:"service_sid"`
	RateLimitSID types.String `tfsdk:"rate_limit_sid"`
	Max          types.Int64  `tfsdk:"max"`
	Interval     types.Int64  `tfsdk:"interval"`
}

// BucketDeclaration declares buckets.
var BucketDeclaration = &shared.Declaration[*bucketModel, *client.Bucket]{
	TypeName: "twilio_verify_rate_limit_bucket",
	Kind:     client.Buckets,
	Noun: shared.Noun{
		Advice: map[int]string{
			client.CodeTooManyBuckets: "The rate limit has as many buckets as Twilio allows. Delete one that is not used.",
			client.CodeBucketExists: "The rate limit already has a bucket with this interval. " +
				"Choose another interval, or import the existing bucket. " +
				"To swap the intervals of two buckets, apply in two steps: first give one of them an interval that no bucket has. " +
				"If the second step fails, apply again.",
		},
		AttributeByCode: map[int]string{
			client.CodeTooManyBuckets: "rate_limit_sid", client.CodeBucketExists: "interval",
		},
	},
	Label: "interval",
	Description: "Manages a bucket of a rate limit: how many verifications can start for one key within an interval. " +
		"Several buckets with different intervals apply at the same time.",
	Attributes: map[string]schema.Attribute{"max": positive, "interval": positive},
	Descriptions: map[string]string{
		"rate_limit_sid": "SID of the rate limit: `RK` followed by 32 hexadecimal digits.",
		"max":            "Number of verifications that can start for one key within the interval, at least 1.",
		"interval":       "Length of the interval, in seconds, at least 1. A rate limit has at most one bucket with an interval.",
	},
	Deleted: func(*bucketModel) string {
		return "The next apply creates a new bucket with another SID."
	},
	Sources: []shared.Source{
		{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_rate_limits_buckets_v2"},
		{Provider: shared.IsRJPearson94Provider, TypeName: "twilio_verify_service_rate_limit_bucket"},
	},
}

var positive = schema.Int64Attribute{Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)}}
