list "twilio_verify_service" "all" {
  provider = twilio
  limit    = 1000
}

list "twilio_verify_service" "robots" {
  provider         = twilio
  include_resource = true
  limit            = 10

  config {
    friendly_name = "Robots to list"
  }
}
