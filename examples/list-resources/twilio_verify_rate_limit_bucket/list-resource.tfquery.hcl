list "twilio_verify_rate_limit_bucket" "all" {
  provider         = twilio
  include_resource = true
  limit            = 1000

  config {
    service_sid    = "VA00000000000000000000000000000002"
    rate_limit_sid = "RK00000000000000000000000000000002"
  }
}
