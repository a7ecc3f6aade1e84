// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// subject is a provider and the resource to measure.
type subject struct {
	name    string
	source  string // provider address; empty for a resource built into Terraform
	binary  string
	version string
	config  string
	env     []string
}

// times returns the subject with so many times as many objects.
func (s subject) times(objects int) subject {
	s.config = strings.Replace(s.config, "= var.n\n", fmt.Sprintf("= var.n * %d\n", objects), 1)
	return s
}

const requirement = `
terraform {
  required_providers {
    %[1]s = {
      source = %[2]q
    }
  }
}
`

const variables = `
variable "n" {
  type = number
}

variable "revision" {
  type = number
}
`

const factorAttributes = `
  count         = var.n
  service_sid   = "` + verifymock.DefaultServiceSID + `"
  identity      = format("robot-account-%05d", count.index)
  factor_type   = "totp"
  friendly_name = "Robot ${count.index}, revision ${var.revision}"
`

// factor returns this project's provider and resource.
func factor(binary string) subject {
	return subject{
		name:    "twilio_verify_factor",
		source:  "seed-57355187/twilio",
		binary:  binary,
		version: "0.0.1",
		config: fmt.Sprintf(requirement, "twilio", "seed-57355187/twilio") + variables + `
resource "twilio_verify_factor" "test" {` + factorAttributes + `}
`,
	}
}

// service returns the resource with the most attributes.
func service(binary string) subject {
	return subject{
		name:    "twilio_verify_service",
		source:  "seed-57355187/twilio",
		binary:  binary,
		version: "0.0.1",
		config: fmt.Sprintf(requirement, "twilio", "seed-57355187/twilio") + variables + `
resource "twilio_verify_service" "test" {
  count         = var.n
  friendly_name = "Service ${count.index} v${var.revision}"
}
`,
	}
}

// rateLimit returns rate limits with a bucket each.
func rateLimit(binary string) subject {
	return subject{
		name:    "twilio_verify_rate_limit",
		source:  "seed-57355187/twilio",
		binary:  binary,
		version: "0.0.1",
		config: fmt.Sprintf(requirement, "twilio", "seed-57355187/twilio") + variables + `
resource "twilio_verify_rate_limit" "test" {
  count       = var.n
  service_sid = "` + verifymock.DefaultServiceSID + `"
  unique_name = "limit-${count.index}"
  description = "Limit ${count.index}, revision ${var.revision}"
}

resource "twilio_verify_rate_limit_bucket" "test" {
  count          = var.n
  service_sid    = "` + verifymock.DefaultServiceSID + `"
  rate_limit_sid = twilio_verify_rate_limit.test[count.index].sid
  max            = var.revision
  interval       = 60
}
`,
	}
}

// official returns Twilio's own provider, whose binary the user supplies, and its resource.
func official(binary string) subject {
	return subject{
		name:    "official provider",
		source:  "twilio/twilio",
		binary:  binary,
		version: "0.0.1",
		config: fmt.Sprintf(requirement, "twilio", "twilio/twilio") + variables + `
resource "twilio_verify_services_entities_factors_v2" "test" {` + factorAttributes + `}
`,
	}
}

// empty returns the baseline for the framework's cost.
func empty(binary string) subject {
	return subject{
		name:    "empty provider",
		source:  "bench/empty",
		binary:  binary,
		version: "0.0.1",
		config: fmt.Sprintf(requirement, "empty", "bench/empty") + variables + `
resource "empty_thing" "test" {` + factorAttributes + `}
`,
	}
}

// variants are schemas of the empty provider. Values are null unless they are computed, so the
// properties after those of the values are added to computed ones.
var variants = []struct{ name, properties string }{
	{"30 attributes", ""},
	{"19 attributes", "few"},
	{"30, 14 of them computed", "computed"},
	{"computed values as long as a factor's", "computed,long"},
	{"long, 5 sensitive", "computed,long,sensitive"},
	{"long, 2 write-only", "computed,long,writeonly"},
	{"long, identity of 3 attributes", "computed,long,identity"},
	{"all that a factor has", "computed,long,sensitive,writeonly,identity"},
}

// schemaVariant returns a resource of the empty provider whose schema has these properties.
func schemaVariant(binary, name, properties string) subject {
	s := empty(binary)
	s.name, s.env = name, []string{"BENCH_SCHEMA=variant," + properties}
	s.config = strings.Replace(s.config, "empty_thing", "empty_variant", 1)
	return s
}

// terraformData returns the baseline for Terraform's own cost.
func terraformData() subject {
	return subject{
		name: "terraform_data",
		config: variables + `
resource "terraform_data" "test" {
  count = var.n
  input = "Robot ${count.index}, revision ${var.revision}"
}
`,
	}
}
