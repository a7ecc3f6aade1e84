resource "twilio_verify_messaging_configuration" "france" {
  service_sid           = "VA00000000000000000000000000000001"
  country               = "FR"
  messaging_service_sid = "MG00000000000000000000000000000001"
}
