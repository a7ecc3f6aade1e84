resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "challenged-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true
}

variable "code" {
  description = "The robot's current code, needed only with -invoke."
  type        = string
  default     = null
  sensitive   = true
}

# terraform apply -invoke=action.twilio_verify_challenge.robot -var code=123456
action "twilio_verify_challenge" "robot" {
  config {
    service_sid  = twilio_verify_factor.robot.service_sid
    identity     = twilio_verify_factor.robot.identity
    factor_sid   = twilio_verify_factor.robot.sid
    auth_payload = var.code
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

# Ask the person on call in each apply that changes the release, which stays as it is unless they approve.
resource "terraform_data" "release" {
  input = var.release

  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.twilio_verify_challenge.on_call]
    }
  }
}
