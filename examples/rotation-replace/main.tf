# A factor that is replaced every month. The new one is created and verified before the old one is deleted, so a failure
# leaves the old one in place. Twilio generates the secret, which the state contains: protect it accordingly.
#
#   terraform init
#   terraform apply # every day, for example: only the first one of a month replaces the factor
#   terraform output -raw secret
#   terraform destroy

variable "service_sid" {
  description = "The Verify service that holds the factor."
  type        = string
  default     = "VA00000000000000000000000000000001"
}

variable "now" {
  description = "The time of the run, RFC 3339 in UTC. The default is that of the clock."
  type        = string
  default     = null
}

# With a provider for time, time_rotating takes the place of the month. Refer to it here, and not in
# replace_triggered_by: an expired time_rotating is created again, which replaces nothing.
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
  description = "The factor that the robot's codes are checked against."
  value       = twilio_verify_factor.robot.sid
}

output "secret" {
  description = "The secret that the robot computes its codes from."
  value       = twilio_verify_factor.robot.binding_secret
  sensitive   = true
}
