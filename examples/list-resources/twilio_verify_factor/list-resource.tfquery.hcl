# All factors of the service, with one request for each identity.
list "twilio_verify_factor" "all" {
  provider = twilio
  limit    = 1000

  config {
    service_sid = "VA00000000000000000000000000000001"
  }
}

list "twilio_verify_factor" "verified" {
  provider         = twilio
  include_resource = true
  limit            = 10

  config {
    service_sid = "VA00000000000000000000000000000001"
    identity    = "listed-robot-0002"
    factor_type = "totp"
    status      = "verified"
  }
}
