# Two factors of one identity, replaced in turn: one in even months, the other in odd ones. Last month's secret stays valid
# during this month, which gives every robot time to switch.
#
#   terraform init
#   terraform apply # every day, for example: only the first apply of a month replaces a factor
#   terraform output -json current
#   terraform destroy

variable "service_sid" {
  description = "The Verify service that holds the factors."
  type        = string
  default     = "VA00000000000000000000000000000001"
}

variable "now" {
  description = "The time of the run, in RFC 3339 format and UTC. The default is the current time."
  type        = string
  default     = null
}

locals {
  now   = coalesce(var.now, plantimestamp())
  month = 12 * tonumber(formatdate("YYYY", local.now)) + tonumber(formatdate("M", local.now))

  # The month in which each slot was last due: this month for one slot, last month for the other.
  due = {
    even = local.month - local.month % 2
    odd  = local.month - (local.month + 1) % 2
  }
  current = local.month % 2 == 0 ? "even" : "odd"
}

resource "terraform_data" "due" {
  for_each         = local.due
  triggers_replace = each.value
}

resource "twilio_verify_factor" "robot" {
  for_each = local.due

  service_sid   = var.service_sid
  identity      = "rotation-slots-robot"
  factor_type   = "totp"
  friendly_name = "Deployment robot, ${each.key} months"
  auto_verify   = true

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.due[each.key]]
  }
}

output "current" {
  description = "The newer factor, which robots should use from now on."
  sensitive   = true
  value = {
    sid    = twilio_verify_factor.robot[local.current].sid
    secret = twilio_verify_factor.robot[local.current].binding_secret
  }
}

output "accepted" {
  description = "Both factors. Check a code against the current one first, then against the other."
  value       = [for factor in twilio_verify_factor.robot : factor.sid]
}
