data "twilio_verify_factor" "robot" {
  service_sid = "VA00000000000000000000000000000002"
  identity    = "read-robot-0001"
  sid         = "YF00000000000000000000000000000002"
}

output "status" {
  value = data.twilio_verify_factor.robot.status
}
