list "twilio_verify_messaging_configuration" "all" {
  provider         = twilio
  include_resource = true
  limit            = 1000

  config {
    service_sid = "VA00000000000000000000000000000001"
  }
}
