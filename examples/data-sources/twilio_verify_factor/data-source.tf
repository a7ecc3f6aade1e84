# Finds the SID of the robot's factor.
data "twilio_verify_factors" "robot" {
  service_sid = "VA00000000000000000000000000000001"
  identity    = "robot-account-0001"
}

data "twilio_verify_factor" "robot" {
  service_sid = "VA00000000000000000000000000000001"
  identity    = "robot-account-0001"
  sid         = one(data.twilio_verify_factors.robot.factors[*].sid)
}

output "status" {
  value = data.twilio_verify_factor.robot.status
}
