data "twilio_verify_service" "shop" {
  friendly_name = "Shop with rate limits"
}

data "twilio_verify_rate_limit" "ip" {
  service_sid = data.twilio_verify_service.shop.sid
  unique_name = "login-ip"
}

data "twilio_verify_rate_limit_buckets" "all" {
  service_sid    = data.twilio_verify_rate_limit.ip.service_sid
  rate_limit_sid = data.twilio_verify_rate_limit.ip.sid
}

output "most_by_interval" {
  value = { for bucket in data.twilio_verify_rate_limit_buckets.all.buckets : bucket.interval => bucket.max }
}
