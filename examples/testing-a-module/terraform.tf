terraform {
  required_version = ">= 1.7"

  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
  }
}
