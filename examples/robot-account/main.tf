# A service account with a TOTP factor. Its secret is made during the apply, goes to Twilio and to a vault, and rests
# nowhere else: neither in the state nor in a plan. The factor is verified at birth.

variable "service_sid" {
  description = "The Verify service that holds the factor."
  type        = string
  default     = "VA00000000000000000000000000000001"
}

variable "secret_version" {
  description = "Raise it to replace the factor by one with a fresh secret."
  type        = number
  default     = 1
}

variable "vault_command" {
  description = <<-EOT
    Stores the secret, which it finds in the environment as TOTP_SECRET. The default writes a file that only its owner
    can read. For HashiCorp Vault: printf %s "$TOTP_SECRET" | vault kv put -mount=secret robot-account totp_secret=-
  EOT
  type        = string
  default     = "umask 077 && printf %s \"$TOTP_SECRET\" > robot-account.secret"
}

ephemeral "twilio_verify_totp_secret" "robot" {}

resource "twilio_verify_factor" "robot" {
  service_sid   = var.service_sid
  identity      = "robot-account-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true

  binding_secret_wo         = ephemeral.twilio_verify_totp_secret.robot.secret
  binding_secret_wo_version = var.secret_version
}

# The vault gets the secret whenever there is a new factor, and only then: in every other apply the ephemeral secret is
# another one. For the same reason raise secret_version if the vault could not be reached.
resource "terraform_data" "vault" {
  triggers_replace = twilio_verify_factor.robot.sid

  provisioner "local-exec" {
    command     = var.vault_command
    environment = { TOTP_SECRET = ephemeral.twilio_verify_totp_secret.robot.secret }
  }
}

# With a provider for the vault, a write-only attribute takes the place of the command:
#
#   resource "vault_kv_secret_v2" "robot" {
#     mount                = "secret"
#     name                 = "robot-account"
#     data_json_wo         = jsonencode({ totp_secret = ephemeral.twilio_verify_totp_secret.robot.secret })
#     data_json_wo_version = var.secret_version
#   }

output "sid" {
  description = "The factor against which the robot's codes are checked."
  value       = twilio_verify_factor.robot.sid
}
