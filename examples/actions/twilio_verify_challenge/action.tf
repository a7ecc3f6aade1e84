resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "challenged-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true
}

ephemeral "twilio_verify_totp_code" "robot" {
  secret = twilio_verify_factor.robot.binding_secret
}

action "twilio_verify_challenge" "robot" {
  config {
    service_sid  = twilio_verify_factor.robot.service_sid
    identity     = twilio_verify_factor.robot.identity
    factor_sid   = twilio_verify_factor.robot.sid
    auth_payload = ephemeral.twilio_verify_totp_code.robot.code
  }
}

# Challenge each new factor in the apply that creates it. In the lifecycle of the factor, the trigger would be a cycle, because
# the action refers to the factor.
resource "terraform_data" "robot" {
  triggers_replace = twilio_verify_factor.robot.sid

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.twilio_verify_challenge.robot]
    }
  }
}

variable "phone_factor_sid" {
  description = "The SID of a verified push factor of the person on call."
  type        = string
  default     = "YF00000000000000000000000000000001"
}

# Asks the person on call for approval, and fails without it: terraform apply -invoke=action.twilio_verify_challenge.on_call
action "twilio_verify_challenge" "on_call" {
  config {
    service_sid = "VA00000000000000000000000000000001"
    identity    = "challenged-person-0001"
    factor_sid  = var.phone_factor_sid
    message     = "Deploy to production?"

    fields = [
      { label = "Version", value = "1.2.0" },
      { label = "Region", value = "us1" },
    ]

    hidden_details = {
      pipeline = "deploy-42"
    }

    timeout = "5m"
  }
}

variable "release" {
  type    = string
  default = "1.2.0"
}

# Ask the person on call in each apply that changes the release.
resource "terraform_data" "approval" {
  input = var.release

  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.twilio_verify_challenge.on_call]
    }
  }
}

# What must wait for the approval depends on it. Anything else is applied without it.
resource "terraform_data" "deployment" {
  input      = var.release
  depends_on = [terraform_data.approval]
}
