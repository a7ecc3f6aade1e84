variable "uri" {
  description = "The URI in the QR code of another issuer, which contains the secret."
  type        = string
  sensitive   = true
  default     = "otpauth://totp/Example:Alice?secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U&issuer=Example&digits=6&period=30"
}

locals {
  parsed = provider::twilio::parse_totp_uri(var.uri)
}

# The factor has the secret that is already in Alice's authenticator app, so she does not have to enroll again.
resource "twilio_verify_factor" "alice" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "parsed-uri-user-0001"
  factor_type   = "totp"
  friendly_name = "Alice"
  auto_verify   = true

  binding_secret     = local.parsed.secret
  config_alg         = local.parsed.alg
  config_code_length = local.parsed.code_length
  config_time_step   = local.parsed.time_step
}
