variable "service_sid" {
  description = "The Verify service that holds the factors."
  type        = string
}

variable "robots" {
  description = "The robots that get a TOTP factor: display names by identity."
  type        = map(string)

  validation {
    condition     = alltrue([for identity in keys(var.robots) : startswith(identity, "robot-")])
    error_message = "The identity of a robot must begin with \"robot-\"."
  }
}

resource "twilio_verify_factor" "robot" {
  for_each = var.robots

  service_sid   = var.service_sid
  identity      = each.key
  factor_type   = "totp"
  friendly_name = each.value
  auto_verify   = true
}

output "secrets" {
  description = "The TOTP secret of each robot."
  value       = { for identity, factor in twilio_verify_factor.robot : identity => factor.binding_secret }
  sensitive   = true
}
