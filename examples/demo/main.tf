terraform {
  required_providers {
    twilio = {
      source = "registry.terraform.io/seed-57355187/twilio"
    }
  }
}

# Credentials and address come from TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, and TWILIO_VERIFY_BASE_URL.
provider "twilio" {}

variable "robot_name" {
  type    = string
  default = "Robot 1"
}

variable "phone_public_key" {
  type = string
}

resource "twilio_verify_service" "demo" {
  friendly_name = "Demo"
  totp_issuer   = "Demo Inc"
}

# The entity is deleted after its factors. Without this resource, Twilio would keep an empty entity.
resource "twilio_verify_entity" "robot" {
  service_sid = twilio_verify_service.demo.sid
  identity    = "robot-account-0001"
}

# A robot's second factor. The provider generates the secret, and verifies the factor with a code computed from it.
resource "twilio_verify_factor" "robot" {
  service_sid   = twilio_verify_service.demo.sid
  identity      = twilio_verify_entity.robot.identity
  factor_type   = "totp"
  friendly_name = var.robot_name
  auto_verify   = true

  # A rotation creates and verifies the new factor first, so the robot is never locked out.
  lifecycle {
    create_before_destroy = true
  }
}

# A phone's second factor. The private key stays on the phone, so only the phone can verify the factor.
resource "twilio_verify_factor" "phone" {
  service_sid   = twilio_verify_service.demo.sid
  identity      = "test-user-0001"
  factor_type   = "push"
  friendly_name = "Test phone"

  binding_public_key           = var.phone_public_key
  config_app_id                = "com.example.app"
  config_notification_platform = "none"
  config_sdk_version           = "1.0.0"
}

output "service_sid" {
  value = twilio_verify_service.demo.sid
}

output "robot_sid" {
  value = twilio_verify_factor.robot.sid
}

output "robot_id" {
  value = twilio_verify_factor.robot.id
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

output "phone_id" {
  value = twilio_verify_factor.phone.id
}

output "phone_status" {
  value = twilio_verify_factor.phone.status
}
