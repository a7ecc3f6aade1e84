resource "twilio_verify_service" "robots" {
  friendly_name = "Robots with events to read"
}

resource "twilio_verify_webhook" "factors" {
  service_sid   = twilio_verify_service.robots.sid
  friendly_name = "Factor events"
  event_types   = ["*"]
  webhook_url   = "https://example.com/verify-events"
}

# In another configuration, friendly_name = "Factor events" finds the webhook, and sid = "YW…" reads
# it without a search.
data "twilio_verify_webhook" "factors" {
  service_sid   = twilio_verify_webhook.factors.service_sid
  friendly_name = twilio_verify_webhook.factors.friendly_name
}

output "event_types" {
  value = data.twilio_verify_webhook.factors.event_types
}
