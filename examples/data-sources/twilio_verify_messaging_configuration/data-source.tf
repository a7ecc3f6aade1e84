data "twilio_verify_messaging_configuration" "germany" {
  service_sid = "VA00000000000000000000000000000001"
  country     = "DE"
}

output "messaging_service_sid" {
  value = data.twilio_verify_messaging_configuration.germany.messaging_service_sid
}
