data "twilio_verify_service" "shop" {
  friendly_name = "Shop with rate limits"
}

# With sid instead of unique_name, the rate limit is read without a search.
data "twilio_verify_rate_limit" "ip" {
  service_sid = data.twilio_verify_service.shop.sid
  unique_name = "login-ip"
}

output "rate_limit_sid" {
  value = data.twilio_verify_rate_limit.ip.sid
}
