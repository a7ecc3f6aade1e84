variable "robot_secret" {
  description = "The secret of an existing factor, in Base32."
  type        = string
  ephemeral   = true
  default     = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
}

ephemeral "twilio_verify_totp_code" "now" {
  secret = var.robot_secret
}

# Use the code to log in to another provider, or to verify a factor with this secret.
resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "code-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"

  binding_secret_wo         = var.robot_secret
  binding_secret_wo_version = 1
  auth_payload_wo           = ephemeral.twilio_verify_totp_code.now.code
  auth_payload_wo_version   = 1
}
