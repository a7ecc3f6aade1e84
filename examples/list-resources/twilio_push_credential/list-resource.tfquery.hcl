list "twilio_push_credential" "all" {
  provider         = twilio
  include_resource = true
  limit            = 1000
}
