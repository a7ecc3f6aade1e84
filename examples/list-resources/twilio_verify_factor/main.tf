resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "listed-robot-0002"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true
}
