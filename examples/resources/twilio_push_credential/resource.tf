variable "service_account" {
  description = "JSON key of a Google service account that may send messages."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "{\"type\": \"service_account\", \"private_key\": \"only for the mock\"}"
}

resource "twilio_push_credential" "android" {
  friendly_name          = "Android app"
  type                   = "fcm"
  secret_wo              = var.service_account
  credentials_wo_version = 1
}

resource "twilio_verify_service" "phones" {
  friendly_name           = "Phones"
  push_fcm_credential_sid = twilio_push_credential.android.sid
}
