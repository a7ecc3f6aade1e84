resource "twilio_verify_entity" "robot" {
  service_sid = "VA00000000000000000000000000000001"
  identity    = "listed-robot-0001"
}
