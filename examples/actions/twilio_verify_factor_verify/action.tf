resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "verified-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
}

variable "code" {
  description = "The robot's current code. It cannot be ephemeral, because -invoke passes null then."
  type        = string
  default     = null
  sensitive   = true
}

# terraform apply -invoke=action.twilio_verify_factor_verify.robot -var code=123456
action "twilio_verify_factor_verify" "robot" {
  config {
    service_sid  = twilio_verify_factor.robot.service_sid
    identity     = twilio_verify_factor.robot.identity
    factor_sid   = twilio_verify_factor.robot.sid
    auth_payload = var.code
  }
}
