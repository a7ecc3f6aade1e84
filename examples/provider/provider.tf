terraform {
  required_providers {
    twilio = {
      source  = "seed-57355187/twilio"
      version = "~> 0.1"
    }
  }
}

# Credentials come from the environment: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN,
# or TWILIO_API_KEY and TWILIO_API_SECRET.
provider "twilio" {}
