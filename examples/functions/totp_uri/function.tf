resource "twilio_verify_factor" "alice" {
  service_sid      = "VA00000000000000000000000000000001"
  identity         = "totp-uri-user-0001"
  factor_type      = "totp"
  friendly_name    = "Alice"
  config_time_step = 60
}

# The URI for an authenticator app, with your own issuer.
output "uri" {
  sensitive = true
  value = provider::twilio::totp_uri("Example Ltd", twilio_verify_factor.alice.friendly_name, twilio_verify_factor.alice.binding_secret, {
    alg         = twilio_verify_factor.alice.config_alg
    code_length = twilio_verify_factor.alice.config_code_length
    time_step   = twilio_verify_factor.alice.config_time_step
  })
}
