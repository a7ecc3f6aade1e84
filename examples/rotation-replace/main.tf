# A factor that is replaced every month. The new one is created and verified before the old one is deleted, so a failure
# leaves the old one in place. The provider generates the secret. The state contains it: protect the state accordingly.
#
#   terraform init
#   terraform apply # every day, for example: only the first apply of a month replaces the factor
#   terraform output -raw secret
#   terraform destroy

variable "service_sid" {
  description = "The Verify service that holds the factor."
  type        = string
  default     = "VA00000000000000000000000000000001"
}

variable "now" {
  description = "The time of the run, in RFC 3339 format and UTC. The default is the current time."
  type        = string
  default     = null
}

resource "terraform_data" "month" {
  triggers_replace = formatdate("YYYY-MM", coalesce(var.now, plantimestamp()))
}

resource "twilio_verify_factor" "robot" {
  service_sid   = var.service_sid
  identity      = "rotation-replace-robot"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.month]
  }
}

output "sid" {
  description = "The SID of the factor that checks the robot's codes."
  value       = twilio_verify_factor.robot.sid
}

output "secret" {
  description = "The secret from which the robot computes its codes."
  value       = twilio_verify_factor.robot.binding_secret
  sensitive   = true
}
