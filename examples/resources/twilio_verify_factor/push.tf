resource "twilio_verify_factor" "phone" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "test-user-0001"
  factor_type   = "push"
  friendly_name = "Test phone"

  binding_public_key           = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEahheab2ezK371roIpncXgI3Z4FSQzhmdKCVTmZnFpS6cEC/Z7DXETy8wFbPzlzUXTkt4NXqbuXC381sLeDOvBw=="
  config_app_id                = "com.example.app"
  config_notification_platform = "fcm"
  config_notification_token    = "registration-token-of-the-test-phone"
  config_sdk_version           = "1.0.0"

  # Null in the first apply.
  auth_payload_wo         = var.signature
  auth_payload_wo_version = var.signature == null ? null : 1

  # The SDK on the device changes both; Terraform should not restore them.
  lifecycle {
    ignore_changes = [config_notification_token, config_sdk_version]
  }
}

variable "signature" {
  type    = string
  default = null
}
