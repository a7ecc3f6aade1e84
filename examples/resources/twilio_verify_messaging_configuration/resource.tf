# The Messaging Service is made in the console or with Twilio's API.
resource "twilio_verify_messaging_configuration" "germany" {
  service_sid           = "VA00000000000000000000000000000001"
  country               = "DE"
  messaging_service_sid = "MG00000000000000000000000000000001"
}
