data "twilio_verify_factors" "robot" {
  service_sid = "VA00000000000000000000000000000001"
  identity    = "robot-account-0001"
  factor_type = "totp"
  status      = "verified"
}

# The import ID of each factor.
output "ids" {
  value = { for factor in data.twilio_verify_factors.robot.factors : factor.friendly_name => factor.id }
}

# Without an identity: all factors of the service, with one request for each identity.
data "twilio_verify_factors" "all" {
  service_sid = "VA00000000000000000000000000000001"
}

output "identities" {
  value = distinct([for factor in data.twilio_verify_factors.all.factors : factor.identity])
}
