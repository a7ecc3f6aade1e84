terraform {
  required_providers {
    twilio = {
      source = "registry.terraform.io/seed-57355187/twilio"
    }
  }
}

# Credentials and address come from TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_VERIFY_BASE_URL.
provider "twilio" {}

variable "service_sid" {
  type    = string
  default = "VA00000000000000000000000000000001"
}

variable "robot_name" {
  type    = string
  default = "Robot 1"
}

variable "phone_sdk_version" {
  type    = string
  default = "1.0.0"
}

# A robot's second factor. Twilio generates the secret, and the provider verifies the factor with a code from it.
resource "twilio_verify_factor" "robot" {
  service_sid   = var.service_sid
  identity      = "robot-account-0001"
  factor_type   = "totp"
  friendly_name = var.robot_name
  auto_verify   = true
}

# A phone's second factor. The private half of the key stays on the phone, which alone can verify the factor.
resource "twilio_verify_factor" "phone" {
  service_sid   = var.service_sid
  identity      = "test-user-0001"
  factor_type   = "push"
  friendly_name = "Test phone"

  binding_public_key           = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEahheab2ezK371roIpncXgI3Z4FSQzhmdKCVTmZnFpS6cEC/Z7DXETy8wFbPzlzUXTkt4NXqbuXC381sLeDOvBw=="
  config_app_id                = "com.example.app"
  config_notification_platform = "none"
  config_sdk_version           = var.phone_sdk_version
}

output "robot_sid" {
  value = twilio_verify_factor.robot.sid
}

output "robot_status" {
  value = twilio_verify_factor.robot.status
}

output "robot_secret" {
  value     = twilio_verify_factor.robot.binding_secret
  sensitive = true
}

output "phone_sid" {
  value = twilio_verify_factor.phone.sid
}

output "phone_status" {
  value = twilio_verify_factor.phone.status
}

output "robot_id" {
  value = twilio_verify_factor.robot.id
}

output "phone_id" {
  value = twilio_verify_factor.phone.id
}
