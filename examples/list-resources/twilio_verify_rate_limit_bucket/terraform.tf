# Run: terraform init && terraform apply, and then terraform query. To remove everything: terraform destroy. See
# examples/README.md.

terraform {
  required_version = ">= 1.14"

  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
  }
}
