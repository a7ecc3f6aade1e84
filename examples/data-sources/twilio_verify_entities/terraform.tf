terraform {
  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
  }
}
