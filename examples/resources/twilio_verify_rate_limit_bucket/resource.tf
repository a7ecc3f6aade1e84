resource "twilio_verify_rate_limit" "phone" {
  service_sid = "VA00000000000000000000000000000001"
  unique_name = "login-phone"
}

# At most 2 verifications in a minute, and 10 in an hour.
resource "twilio_verify_rate_limit_bucket" "minute" {
  service_sid    = twilio_verify_rate_limit.phone.service_sid
  rate_limit_sid = twilio_verify_rate_limit.phone.sid
  max            = 2
  interval       = 60
}

resource "twilio_verify_rate_limit_bucket" "hour" {
  service_sid    = twilio_verify_rate_limit.phone.service_sid
  rate_limit_sid = twilio_verify_rate_limit.phone.sid
  max            = 10
  interval       = 3600
}
