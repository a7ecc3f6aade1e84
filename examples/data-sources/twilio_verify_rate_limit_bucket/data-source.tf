# With sid instead of interval, the bucket is read without a search.
data "twilio_verify_rate_limit_bucket" "minute" {
  service_sid    = "VA00000000000000000000000000000002"
  rate_limit_sid = "RK00000000000000000000000000000002"
  interval       = 60
}

output "max" {
  value = data.twilio_verify_rate_limit_bucket.minute.max
}
