data "twilio_verify_messaging_configurations" "all" {
  service_sid = "VA00000000000000000000000000000001"
}

output "senders" {
  value = {
    for configuration in data.twilio_verify_messaging_configurations.all.messaging_configurations :
    configuration.country => configuration.messaging_service_sid
  }
}
