# Run: terraform init && terraform test, which destroys what it creates. It needs a running mock. In a clone of the repository:
#   go run ./cmd/verifymock
provider "twilio" {
  account_sid = "AC00000000000000000000000000000001"
  auth_token  = "verifymockAuthToken"
  base_url    = "http://127.0.0.1:8421"
}

variables {
  service_sid = "VA00000000000000000000000000000001"
  robots = {
    robot-deploy-01 = "Deployment"
    robot-backup-01 = "Backup"
  }
}

run "creates_verified_factors" {
  assert {
    condition     = alltrue([for factor in twilio_verify_factor.robot : factor.status == "verified"])
    error_message = "Every factor should be verified."
  }

  assert {
    condition     = alltrue([for secret in values(output.secrets) : length(secret) == 32])
    error_message = "Every robot should have a secret of 32 characters."
  }
}

run "renames" {
  variables {
    robots = {
      robot-deploy-01 = "Deployment, renamed"
      robot-backup-01 = "Backup"
    }
  }

  assert {
    condition     = twilio_verify_factor.robot["robot-deploy-01"].friendly_name == "Deployment, renamed"
    error_message = "The factor should have its new name."
  }

  assert {
    condition     = twilio_verify_factor.robot["robot-deploy-01"].status == "verified"
    error_message = "A new name should neither replace the factor nor change its status."
  }
}

run "refuses_other_identities" {
  command = plan

  variables {
    robots = {
      alice-0001 = "Alice"
    }
  }

  expect_failures = [var.robots]
}
