module github.com/seed-57355187/terraform-provider-twilio/tools/twilio-go

go 1.26.0

require (
	github.com/seed-57355187/terraform-provider-twilio v0.0.0
	github.com/twilio/twilio-go v1.31.0
)

require (
	github.com/boombuler/barcode v1.1.0 // indirect
	github.com/golang-jwt/jwt/v5 v5.2.2 // indirect
	github.com/golang/mock v1.6.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/pquerna/otp v1.5.0 // indirect
)

replace github.com/seed-57355187/terraform-provider-twilio => ../..
