data "twilio_verify_service" "shop" {
  friendly_name = "Shop with rate limits"
}

data "twilio_verify_rate_limits" "all" {
  service_sid = data.twilio_verify_service.shop.sid
}

output "rate_limits" {
  value = { for limit in data.twilio_verify_rate_limits.all.rate_limits : limit.unique_name => limit.sid }
}
