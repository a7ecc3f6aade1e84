# With sid instead of friendly_name, the service is read without a search.
data "twilio_verify_service" "robots" {
  friendly_name = "Robots"
}

output "sid" {
  value = data.twilio_verify_service.robots.sid
}
