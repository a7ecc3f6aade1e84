resource "twilio_verify_service" "robots" {
  friendly_name = "Robots to list"
}
