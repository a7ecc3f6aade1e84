// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	platformAPN     = "apn"
	platformFCM     = "fcm"
	platformNone    = "none"
	bindingAlgES256 = "ES256"
)

func (r *factorResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var invalid diag.Diagnostics // the framework also reports these errors
	config := codec().Read(ctx, req.Config.Raw, &invalid)
	if !invalid.HasError() {
		resp.Diagnostics.Append(config.validate()...)
	}
}

// The attributes that belong to one type of factor.
var (
	totpAttributes = []string{
		"binding_secret", "binding_secret_wo", "binding_secret_wo_version",
		"config_alg", "config_code_length", "config_skew", "config_time_step",
	}
	pushAttributes = []string{
		"binding_alg", "binding_public_key",
		"config_app_id", "config_notification_platform", "config_notification_token", "config_sdk_version",
	}
)

// validate checks attributes against each other. Unknown values pass.
func (m *resourceModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case m.isType(client.FactorTypeTOTP):
		m.refuse(&diags, client.FactorTypePush, pushAttributes...)
	case m.isType(client.FactorTypePush):
		m.refuse(&diags, client.FactorTypeTOTP, totpAttributes...)
		if m.AutoVerify.ValueBool() {
			m.refuse(&diags, client.FactorTypeTOTP, "auto_verify")
		}
		m.require(&diags, "config_app_id", "config_notification_platform", "config_sdk_version")
		m.refuseToken(&diags)
	}
	m.validatePayload(&diags)
	m.validateWriteOnly(&diags)
	return diags
}

// refuse adds errors about attributes of another type of factor.
func (m *resourceModel) refuse(diags *diag.Diagnostics, other client.FactorType, names ...string) {
	for _, name := range names {
		if shared.IsKnown(codec().Get(m, name)) {
			diags.AddAttributeError(path.Root(name), "Attribute of another factor type",
				fmt.Sprintf("%s is for factors of type %s, but this factor is of type %s. "+
					"Remove it, or set factor_type to %q.", name, other, m.FactorType.ValueString(), other))
		}
	}
}

// pushHints describe the attributes that a push factor requires.
var pushHints = map[string]string{
	"binding_public_key": "the PKIX DER form of the device's P-256 public key, encoded in Base64. " +
		"Twilio never returns it, so it is not known after an import, and must be set before the factor can be created again",
	"config_app_id":                `the ID of the app in its store, such as "com.example.app"`,
	"config_notification_platform": `"apn", "fcm", or "none"`,
	"config_sdk_version":           `the version of the Verify SDK on the device, such as "1.0.0"`,
}

// requireBinding checks the attributes that only the create of a push factor requires, because the
// configuration of an imported one may have neither.
func (m *resourceModel) requireBinding(diags *diag.Diagnostics) {
	if m.isType(client.FactorTypePush) {
		m.require(diags, "binding_public_key")
		m.requireToken(diags)
	}
}

// require adds errors about attributes that a push factor lacks.
func (m *resourceModel) require(diags *diag.Diagnostics, names ...string) {
	for _, name := range names {
		if codec().Get(m, name).IsNull() {
			diags.AddAttributeError(path.Root(name), "Missing attribute of a push factor",
				fmt.Sprintf("A push factor requires %s: %s.", name, pushHints[name]))
		}
	}
}

func (m *resourceModel) requireToken(diags *diag.Diagnostics) {
	platform := m.ConfigNotificationPlatform.ValueString()
	if (platform == platformAPN || platform == platformFCM) && m.ConfigNotificationToken.IsNull() {
		diags.AddAttributeError(path.Root("config_notification_token"), "Missing attribute of a push factor",
			fmt.Sprintf("Platform %q requires config_notification_token, the token of the device. "+
				"Set it, or set config_notification_platform to %q.", platform, platformNone))
	}
}

func (m *resourceModel) refuseToken(diags *diag.Diagnostics) {
	if m.ConfigNotificationPlatform.ValueString() == platformNone && shared.IsKnown(m.ConfigNotificationToken) {
		diags.AddAttributeError(path.Root("config_notification_token"), "Notification token without a platform",
			`Platform "none" has no token. Remove config_notification_token, or set config_notification_platform to "apn" or "fcm".`)
	}
}

// validatePayload checks the payload, at plan and again at apply, because it may become known only
// then.
func (m *resourceModel) validatePayload(diags *diag.Diagnostics) {
	if shared.IsKnown(m.AuthPayloadWO) {
		diags.Append(checkPayload(path.Root("auth_payload_wo"), m.AuthPayloadWO.ValueString(), m.FactorType.ValueString())...)
	}
}

