terraform {
  required_version = ">= 1.5" # plantimestamp

  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
  }
}

# The account comes from TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; TWILIO_VERIFY_BASE_URL names a mock.
provider "twilio" {}
