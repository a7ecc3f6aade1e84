data "twilio_verify_service" "robots" {
  friendly_name = "Robots with events"
}

# With sid instead of friendly_name, the webhook is read without a search.
data "twilio_verify_webhook" "factors" {
  service_sid   = data.twilio_verify_service.robots.sid
  friendly_name = "Factor events"
}

output "event_types" {
  value = data.twilio_verify_webhook.factors.event_types
}
