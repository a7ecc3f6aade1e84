# A factor for each line of robots.csv, with its secret in HashiCorp Vault.
#
#   vault server -dev -dev-root-token-id=root
#   export VAULT_ADDR=http://127.0.0.1:8200 VAULT_TOKEN=root
#   terraform init
#   terraform apply # again after each change of robots.csv
#   terraform destroy

variable "service_sid" {
  description = "The Verify service that holds the factors."
  type        = string
  default     = "VA00000000000000000000000000000001"
}

locals {
  robots = { for robot in csvdecode(file("${path.module}/robots.csv")) : robot.identity => robot }
}

ephemeral "twilio_verify_totp_secret" "new" {
  for_each = local.robots
}

resource "vault_kv_secret_v2" "robot" {
  for_each = local.robots

  mount                = "secret"
  name                 = "robots/${each.key}"
  data_json_wo         = jsonencode({ totp_secret = ephemeral.twilio_verify_totp_secret.new[each.key].secret })
  data_json_wo_version = each.value.version
}

ephemeral "vault_kv_secret_v2" "robot" {
  for_each = local.robots

  mount    = vault_kv_secret_v2.robot[each.key].mount
  mount_id = vault_kv_secret_v2.robot[each.key].id
  name     = vault_kv_secret_v2.robot[each.key].name
}

resource "terraform_data" "robot" {
  for_each = local.robots

  triggers_replace = vault_kv_secret_v2.robot[each.key].id
}

resource "twilio_verify_factor" "robot" {
  for_each = local.robots

  service_sid   = var.service_sid
  identity      = each.key
  factor_type   = "totp"
  friendly_name = each.value.name
  auto_verify   = true

  binding_secret_wo         = ephemeral.vault_kv_secret_v2.robot[each.key].data.totp_secret
  binding_secret_wo_version = each.value.version

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.robot[each.key]]
  }
}

output "sids" {
  description = "The SID of the factor of each robot."
  value       = { for identity, factor in twilio_verify_factor.robot : identity => factor.sid }
}
