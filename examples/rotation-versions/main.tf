# A factor with a write-only secret whose version is the month and a counter. The first apply of a month writes a new secret
# to HashiCorp Vault and replaces the factor with one that has it. The new factor is created and verified before the old one
# is deleted.
#
#   vault server -dev -dev-root-token-id=root
#   export VAULT_ADDR=http://127.0.0.1:8200 VAULT_TOKEN=root
#   terraform init
#   terraform apply # every day, for example
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

variable "rotation" {
  description = "Increment to rotate again in the same month, for example after a failed attempt."
  type        = number
  default     = 0
}

locals {
  version = 1000 * tonumber(formatdate("YYYYMM", coalesce(var.now, plantimestamp()))) + var.rotation
}

ephemeral "twilio_verify_totp_secret" "new" {}

resource "vault_kv_secret_v2" "robot" {
  mount                = "secret"
  name                 = "rotated-robot"
  data_json_wo         = jsonencode({ totp_secret = ephemeral.twilio_verify_totp_secret.new.secret })
  data_json_wo_version = local.version
}

ephemeral "vault_kv_secret_v2" "robot" {
  mount    = vault_kv_secret_v2.robot.mount
  mount_id = vault_kv_secret_v2.robot.id
  name     = vault_kv_secret_v2.robot.name
}

# Changes when the secret is created again, for example because it was deleted in the vault.
resource "terraform_data" "robot" {
  triggers_replace = vault_kv_secret_v2.robot.id
}

resource "twilio_verify_factor" "robot" {
  service_sid   = var.service_sid
  identity      = "rotation-versions-robot"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true

  binding_secret_wo         = ephemeral.vault_kv_secret_v2.robot.data.totp_secret
  binding_secret_wo_version = local.version

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.robot]
  }
}

output "sid" {
  description = "The SID of the factor that checks the robot's codes."
  value       = twilio_verify_factor.robot.sid
}
