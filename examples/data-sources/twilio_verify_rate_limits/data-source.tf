data "twilio_verify_rate_limits" "all" {
  service_sid = "VA00000000000000000000000000000002"
}

output "rate_limits" {
  value = { for limit in data.twilio_verify_rate_limits.all.rate_limits : limit.unique_name => limit.sid }
}
