data "twilio_verify_entities" "all" {
  service_sid = "VA00000000000000000000000000000002"
}

output "identities" {
  value = data.twilio_verify_entities.all.entities[*].identity
}
