data "twilio_verify_entities" "all" {
  service_sid = "VA00000000000000000000000000000001"
}

output "identities" {
  description = "The identities of all entities in the service."
  value       = data.twilio_verify_entities.all.entities[*].identity
}