// signatureProblem says what a payload seems to be that cannot be the signature of a push factor, or
// returns "". Each attempt to verify a factor counts, so such a payload is not sent. It never quotes
// the payload.
func signatureProblem(payload string) string {
	if problem := encodingProblem(payload); problem != "" {
		return problem
	}
	raw, err := base64.StdEncoding.DecodeString(payload)
	switch {
	case err != nil:
		return "It is not Base64 (A-Z, a-z, 0-9, +, and /, padded with =)." + signCommand
	case isSignature(raw):
		return ""
	case len(raw) == rawSignatureLength:
		return "It is 64 bytes long" + rawHint(raw) + "." + rawAdvice
	case len(raw) == sha256.Size:
		return "It is 32 bytes long, like a SHA-256 hash without a signature." + signCommand
	case signatureProblem(string(raw)) == "":
		return "It is encoded in Base64 twice." + signCommand
	default:
		return "It is Base64, but not of an ECDSA signature in DER form." + signCommand
	}
}

// encodingProblem names an encoding other than Base64, or returns "".
func encodingProblem(payload string) string {
	if problem := shared.ByteOrderMarkProblem(payload); problem != "" {
		return "It " + problem + "."
	}
	if raw, err := hex.DecodeString(payload); err == nil && len(raw) >= rawSignatureLength {
		return "It is hexadecimal" + rawHint(raw) + "." + signCommand
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	_, unpadded := base64.RawStdEncoding.DecodeString(payload)
	switch {
	case strings.HasPrefix(payload, "-----BEGIN"):
		return "It is a PEM file." + signCommand
	case shared.CodePattern.MatchString(payload):
		return "It is a code, which only a TOTP factor has." + signCommand
	case strings.Count(payload, ".") == jwsDots:
		return "It is a JSON Web Signature, whose last part is the signature as r and s in Base64url." + rawAdvice
	case err == nil && strings.ContainsAny(payload, "-_"):
		return "It is Base64url" + rawHint(raw) + ". Base64 has + in place of - and / in place of _, and is padded with =." + signCommand
	case unpadded == nil && len(payload)%base64Block != 0:
		return "It lacks the padding (=) at its end." + signCommand
	}
	return ""
}

const (
	signCommand = ` For a key in a file: printf %s YF… | openssl dgst -sha256 -sign key.pem | openssl base64 -A`
	rawAdvice   = " Twilio expects the two numbers in DER form (an ASN.1 SEQUENCE). " +
		"Most libraries can write that form, or convert r and s to it."

	// rawSignatureLength is the length of a P-256 signature that is not in DER form.
	rawSignatureLength = 64
	// base64Block is the length of a block of Base64 text. Padding completes the last block.
	base64Block = 4
	// jwsDots are in the compact form of a JSON Web Signature (RFC 7515).
	jwsDots = 2
)

// rawHint describes a decoded signature that is not in DER form.
func rawHint(raw []byte) string {
	if len(raw) == rawSignatureLength {
		return ", probably r and s one after the other, as JOSE and Web Crypto write a signature"
	}
	return ""
}

// isSignature reports whether der can be an ECDSA signature with a key on the curve P-256.
func isSignature(der []byte) bool {
	var signature struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &signature)
	if err != nil || len(rest) > 0 {
		return false
	}
	order := elliptic.P256().Params().N
	for _, number := range []*big.Int{signature.R, signature.S} {
		if number.Sign() <= 0 || number.Cmp(order) >= 0 {
			return false
		}
	}
	return true
}

func (m *resourceModel) validateWriteOnly(diags *diag.Diagnostics) {
	if shared.IsKnown(m.BindingSecret) && shared.IsKnown(m.BindingSecretWO) {
		diags.AddAttributeError(path.Root("binding_secret"), "Two secrets",
			"Set either binding_secret, which is stored in the state, or binding_secret_wo, which is not.")
	}
	requireVersion(diags, "binding_secret_wo", m.BindingSecretWO, m.BindingSecretWOVersion)
	requireVersion(diags, "auth_payload_wo", m.AuthPayloadWO, m.AuthPayloadWOVersion)
}

func requireVersion(diags *diag.Diagnostics, name string, value types.String, version types.Int64) {
	if shared.IsKnown(value) && version.IsNull() {
		diags.AddAttributeError(path.Root(name), "Write-only value without a version",
			fmt.Sprintf("Terraform does not store %[1]s, so it cannot detect a change. "+
				"Set %[1]s_version as well, and increment it to send a new value.", name))
	}
}

func checkPublicKey(attribute path.Path, value string) (diags diag.Diagnostics) {
	if problem := publicKeyProblem(value); problem != "" {
		diags.AddAttributeError(attribute, "Invalid public key", problem)
	}
	return diags
}

