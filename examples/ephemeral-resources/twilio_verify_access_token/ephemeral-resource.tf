ephemeral "twilio_verify_access_token" "phone" {
  service_sid          = "VA00000000000000000000000000000001"
  identity             = "on-call-account-0001"
  factor_friendly_name = "Phone of the person on call"
  ttl                  = 300
}

# Pass the token to whatever hands it to the device, through a provider block or a write-only attribute. It is a new
# token at plan and at apply, and expires within five minutes.
locals {
  registration = {
    token   = ephemeral.twilio_verify_access_token.phone.token
    expires = ephemeral.twilio_verify_access_token.phone.expires_at
  }
}
