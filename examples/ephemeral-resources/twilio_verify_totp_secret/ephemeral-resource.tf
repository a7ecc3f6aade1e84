ephemeral "twilio_verify_totp_secret" "robot" {}

# The secret goes to Twilio and is in neither the plan nor the state. Also pass it to a write-only attribute of a vault in
# the same apply, or it is lost.
resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "secret-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true

  binding_secret_wo         = ephemeral.twilio_verify_totp_secret.robot.secret
  binding_secret_wo_version = 1
}
