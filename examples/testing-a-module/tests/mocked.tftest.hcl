# Run: terraform init && terraform test -filter=tests/mocked.tftest.hcl. It needs neither a server nor credentials.

# What Twilio computes, in the form that it has at Twilio. A messaging configuration has no SID.
mock_provider "twilio" {
  mock_resource "twilio_verify_service" {
    defaults = {
      sid = "VA00000000000000000000000000000001"
    }
  }

  mock_resource "twilio_verify_entity" {
    defaults = {
      sid = "YE00000000000000000000000000000001"
    }
  }

  mock_resource "twilio_verify_factor" {
    defaults = {
      sid            = "YF00000000000000000000000000000001"
      status         = "verified"
      binding_secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
      binding_uri    = "otpauth://totp/Robots:Robot?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Robots"
    }
  }

  mock_resource "twilio_verify_webhook" {
    defaults = {
      sid = "YW00000000000000000000000000000001"
    }
  }

  mock_resource "twilio_verify_rate_limit" {
    defaults = {
      sid = "RK00000000000000000000000000000001"
    }
  }

  mock_resource "twilio_verify_rate_limit_bucket" {
    defaults = {
      sid = "BL00000000000000000000000000000001"
    }
  }

  mock_resource "twilio_push_credential" {
    defaults = {
      sid = "CR00000000000000000000000000000001"
    }
  }

  mock_data "twilio_verify_service" {
    defaults = {
      sid = "VA00000000000000000000000000000001"
    }
  }
}

variables {
  service_sid = "VA00000000000000000000000000000001"
  robots = {
    robot-deploy-01 = "Deployment"
    robot-backup-01 = "Backup"
  }
}

run "passes_on_secrets" {
  override_resource {
    target = twilio_verify_factor.robot
    values = {
      status         = "verified"
      binding_secret = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"
    }
  }

  assert {
    condition     = alltrue([for factor in twilio_verify_factor.robot : factor.status == "verified"])
    error_message = "Every factor should be verified."
  }

  assert {
    condition     = output.secrets["robot-deploy-01"] == "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"
    error_message = "The output should have the secret of the robot."
  }
}
