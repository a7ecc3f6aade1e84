resource "twilio_verify_rate_limit" "ip" {
  service_sid = "VA00000000000000000000000000000001"
  unique_name = "listed-ip"
}
