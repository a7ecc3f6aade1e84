# A different secret in every run. Only a new version writes it to the vault.
ephemeral "twilio_verify_totp_secret" "robot" {}

resource "vault_kv_secret_v2" "robot" {
  mount                = "secret"
  name                 = "secret-robot"
  data_json_wo         = jsonencode({ totp_secret = ephemeral.twilio_verify_totp_secret.robot.secret })
  data_json_wo_version = 1
}

# The secret that the vault holds, read after it was written.
ephemeral "vault_kv_secret_v2" "robot" {
  mount    = vault_kv_secret_v2.robot.mount
  mount_id = vault_kv_secret_v2.robot.id
  name     = vault_kv_secret_v2.robot.name
}

# Changes when the secret is created again, for example because it was deleted in the vault.
resource "terraform_data" "robot" {
  triggers_replace = vault_kv_secret_v2.robot.id
}

resource "twilio_verify_factor" "robot" {
  service_sid   = "VA00000000000000000000000000000001"
  identity      = "secret-robot-0001"
  factor_type   = "totp"
  friendly_name = "Deployment robot"
  auto_verify   = true

  binding_secret_wo         = ephemeral.vault_kv_secret_v2.robot.data.totp_secret
  binding_secret_wo_version = 1

  lifecycle {
    create_before_destroy = true # if the vault refuses the new secret, the old factor stays
    replace_triggered_by  = [terraform_data.robot]
  }
}
