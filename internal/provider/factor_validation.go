// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

const (
	platformNone    = "none"
	bindingAlgES256 = "ES256"
	maxMetadata     = 1024 // characters of JSON
)

// typedAttribute is an attribute that belongs to one type of factor.
type typedAttribute struct {
	name     string
	value    attr.Value
	required bool
}

func (m *factorResourceModel) totpAttributes() []typedAttribute {
	return []typedAttribute{
		{"binding_secret", m.BindingSecret, false},
		{"binding_secret_wo", m.BindingSecretWO, false},
		{"binding_secret_wo_version", m.BindingSecretWOVersion, false},
		{"config_alg", m.ConfigAlg, false},
		{"config_code_length", m.ConfigCodeLength, false},
		{"config_skew", m.ConfigSkew, false},
		{"config_time_step", m.ConfigTimeStep, false},
		{"auto_verify", m.AutoVerify, false},
	}
}

func (m *factorResourceModel) pushAttributes() []typedAttribute {
	return []typedAttribute{
		{"binding_alg", m.BindingAlg, false},
		{"binding_public_key", m.BindingPublicKey, true},
		{"config_app_id", m.ConfigAppID, true},
		{"config_notification_platform", m.ConfigNotificationPlatform, true},
		{"config_notification_token", m.ConfigNotificationToken, false},
		{"config_sdk_version", m.ConfigSDKVersion, true},
	}
}

// validate checks what one attribute alone cannot tell. Unknown values pass.
func (m *factorResourceModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case m.isType(client.FactorTypeTOTP):
		refuse(&diags, m.pushAttributes(), client.FactorTypeTOTP, client.FactorTypePush)
	case m.isType(client.FactorTypePush):
		refuse(&diags, m.totpAttributes(), client.FactorTypePush, client.FactorTypeTOTP)
		require(&diags, m.pushAttributes())
		m.validateToken(&diags)
	}
	m.validateWriteOnly(&diags)
	return diags
}

func refuse(diags *diag.Diagnostics, attributes []typedAttribute, is, of client.FactorType) {
	for _, a := range attributes {
		if given(a.value) {
			diags.AddAttributeError(path.Root(a.name), "Attribute of another factor type",
				fmt.Sprintf("%s belongs to factors of type %s, and this one is of type %s. Leave it out, or set factor_type to %q.", a.name, of, is, of))
		}
	}
}

