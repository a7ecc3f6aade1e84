# A service account with a TOTP factor. Its secret is in HashiCorp Vault and at Twilio, but in neither the state nor the
# plan. It is written to the vault first, and read back from there for Twilio, so both always have the same secret.
#
# Run it against the mock of Twilio Verify and a Vault in development mode:
#
#   go run ./cmd/verifymock # in a clone of the repository; export what it prints
#   vault server -dev -dev-root-token-id=root
#   export VAULT_ADDR=http://127.0.0.1:8200 VAULT_TOKEN=root
#   terraform init
#   terraform apply
#   terraform apply -var secret_version=2 # a new secret
#   terraform destroy

variable "service_sid" {
  description = "The Verify service that holds the factor."
  type        = string
  default     = "VA00000000000000000000000000000001"
}

variable "secret_version" {
  description = "Increment to replace the factor with one that has a new secret, also after a failed attempt."
  type        = number
  default     = 1
}

# A different secret in every run. It is written to the vault only if secret_version changes.
ephemeral "twilio_verify_totp_secret" "new" {}

resource "vault_kv_secret_v2" "robot" {
  mount                = "secret"
  name                 = "robot-account"
  data_json_wo         = jsonencode({ totp_secret = ephemeral.twilio_verify_totp_secret.new.secret })
  data_json_wo_version = var.secret_version
}

# The secret in the vault, read after it was written.
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
  identity      = "example-robot-account"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true

  binding_secret_wo         = ephemeral.vault_kv_secret_v2.robot.data.totp_secret
  binding_secret_wo_version = var.secret_version

  lifecycle {
    create_before_destroy = true # if the vault refuses the new secret, the old factor stays
    replace_triggered_by  = [terraform_data.robot]
  }
}

output "sid" {
  description = "The SID of the factor that checks the robot's codes."
  value       = twilio_verify_factor.robot.sid
}
