resource "twilio_verify_service" "robots" {
  friendly_name = "Robots with events"
}

variable "webhook_url" {
  description = "URL that receives the events. It may contain a credential."
  type        = string
  sensitive   = true
  default     = "https://example.com/verify-events"
}

resource "twilio_verify_webhook" "factors" {
  service_sid   = twilio_verify_service.robots.sid
  friendly_name = "Factor events"
  event_types   = ["factor.created", "factor.verified", "factor.deleted"]
  webhook_url   = var.webhook_url
}
