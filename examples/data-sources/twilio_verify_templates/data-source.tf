data "twilio_verify_templates" "all" {}

# For default_template_sid of a service.
output "templates" {
  value = { for template in data.twilio_verify_templates.all.templates : template.sid => template.friendly_name }
}
