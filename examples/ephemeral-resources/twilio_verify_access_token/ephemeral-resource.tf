ephemeral "twilio_verify_access_token" "phone" {
  service_sid          = "VA00000000000000000000000000000001"
  identity             = "on-call-account-0001"
  factor_friendly_name = "Phone of the person on call"
  ttl                  = 300
}

# Use a provider block or a write-only attribute to pass the token on to the device. Plan and apply each create a new token,
# which expires within five minutes.
locals {
  registration = {
    token   = ephemeral.twilio_verify_access_token.phone.token
    expires = ephemeral.twilio_verify_access_token.phone.expires_at
  }
}
