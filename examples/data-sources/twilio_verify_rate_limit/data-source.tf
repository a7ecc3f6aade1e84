# With sid instead of unique_name, the rate limit is read without a search.
data "twilio_verify_rate_limit" "ip" {
  service_sid = "VA00000000000000000000000000000002"
  unique_name = "read-ip"
}

output "rate_limit_sid" {
  value = data.twilio_verify_rate_limit.ip.sid
}
