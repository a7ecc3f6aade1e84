resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "read-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true
}

# Reads any factor by its SID, even one that Terraform does not manage.
data "twilio_verify_factor" "robot" {
  service_sid = "VA00000000000000000000000000000001"
  identity    = "read-robot-0001"
  sid         = twilio_verify_factor.robot.sid
}

output "status" {
  value = data.twilio_verify_factor.robot.status
}
