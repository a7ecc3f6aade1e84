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

// variants are properties of a schema, each with those before it, for BENCH_SCHEMA.
var variants = []string{"few", "few,long", "", "long", "long,sensitive", "long,sensitive,writeonly", "long,sensitive,writeonly,identity"}

// schemaVariant returns a resource of the empty provider whose schema has some properties of a factor's.
func schemaVariant(binary, properties string) subject {
	s := empty(binary)
	s.name = properties
	if properties == "" {
		s.name = "all"
	}
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
