data "twilio_verify_webhooks" "all" {
  service_sid = "VA00000000000000000000000000000002"
}

output "webhooks" {
  value = { for webhook in data.twilio_verify_webhooks.all.webhooks : webhook.sid => webhook.friendly_name }
}
