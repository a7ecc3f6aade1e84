resource "twilio_verify_service" "robots" {
  friendly_name = "Robots"

  # Factors that do not set these get them from the service.
  totp_issuer      = "Example Robots"
  totp_code_length = 6
  totp_time_step   = 30
  totp_skew        = 1
}

resource "twilio_verify_factor" "robot" {
  service_sid   = twilio_verify_service.robots.sid
  identity      = "service-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true
}
