# Run: terraform init && terraform apply. To remove everything: terraform destroy. See examples/README.md.

terraform {
  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
  }
}
