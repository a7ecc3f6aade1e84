list "twilio_verify_rate_limit" "all" {
  provider         = twilio
  include_resource = true
  limit            = 1000

  config {
    service_sid = "VA00000000000000000000000000000001"
  }
}
