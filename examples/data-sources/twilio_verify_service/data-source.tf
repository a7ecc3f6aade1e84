resource "twilio_verify_service" "robots" {
  friendly_name = "Robots to read"
}

# In another configuration, friendly_name = "Robots to read" finds the service, and sid = "VA…" reads it
# without a search.
data "twilio_verify_service" "robots" {
  friendly_name = twilio_verify_service.robots.friendly_name

  depends_on = [twilio_verify_service.robots]
}

output "issuer" {
  value = data.twilio_verify_service.robots.totp_issuer
}
