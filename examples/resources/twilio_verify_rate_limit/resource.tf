resource "twilio_verify_service" "shop" {
  friendly_name = "Shop with rate limits"
}

# The application starts a verification with RateLimits={"login-ip": "203.0.113.7"}.
resource "twilio_verify_rate_limit" "ip" {
  service_sid = twilio_verify_service.shop.sid
  unique_name = "login-ip"
  description = "Verifications for one IP address"
}

# At most 5 verifications in a minute for one IP address.
resource "twilio_verify_rate_limit_bucket" "minute" {
  service_sid    = twilio_verify_rate_limit.ip.service_sid
  rate_limit_sid = twilio_verify_rate_limit.ip.sid
  max            = 5
  interval       = 60
}
