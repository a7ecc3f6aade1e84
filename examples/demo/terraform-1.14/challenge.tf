# terraform apply -invoke=action.twilio_verify_challenge.phone
action "twilio_verify_challenge" "phone" {
  config {
    service_sid = twilio_verify_service.demo.sid
    identity    = twilio_verify_factor.phone.identity
    factor_sid  = twilio_verify_factor.phone.sid
    message     = "Deploy to production?"
    timeout     = "30s"
  }
}
