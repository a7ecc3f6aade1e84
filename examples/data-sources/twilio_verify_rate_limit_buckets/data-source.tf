data "twilio_verify_rate_limit_buckets" "all" {
  service_sid    = "VA00000000000000000000000000000002"
  rate_limit_sid = "RK00000000000000000000000000000002"
}

output "most_by_interval" {
  value = { for bucket in data.twilio_verify_rate_limit_buckets.all.buckets : bucket.interval => bucket.max }
}
