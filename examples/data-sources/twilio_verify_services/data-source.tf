data "twilio_verify_services" "all" {}

output "names" {
  value = { for service in data.twilio_verify_services.all.services : service.sid => service.friendly_name }
}
