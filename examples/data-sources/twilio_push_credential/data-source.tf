# With sid instead of friendly_name, the push credential is read without a search.
data "twilio_push_credential" "android" {
  friendly_name = "Android app"
}

output "push_fcm_credential_sid" {
  value = data.twilio_push_credential.android.sid
}
