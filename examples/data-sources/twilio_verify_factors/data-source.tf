resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "read-robots-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true
}

# Without depends_on, the list would be read before the factor exists.
data "twilio_verify_factors" "verified" {
  service_sid = "VA00000000000000000000000000000001"
  identity    = "read-robots-0001"
  factor_type = "totp"
  status      = "verified"

  depends_on = [twilio_verify_factor.robot]
}

output "names" {
  value = { for factor in data.twilio_verify_factors.verified.factors : factor.sid => factor.friendly_name }
}

# Without an identity: all factors of the service, with one request for each identity.
data "twilio_verify_factors" "all" {
  service_sid = "VA00000000000000000000000000000001"

  depends_on = [twilio_verify_factor.robot]
}

output "identities" {
  value = distinct([for factor in data.twilio_verify_factors.all.factors : factor.identity])
}
