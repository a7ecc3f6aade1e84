resource "twilio_verify_webhook" "factors" {
  service_sid   = "VA00000000000000000000000000000001"
  friendly_name = "Factor events"
  event_types   = ["*"]
  webhook_url   = "https://example.com/verify-events"
}
