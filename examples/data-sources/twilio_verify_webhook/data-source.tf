# With sid instead of friendly_name, the webhook is read without a search.
data "twilio_verify_webhook" "events" {
  service_sid   = "VA00000000000000000000000000000002"
  friendly_name = "Factor events"
}

output "event_types" {
  value = data.twilio_verify_webhook.events.event_types
}
