terraform {
  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
  }
}

# Credentials come from the environment: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN,
# or TWILIO_API_KEY and TWILIO_API_SECRET.
provider "twilio" {}

resource "twilio_verify_service" "robots" {
  friendly_name = "Build robots"
}

# The provider generates the secret, and verifies the factor with a code computed from it.
resource "twilio_verify_factor" "robot" {
  service_sid   = twilio_verify_service.robots.sid
  identity      = "build-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true
}

# Run: terraform init && terraform apply && terraform output -raw robot_secret. To remove everything: terraform destroy.
output "robot_secret" {
  value     = twilio_verify_factor.robot.binding_secret
  sensitive = true
}
