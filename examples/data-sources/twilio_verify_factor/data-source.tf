# A factor of any type, without its secret, which Twilio returns only when the factor is created.
# With sid instead of friendly_name, the factor is read without a search.
data "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "robot-account-0001"
  friendly_name = "Deployment robot"
}

output "status" {
  value = data.twilio_verify_factor.robot.status
}
