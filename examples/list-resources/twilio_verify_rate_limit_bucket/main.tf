resource "twilio_verify_rate_limit_bucket" "hour" {
  service_sid    = "VA00000000000000000000000000000002"
  rate_limit_sid = "RK00000000000000000000000000000002"
  max            = 20
  interval       = 3600
}
