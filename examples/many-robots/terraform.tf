terraform {
  required_version = ">= 1.11" # write-only attributes

  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
    vault = {
      source = "hashicorp/vault"
    }
  }
}

# The account comes from TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; TWILIO_VERIFY_BASE_URL names a mock.
provider "twilio" {}

# The vault comes from VAULT_ADDR and VAULT_TOKEN.
provider "vault" {}
