# A device that approves push challenges, in a service that can notify Android devices. The device creates the key pair and
# keeps the private key. Here, openssl acts as the device:
#
#   go run ./cmd/verifymock # in a clone of the repository; export what it prints
#   terraform init
#   openssl ecparam -name prime256v1 -genkey -noout -out device.pem
#   export TF_VAR_public_key="$(openssl pkey -in device.pem -pubout -outform DER | openssl base64 -A)"
#   terraform apply # warns that no signature verifies the factor yet
#   export TF_VAR_signature="$(terraform output -raw sid | openssl dgst -sha256 -sign device.pem | openssl base64 -A)"
#   terraform apply -var signature_version=1
#   terraform destroy

variable "service_account" {
  description = "The JSON key of a Google service account that may send messages. The default is for demonstration only."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "{\"type\": \"service_account\", \"private_key\": \"only for the mock\"}"
}

variable "notification_token" {
  description = "The registration token of the app on the device. Without one, the app polls for challenges."
  type        = string
  sensitive   = true
  default     = null
}

variable "public_key" {
  description = "The device's P-256 public key in PKIX DER form, encoded in Base64. The default is for demonstration only: its private key does not exist."
  type        = string
  default     = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuCDxGzEH/oZgG6abXGGLD3TK4evW6CYy2L0ge3ffEIqAMxwOAsFrK3SfWsSqertcCfMLhfLNNnEt7T3mAnCd0g=="
}

variable "signature" {
  description = "The device's signature of the factor's SID, which proves that it has the private key."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = null
}

variable "signature_version" {
  description = "Set it to 1 together with signature, and increment it to send another signature."
  type        = number
  default     = null
}

resource "twilio_push_credential" "android" {
  friendly_name          = "Example app"
  type                   = "fcm"
  secret_wo              = var.service_account
  credentials_wo_version = 1 # increment it to send another key
}

resource "twilio_verify_service" "phones" {
  friendly_name           = "Phones"
  push_fcm_credential_sid = twilio_push_credential.android.sid
}

resource "twilio_verify_factor" "phone" {
  service_sid   = twilio_verify_service.phones.sid
  identity      = "push-device-0001"
  factor_type   = "push"
  friendly_name = "Test phone"

  binding_public_key           = var.public_key
  config_app_id                = "com.example.app"
  config_notification_platform = var.notification_token == null ? "none" : "fcm"
  config_notification_token    = var.notification_token
  config_sdk_version           = "1.0.0"

  auth_payload_wo         = var.signature_version == null ? null : var.signature
  auth_payload_wo_version = var.signature_version

  lifecycle {
    ignore_changes = [config_sdk_version] # the SDK on the device changes it
  }
}

output "sid" {
  description = "What the device signs."
  value       = twilio_verify_factor.phone.sid
}

output "status" {
  description = "Whether the device has proved that it has the key."
  value       = twilio_verify_factor.phone.status
}
