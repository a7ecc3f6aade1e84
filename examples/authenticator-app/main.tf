# A person with an authenticator app. The provider generates the secret. The state contains it: protect the state accordingly.
#
#   go run ./cmd/verifymock # in a clone of the repository; export what it prints
#   terraform init
#   terraform apply                                       # warns that no code verifies the factor yet
#   terraform output -raw qr_code | base64 -d > qr.png    # to scan, or: terraform output -raw uri
#   terraform apply -var code=123456 -var code_version=1  # the code that the app shows
#   terraform destroy

variable "service_sid" {
  description = "The Verify service that holds the factor."
  type        = string
  default     = "VA00000000000000000000000000000001"
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

resource "twilio_verify_factor" "person" {
  service_sid   = var.service_sid
  identity      = "6f9c1e9e-4c52-4b7e-9d0a-3f4f5b7f2a10"
  factor_type   = "totp"
  friendly_name = "Ada Lovelace"

  auth_payload_wo         = var.code_version == null ? null : var.code
  auth_payload_wo_version = var.code_version
}

output "uri" {
  description = "The link that an authenticator app opens."
  value       = twilio_verify_factor.person.binding_uri
  sensitive   = true
}

output "qr_code" {
  description = "The QR code of the link: a PNG in Base64."
  value       = provider::twilio::qr_code(twilio_verify_factor.person.binding_uri)
  sensitive   = true
}

output "status" {
  description = "Whether the app has proved that it has the secret."
  value       = twilio_verify_factor.person.status
}
