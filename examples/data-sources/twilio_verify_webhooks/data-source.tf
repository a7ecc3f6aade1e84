data "twilio_verify_service" "robots" {
  friendly_name = "Robots with events"
}

data "twilio_verify_webhooks" "all" {
  service_sid = data.twilio_verify_service.robots.sid
}

output "webhooks" {
  value = { for webhook in data.twilio_verify_webhooks.all.webhooks : webhook.sid => webhook.friendly_name }
}
