data "twilio_verify_service" "fleet" {
  friendly_name = "Fleet"
}

data "twilio_verify_entities" "all" {
  service_sid = data.twilio_verify_service.fleet.sid
}

output "identities" {
  value = data.twilio_verify_entities.all.entities[*].identity
}