// given tells whether a value is certainly set: an unknown one may turn out null.
func given(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// pushNeeds says what to write in the attributes that a push factor requires.
var pushNeeds = map[string]string{
	"binding_public_key": "Base64 of the PKIX DER form of the device's P-256 key. " +
		"Twilio never returns it, so that it has to be written by hand also for an imported factor",
	"config_app_id":                `the ID of the app in its store, such as "com.example.app"`,
	"config_notification_platform": `"apn", "fcm" or "none"`,
	"config_sdk_version":           `the version of the Verify SDK on the device, such as "1.0.0"`,
}

func require(diags *diag.Diagnostics, attributes []typedAttribute) {
	for _, a := range attributes {
		if !a.required || !a.value.IsNull() {
			continue
		}
		diags.AddAttributeError(path.Root(a.name), "Missing attribute of a push factor",
			fmt.Sprintf("A push factor needs %s: %s.", a.name, pushNeeds[a.name]))
	}
}

func (m *factorResourceModel) validateToken(diags *diag.Diagnostics) {
	platform, token := m.ConfigNotificationPlatform, m.ConfigNotificationToken
	at := path.Root("config_notification_token")
	switch {
	case platform.IsNull() || platform.IsUnknown():
	case platform.ValueString() == platformNone && given(token):
		diags.AddAttributeError(at, "Notification token without a platform",
			`The platform is "none", which has no token. Leave config_notification_token out, or set config_notification_platform to "apn" or "fcm".`)
	case (platform.ValueString() == "apn" || platform.ValueString() == "fcm") && token.IsNull():
		diags.AddAttributeError(at, "Missing attribute of a push factor",
			fmt.Sprintf("The platform %q needs config_notification_token, the token of the device there. Set it, or set config_notification_platform to %q. "+
				"It is sensitive, so that generated configuration leaves it empty.", platform.ValueString(), platformNone))
	}
}

func (m *factorResourceModel) validateWriteOnly(diags *diag.Diagnostics) {
	if given(m.BindingSecret) && given(m.BindingSecretWO) {
		diags.AddAttributeError(path.Root("binding_secret"), "Two secrets",
			"Set either binding_secret, which is stored in the state, or binding_secret_wo, which is not.")
	}
	together(diags, "binding_secret_wo", m.BindingSecretWO, "binding_secret_wo_version", m.BindingSecretWOVersion)
	together(diags, "auth_payload_wo", m.AuthPayloadWO, "auth_payload_wo_version", m.AuthPayloadWOVersion)
}

func together(diags *diag.Diagnostics, name string, value attr.Value, versionName string, version attr.Value) {
	switch {
	case given(value) && version.IsNull():
		diags.AddAttributeError(path.Root(name), "Write-only value without a version",
			fmt.Sprintf("Terraform stores no write-only value and cannot see it change. Set %s beside %s, and change the number whenever the value is to be sent anew.", versionName, name))
	case value.IsNull() && given(version):
		diags.AddAttributeError(path.Root(versionName), "Version without a write-only value",
			fmt.Sprintf("%s counts the versions of %s, which is not set. Set both, or neither.", versionName, name))
	}
}

// secretValidator checks Base32 and never shows what it refuses.
type secretValidator struct{}

func (secretValidator) Description(context.Context) string { return "must be Base32 (RFC 4648)" }

func (v secretValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (secretValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := totp.CheckSecret(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Secret is not Base32", fmt.Sprintf("%s cannot be used: %s.", req.Path, err))
	}
}

// publicKeyValidator checks that a key is what Twilio takes.
type publicKeyValidator struct{}

func (publicKeyValidator) Description(context.Context) string {
	return "must be Base64 of the PKIX DER form of an ECDSA P-256 public key"
}

func (v publicKeyValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (publicKeyValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := publicKeyProblem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable public key", problem)
	}
}

// publicKeyProblem says what is wrong with a key and how to mend it; empty when
// nothing is.
func publicKeyProblem(value string) string {
	if strings.Contains(value, "PRIVATE KEY-----") {
		return privateKeyProblem
	}
	if strings.Contains(value, "-----BEGIN CERTIFICATE") {
		return "This is a certificate. Give the public key in it: openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform DER | base64 -w0"
	}
	if strings.Contains(value, "-----BEGIN") {
		return "This is a PEM file. Strip its first line (-----BEGIN PUBLIC KEY-----), its last line (-----END PUBLIC KEY-----) and all line breaks, and give what is left; " +
			`in Terraform: replace(replace(file("key.pem"), "/-----[A-Z ]+-----/", ""), "/\\s/", "")`
	}
	if strings.ContainsAny(value, " \t\r\n") {
		return "There are spaces or line breaks in it. Strip them: base64 -w0 writes it in one line."
	}
	der, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return "It is not Base64 (A-Z, a-z, 0-9, + and /, padded with =)."
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil && isPrivateKey(der) {
		return privateKeyProblem
	}
	if err != nil {
		return "It is Base64, but not of a public key in PKIX (SubjectPublicKeyInfo) DER form: openssl pkey -in key.pem -pubout -outform DER | base64 -w0"
	}
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return fmt.Sprintf("It is a public key of the wrong kind (%s). Twilio takes ECDSA keys on the curve P-256: openssl ecparam -name prime256v1 -genkey", strings.TrimPrefix(fmt.Sprintf("%T", key), "*"))
	}
	if ec.Curve != elliptic.P256() {
		return fmt.Sprintf("It is a key on the curve %s. Twilio takes the curve P-256 only: openssl ecparam -name prime256v1 -genkey", ec.Curve.Params().Name)
	}
	return ""
}

const privateKeyProblem = "This is a private key, which must not leave the device. Give the public key: openssl pkey -in key.pem -pubout -outform DER | base64 -w0"

func isPrivateKey(der []byte) bool {
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, sec1 := x509.ParseECPrivateKey(der)
	return pkcs8 == nil || sec1 == nil
}

// metadataValidator checks the size of what is sent.
type metadataValidator struct{}

func (metadataValidator) Description(context.Context) string {
	return "must have at most 1,024 characters as JSON, and no null values"
}

func (v metadataValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (metadataValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for key, value := range req.ConfigValue.Elements() {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "Null in metadata",
				"A value of metadata must be a string. Leave the key out, or set it to an empty string.")
		}
	}
	// An unknown value counts as empty: it can only make the whole longer.
	if size := utf8.RuneCountInString(metadataJSON(req.ConfigValue)); size > maxMetadata {
		resp.Diagnostics.AddAttributeError(req.Path, "Metadata too large",
			fmt.Sprintf("It has %d characters as JSON, and Twilio takes %d. Shorten it.", size, maxMetadata))
	}
}

func serviceSIDValidator() validator.String {
	return stringvalidator.RegexMatches(client.ServiceSIDPattern, "must be the SID of a Verify service: VA and 32 hexadecimal digits")
}

func identityValidator() validator.String {
	return stringvalidator.RegexMatches(client.IdentityPattern, "must be 8 to 64 letters (A-Z, a-z), digits and dashes")
}

func factorSIDValidator() validator.String {
	return stringvalidator.RegexMatches(client.FactorSIDPattern, "must be the SID of a factor: YF and 32 hexadecimal digits")
}

func anyFactorTypeValidator() validator.String {
	return stringvalidator.OneOf(string(client.FactorTypeTOTP), string(client.FactorTypePush), string(client.FactorTypePasskeys))
}

func statusValidator() validator.String {
	return stringvalidator.OneOf(string(client.StatusUnverified), string(client.StatusVerified))
}
