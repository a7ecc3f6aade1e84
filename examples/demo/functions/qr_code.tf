# For an authenticator app. After an import it is null, because the state has no secret.
output "robot_qr_code" {
  value     = provider::twilio::qr_code(twilio_verify_factor.robot.binding_uri, "text")
  sensitive = true
}
