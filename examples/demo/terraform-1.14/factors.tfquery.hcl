variable "service_sid" {
  type = string
}

# Without an identity, the factors of the whole service.
list "twilio_verify_factor" "all" {
  provider = twilio
  limit    = 1000

  config {
    service_sid = var.service_sid
  }
}
