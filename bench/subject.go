// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// subject is what is measured: a provider and a resource of it.
type subject struct {
	name    string
	source  string // provider address, empty for what is built into Terraform
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

// factor is the resource of this project.
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

// official is the same of Twilio's own provider, whose binary the user has.
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

// empty is the baseline for what the framework costs.
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

// terraformData is the baseline for what Terraform itself costs.
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
