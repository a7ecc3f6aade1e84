resource "twilio_verify_factor" "alice" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "qr-code-user-0001"
  factor_type   = "totp"
  friendly_name = "Alice"
}

# An image for a web page. Alice scans it with an authenticator app.
output "image" {
  sensitive = true
  value     = "data:image/png;base64,${provider::twilio::qr_code(twilio_verify_factor.alice.binding_uri)}"
}

# The same image with a higher level of error correction, for print.
output "image_for_print" {
  sensitive = true
  value     = "data:image/png;base64,${provider::twilio::qr_code(twilio_verify_factor.alice.binding_uri, "Q")}"
}

# Text for a terminal with light text on a dark background: terraform output -raw terminal
output "terminal" {
  sensitive = true
  value     = provider::twilio::qr_code(twilio_verify_factor.alice.binding_uri, "text")
}

# An image that is sharp in every size, for a web page or print.
output "scalable_image" {
  sensitive = true
  value     = provider::twilio::qr_code(twilio_verify_factor.alice.binding_uri, "svg", "Q")
}
