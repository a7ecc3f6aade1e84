# Run: terraform init && terraform apply. To remove everything: terraform destroy. See examples/README.md, also for the
# vault that it needs.

terraform {
  required_version = ">= 1.11"

  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
    vault = {
      source = "hashicorp/vault"
    }
  }
}
