# A person with an authenticator app. The secret stays out of the state: it is in HashiCorp Vault, and in a QR code in a file
# that only its owner can read. An output cannot contain the QR code of an ephemeral secret, but a provisioner can write it
# to a file.
#
# Run it against the mock of Twilio Verify and a Vault in development mode:
#
#   go run ./cmd/verifymock # in a clone of the repository; export what it prints
#   vault server -dev -dev-root-token-id=root
#   export VAULT_ADDR=http://127.0.0.1:8200 VAULT_TOKEN=root
#   terraform init
#   terraform apply                                       # scan qr-code.png, then delete it
#   terraform apply -var code=123456 -var code_version=1  # the code that the app shows
#   terraform apply -replace=terraform_data.qr_code       # writes the file again
#   terraform destroy

variable "service_sid" {
  description = "The Verify service that holds the factor."
  type        = string
  default     = "VA00000000000000000000000000000001"
}

variable "issuer" {
  description = "The name of the company or service that the app shows."
  type        = string
  default     = "Example"
}

variable "secret_version" {
  description = "Increment to replace the factor with one that has a new secret."
  type        = number
  default     = 1
}

variable "code" {
  description = "The code that the app shows. Twilio deletes the factor within a day unless a code verifies it."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = null
}

variable "code_version" {
  description = "Set it to 1 together with code, and increment it to send another code."
  type        = number
  default     = null
}

ephemeral "twilio_verify_totp_secret" "new" {}

resource "vault_kv_secret_v2" "person" {
  mount                = "secret"
  name                 = "authenticator-app"
  data_json_wo         = jsonencode({ totp_secret = ephemeral.twilio_verify_totp_secret.new.secret })
  data_json_wo_version = var.secret_version
}

ephemeral "vault_kv_secret_v2" "person" {
  mount    = vault_kv_secret_v2.person.mount
  mount_id = vault_kv_secret_v2.person.id
  name     = vault_kv_secret_v2.person.name
}

# Changes when the secret is created again, for example because it was deleted in the vault.
resource "terraform_data" "secret" {
  triggers_replace = vault_kv_secret_v2.person.id
}

resource "twilio_verify_factor" "person" {
  service_sid   = var.service_sid
  identity      = "0d6e3f0c-52a5-4c79-9f6e-3c1b7f0f1a52"
  factor_type   = "totp"
  friendly_name = "Grace Hopper"

  binding_secret_wo         = ephemeral.vault_kv_secret_v2.person.data.totp_secret
  binding_secret_wo_version = var.secret_version

  auth_payload_wo         = var.code_version == null ? null : var.code
  auth_payload_wo_version = var.code_version

  lifecycle {
    create_before_destroy = true # if the vault refuses the new secret, the old factor stays
    replace_triggered_by  = [terraform_data.secret]
  }
}

# Written once for each factor. If writing fails, the next apply tries again.
resource "terraform_data" "qr_code" {
  triggers_replace = twilio_verify_factor.person.sid

  provisioner "local-exec" {
    command = "umask 077 && printf %s \"$QR_CODE\" | openssl base64 -d -A > qr-code.png"
    environment = {
      QR_CODE = provider::twilio::qr_code(provider::twilio::totp_uri(
        var.issuer, twilio_verify_factor.person.friendly_name, ephemeral.vault_kv_secret_v2.person.data.totp_secret
      ))
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "rm -f qr-code.png"
  }
}

output "status" {
  description = "Whether the app has proved that it has the secret."
  value       = twilio_verify_factor.person.status
}
