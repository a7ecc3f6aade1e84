list "twilio_verify_webhook" "all" {
  provider = twilio
  limit    = 1000

  config {
    service_sid = "VA00000000000000000000000000000001"
  }
}

list "twilio_verify_webhook" "factors" {
  provider         = twilio
  include_resource = true
  limit            = 10

  config {
    service_sid   = "VA00000000000000000000000000000001"
    friendly_name = "Factor events"
  }
}