// publicKeyProblem says what is wrong with a key and how to correct it, or returns "" if it is
// valid.
func publicKeyProblem(value string) string {
	switch problem := shared.ByteOrderMarkProblem(value); {
	case strings.Contains(value, "PRIVATE KEY-----"):
		return privateKeyProblem
	case strings.Contains(value, "-----BEGIN CERTIFICATE"):
		return "The value is a certificate. Use the public key in it: " +
			"openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl base64 -A"
	case strings.Contains(value, "-----BEGIN"):
		return "The value is a PEM file. Remove its first line (-----BEGIN PUBLIC KEY-----), its last line (-----END PUBLIC KEY-----), " +
			"and all line breaks; " +
			"in Terraform: " + pemToDER
	case openSSHPattern.MatchString(value):
		return openSSHProblem
	case problem != "":
		return "The value " + problem + "."
	case strings.ContainsAny(value, " \t\r\n"):
		return "The value contains spaces or line breaks. Remove them; openssl base64 -A writes a single line."
	}
	der, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return "The value is not Base64 (A-Z, a-z, 0-9, +, and /, padded with =)."
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return otherDERProblem(der)
	}
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok {
		kind, _, _ := strings.Cut(strings.TrimPrefix(fmt.Sprintf("%T", key), "*"), ".") // such as rsa.PublicKey
		return fmt.Sprintf("The value is a public key of another algorithm (%s). ", strings.ToUpper(kind)) + newKey
	}
	if ec.Curve != elliptic.P256() {
		return fmt.Sprintf("The value is a key on the curve %s. ", ec.Curve.Params().Name) + newKey
	}
	return ""
}

// otherDERProblem says what Base64 contains that is not a public key in PKIX form.
func otherDERProblem(der []byte) string {
	switch {
	case isPrivateKey(der), bytes.Contains(der, []byte("PRIVATE KEY-----")):
		return privateKeyProblem
	case bytes.HasPrefix(der, []byte("-----BEGIN")):
		return "The value is a PEM file encoded in Base64 once more, as filebase64 does. A PEM file contains Base64 already; " +
			"in Terraform: " + pemToDER
	case bytes.HasPrefix(der, []byte{0, 0, 0}): // the length of the name of the kind
		return openSSHProblem
	default:
		return "The value is Base64, but not a public key in PKIX (SubjectPublicKeyInfo) DER form. To get that form: " +
			"openssl pkey -in key.pem -pubout -outform DER | openssl base64 -A"
	}
}

const newKey = "Twilio accepts only ECDSA keys on the curve P-256. To make one: " +
	"openssl ecparam -name prime256v1 -genkey -noout -out key.pem"

// pemToDER is an expression for the public key in a PEM file.
const pemToDER = `replace(replace(file("key.pem"), "/-----[A-Z ]+-----/", ""), "/\\s/", "")`

const privateKeyProblem = "The value is a private key, which must not leave the device. Use the public key: " +
	"openssl pkey -in key.pem -pubout -outform DER | openssl base64 -A"

const openSSHProblem = "The value is a public key in OpenSSH format. " +
	"Twilio accepts ECDSA keys on the curve P-256 (ecdsa-sha2-nistp256) in PKIX DER form. To convert one: " +
	"ssh-keygen -e -m PKCS8 -f key.pub | openssl pkey -pubin -outform DER | openssl base64 -A"

// openSSHPattern matches the beginning of a public key in OpenSSH format.
var openSSHPattern = regexp.MustCompile(`^(ssh-|ecdsa-sha2-|sk-)[^ ]* `)

func isPrivateKey(der []byte) bool {
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, sec1 := x509.ParseECPrivateKey(der)
	return pkcs8 == nil || sec1 == nil
}

const describePayload = "must not be empty or contain spaces"

// checkPayload refuses a payload that a factor of the type cannot have, which would use up an
// attempt. If the type is unknown or misspelled, digits must be a code, and anything else a
// signature.
func checkPayload(attribute path.Path, payload, factorType string) diag.Diagnostics {
	const nothingSent = "\n\nNothing was sent to Twilio."
	isCode := factorType == string(client.FactorTypeTOTP) ||
		factorType != string(client.FactorTypePush) && strings.Trim(payload, "0123456789") == ""
	switch {
	case payload == "", strings.ContainsAny(payload, " \t\r\n"):
		return shared.Refuse(attribute, "Invalid payload", describePayload+
			`: write 123456 for a code that an app shows as 123 456, or replace(…, "/\\s/", ""). Nothing was sent to Twilio.`)
	case isCode && shared.CodeProblem(payload) != "":
		return shared.Refuse(attribute, "Invalid code", "cannot be the code of a TOTP factor. "+shared.CodeProblem(payload)+nothingSent)
	case !isCode && signatureProblem(payload) != "":
		return shared.Refuse(attribute, "Invalid signature", "cannot be the signature of a push factor. "+signatureProblem(payload)+nothingSent)
	}
	return nil
}

// checkAnyPayload checks a payload for a factor whose type is not known.
func checkAnyPayload(attribute path.Path, payload string) diag.Diagnostics {
	return checkPayload(attribute, payload, "")
}

func factorType() validator.String {
	return shared.OneOf(string(client.FactorTypeTOTP), string(client.FactorTypePush))
}

func anyFactorType() validator.String {
	return shared.OneOf(string(client.FactorTypeTOTP), string(client.FactorTypePush), string(client.FactorTypePasskeys))
}
