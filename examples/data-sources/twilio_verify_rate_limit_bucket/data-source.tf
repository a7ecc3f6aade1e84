data "twilio_verify_service" "shop" {
  friendly_name = "Shop with rate limits"
}

data "twilio_verify_rate_limit" "ip" {
  service_sid = data.twilio_verify_service.shop.sid
  unique_name = "login-ip"
}

# With sid instead of interval, the bucket is read without a search.
data "twilio_verify_rate_limit_bucket" "minute" {
  service_sid    = data.twilio_verify_rate_limit.ip.service_sid
  rate_limit_sid = data.twilio_verify_rate_limit.ip.sid
  interval       = 60
}

output "max" {
  value = data.twilio_verify_rate_limit_bucket.minute.max
}
