resource "twilio_verify_service" "fleet" {
  friendly_name = "Fleet"
}

resource "twilio_verify_entity" "robot" {
  service_sid = twilio_verify_service.fleet.sid
  identity    = "fleet-robot-0001"
}

# The factor is created after the entity, and deleted before it.
resource "twilio_verify_factor" "robot" {
  service_sid   = twilio_verify_entity.robot.service_sid
  identity      = twilio_verify_entity.robot.identity
  friendly_name = "Robot"
  factor_type   = "totp"
  auto_verify   = true
}
