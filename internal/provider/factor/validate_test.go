// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

func validated(t *testing.T, config attributes) string {
	t.Helper()
	return report(t, config.model().validate())
}

// TestFactor_ValidateTypes tests attributes that belong to the type of the factor.
func TestFactor_ValidateTypes(t *testing.T) {
	t.Parallel()
	onlyTOTP := attributes{
		"binding_secret": givenSecret, "config_alg": "sha1", "config_code_length": 6, "config_skew": 0, "config_time_step": 30,
		"auto_verify": true,
	}
	unknownType := attributes{"factor_type": unknown}
	for _, valid := range []attributes{
		totpConfig, totpConfig.with(onlyTOTP), totpConfig.with(unknownType), pushConfig.with(onlyTOTP).with(unknownType),
		pushConfig, pushConfig.with(attributes{"binding_alg": "ES256"}), pushConfig.with(attributes{"auto_verify": false}),
		pushConfig.with(attributes{"binding_public_key": nil, "config_notification_token": nil}),
	} {
		outcome.Expect(t, validated(t, valid), "")
	}
	for name, hint := range map[string]string{
		"config_app_id": `the ID of the app in its store, such as "com.example.app"`, "config_notification_platform": `"apn", "fcm", or "none"`,
		"config_sdk_version": `the version of the Verify SDK on the device, such as "1.0.0"`,
	} {
		outcome.Expect(t, validated(t, pushConfig.with(attributes{name: unknown})), "")
		outcome.Expect(t, validated(t, pushConfig.with(attributes{name: nil, "config_notification_token": nil})),
			fmt.Sprintf("Error %[1]s: Missing attribute of a push factor: A push factor requires %[1]s: %[2]s.", name, hint))
	}
}

// TestFactor_ValidateConfig checks that errors are reported, and that unreadable values are left to
// the framework.
func TestFactor_ValidateConfig(t *testing.T) {
	t.Parallel()
	for want, raw := range map[string]tftypes.Value{
		"Error config_app_id: Attribute of another factor type: …factors of type push,…": rawValue(t,
			totpConfig.with(attributes{"config_app_id": "com.example.app"}).model()),
		"": tftypes.NewValue(tftypes.String, "text"),
	} {
		req := resource.ValidateConfigRequest{Config: tfsdk.Config{Raw: raw, Schema: Declaration.Schema()}}
		var resp resource.ValidateConfigResponse
		resourceWith(nil).ValidateConfig(t.Context(), req, &resp)
		outcome.Expect(t, report(t, resp.Diagnostics), want)
	}
}

// pushTo returns a configuration of a push factor with a platform and a token.
func pushTo(platform, token any) attributes {
	return pushConfig.with(attributes{"config_notification_platform": platform, "config_notification_token": token})
}

// TestFactor_ValidatePairs tests attributes that require or exclude each other.
func TestFactor_ValidatePairs(t *testing.T) {
	t.Parallel()
	const (
		noVersion = "Error %[1]s: Write-only value without a version: Terraform does not store %[1]s, so it cannot detect a change. " +
			"Set %[1]s_version as well, and increment it to send a new value."
		invalidCode = "Error auth_payload_wo: Invalid code: auth_payload_wo cannot be the code of a TOTP factor. " +
			"It must be the current code: 3 to 8 digits without spaces.…"
		invalidSignature = "Error auth_payload_wo: Invalid signature: auth_payload_wo cannot be the signature of a push factor. "
	)
	payload := func(value any) attributes { return attributes{"auth_payload_wo": value, "auth_payload_wo_version": 1} }
	secrets := func(secret, writeOnly any) attributes {
		return attributes{"binding_secret": secret, "binding_secret_wo": writeOnly, "binding_secret_wo_version": 1}
	}
	unknownType := totpConfig.with(attributes{"factor_type": unknown})
	for _, test := range []struct {
		name         string
		base, change attributes
		want         string
	}{
		{
			"token with none", pushTo("none", deviceToken), nil,
			"Error config_notification_token: Notification token without a platform: …Remove config_notification_token, …",
		},
		{"unknown token with none", pushTo("none", unknown), nil, ""},
		{"no token with none", pushTo("none", nil), nil, ""},
		{"no token, platform unknown", pushTo(unknown, nil), nil, ""},
		{
			"two secrets", totpConfig, secrets(givenSecret, otherSecret), "Error binding_secret: Two secrets: " +
				"Set either binding_secret, which is stored in the state, or binding_secret_wo, which is not.",
		},
		{"a secret and an unknown one", totpConfig, secrets(givenSecret, unknown), ""},
		{"an unknown secret and another", totpConfig, secrets(unknown, givenSecret), ""},
		{"a secret with a version", totpConfig, secrets(nil, givenSecret), ""},
		{"a version with an unknown secret", totpConfig, secrets(nil, unknown), ""},
		{"a version without a secret, which may be in use", totpConfig, secrets(nil, nil), ""},
		{"an unknown version without a secret", totpConfig, attributes{"binding_secret_wo_version": unknown}, ""},
		{
			"a secret without a version", totpConfig,
			attributes{"binding_secret_wo": givenSecret},
			fmt.Sprintf(noVersion, "binding_secret_wo"),
		},
		{"an unknown secret without a version", totpConfig, attributes{"binding_secret_wo": unknown}, ""},
		{"a payload without a version", totpConfig, attributes{"auth_payload_wo": "271828"}, fmt.Sprintf(noVersion, "auth_payload_wo")},
		{
			"a payload with an unknown version", pushConfig,
			attributes{"auth_payload_wo": smallSignature, "auth_payload_wo_version": unknown},
			"",
		},
		{"a code", totpConfig, payload("27182818"), ""},
		{"an unknown code", totpConfig, payload(unknown), ""},
		{"a signature for a code", totpConfig, payload("MEU="), invalidCode},
		{"more digits than a code has", totpConfig, payload("271828182"), invalidCode},
		{"a code that was written as a number", totpConfig, payload("12"), invalidCode + "a number loses its leading zeros…"},
		{
			"a code for a signature", pushConfig, payload("271828"), invalidSignature + "It is a code, which only a TOTP factor has.…",
		},
		{
			"a signature as r and s", pushConfig, payload(base64.StdEncoding.EncodeToString(make([]byte, 64))),
			invalidSignature + "…probably r and s one after the other…",
		},
		{"an unknown signature", pushConfig, payload(unknown), ""},
		{"a signature of an unknown type", unknownType, payload(smallSignature), ""},
		{"a payload that no type can have", unknownType, payload("MEU="), invalidSignature + "…"},
		{"a code with a misspelled type", totpConfig.with(attributes{"factor_type": "TOTP"}), payload("271828"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outcome.Expect(t, validated(t, test.base.with(test.change)), test.want)
		})
	}
}

// TestFactor_RequireBinding tests attributes that only the create of a push factor requires.
func TestFactor_RequireBinding(t *testing.T) {
	t.Parallel()
	const (
		missingKey   = "Error binding_public_key: Missing attribute of a push factor: …the PKIX DER form of the device's P-256 public key…"
		missingToken = "Error config_notification_token: Missing attribute of a push factor: Platform %q requires config_notification_token, …"
	)
	for _, test := range []struct {
		config attributes
		want   string
	}{
		{totpConfig, ""},
		{pushConfig, ""},
		{pushConfig.with(attributes{"binding_public_key": nil}), missingKey},
		{pushConfig.with(attributes{"binding_public_key": unknown}), ""},
		{pushTo("fcm", nil), fmt.Sprintf(missingToken, "fcm")},
		{pushTo("apn", nil), fmt.Sprintf(missingToken, "apn")},
		{pushTo("fcm", unknown), ""},
		{pushTo("none", nil), ""},
		{pushTo(unknown, nil), ""},
	} {
		var diags diag.Diagnostics
		test.config.model().requireBinding(&diags)
		outcome.Expect(t, report(t, diags), test.want)
	}
}

// validateString returns the outcome of a validator for an attribute named given.
func validateString(t *testing.T, v validator.String, value types.String) string {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("given"), ConfigValue: value}, resp)
	return report(t, resp.Diagnostics)
}

// smallSignature has the form of a signature: r and s are 1.
const smallSignature = "MAYCAQECAQE="

func TestFactor_AnyPayloadValidator(t *testing.T) {
	t.Parallel()
	const (
		spaces = "Error given: Invalid payload: given must not be empty or contain spaces: write 123456 for a code that an app shows " +
			`as 123 456, or replace(…, "/\\s/", ""). Nothing was sent to Twilio.`
		noCode      = "Error given: Invalid code: given cannot be the code of a TOTP factor. …"
		noSignature = "Error given: Invalid signature: given cannot be the signature of a push factor. …"
	)
	for value, want := range map[types.String]string{
		types.StringValue("271828"): "", types.StringValue(smallSignature): "", types.StringNull(): "", types.StringUnknown(): "",
		types.StringValue(""): spaces, types.StringValue("123 456"): spaces, types.StringValue("271828\n"): spaces,
		types.StringValue("123\t456"): spaces, types.StringValue("\r123456"): spaces,
		types.StringValue("12"): noCode, types.StringValue("2718281828"): noCode,
		types.StringValue("MEU="): noSignature, types.StringValue("27182x"): noSignature,
	} {
		outcome.Expect(t, validateString(t, shared.Check(describePayload, checkAnyPayload), value), want)
	}
}

func TestFactor_PublicKeyProblem(t *testing.T) {
	t.Parallel()
	must := func(der []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	public := func(key any) []byte { return must(x509.MarshalPKIXPublicKey(key)) }
	p256, err256 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, err384 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	rsaKey, errRSA := rsa.GenerateKey(rand.Reader, 2048)
	edKey, _, errEd := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(err256, err384, errRSA, errEd); err != nil {
		t.Fatal(err)
	}
	der, sec1, pkcs8 := public(&p256.PublicKey), must(x509.MarshalECPrivateKey(p256)), must(x509.MarshalPKCS8PrivateKey(p256))
	encode := base64.StdEncoding.EncodeToString
	good := encode(der)
	pemOf := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	const (
		private = "The value is a private key, which must not leave the device"
		openSSH = "The value is a public key in OpenSSH format. " +
			"Twilio accepts ECDSA keys on the curve P-256 (ecdsa-sha2-nistp256) in PKIX DER form. To convert one: ssh-keygen -e -m PKCS8 -f key.pub"
		spaces    = "contains spaces or line breaks"
		wrongForm = "not a public key in PKIX (SubjectPublicKeyInfo) DER form"
	)
	for _, test := range []struct{ name, value, want string }{
		{"good", good, ""},
		{"PEM", pemOf("PUBLIC KEY", der), "Remove its first line (-----BEGIN PUBLIC KEY-----), its last line (-----END PUBLIC KEY-----), " +
			"and all line breaks"},
		{"PEM in one line", strings.ReplaceAll(pemOf("PUBLIC KEY", der), "\n", `\n`), "The value is a PEM file"},
		{"certificate", pemOf("CERTIFICATE", der), "The value is a certificate. Use the public key in it: openssl x509"},
		{"SEC 1 private key as PEM", pemOf("EC PRIVATE KEY", sec1), private},
		{"PKCS 8 private key as PEM", pemOf("PRIVATE KEY", pkcs8), private},
		{"SEC 1 private key", encode(sec1), private},
		{"PKCS 8 private key", encode(pkcs8), private},
		{"wrapped", good[:64] + "\n" + good[64:], spaces},
		{"line break at the end", good + "\n", spaces},
		{"space", " " + good, spaces},
		{"OpenSSH", "ssh-rsa AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= robot@example\n", openSSH},
		{"OpenSSH, Ed25519", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", openSSH},
		{"OpenSSH, ECDSA", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", openSSH},
		{"OpenSSH, security key", "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5", openSSH},
		{"OpenSSH without its kind", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", openSSH},
		{"not Base64", "not-a-key", "is not Base64"},
		{"Base64 for URLs", base64.URLEncoding.EncodeToString([]byte{0xfb, 0xff, 0xfe}), "is not Base64"},
		{"without padding", strings.TrimRight(encode([]byte{1}), "="), "is not Base64"},
		{"empty", "", wrongForm},
		{"cut off", encode(der[:60]), wrongForm},
		{"too long", encode(append(slices.Clone(der), 0)), wrongForm},
		{"the point alone", encode(must(p256.PublicKey.Bytes())), wrongForm},
		{"PKCS 1", encode(x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)), wrongForm},
		{
			"RSA", encode(public(&rsaKey.PublicKey)), "a public key of another algorithm (RSA). Twilio accepts only ECDSA keys on the " +
				"curve P-256. To make one: openssl ecparam",
		},
		{"Ed25519", encode(public(edKey)), "of another algorithm (ED25519)"},
		{"P-384", encode(public(&p384.PublicKey)), "a key on the curve P-384. Twilio accepts only ECDSA keys on the curve P-256"},
		{
			"PEM in Base64", encode([]byte(pemOf("PUBLIC KEY", der))),
			`as filebase64 does. A PEM file contains Base64 already; in Terraform: replace(replace(file("key.pem"),`,
		},
		{"private PEM in Base64", encode([]byte(pemOf("PRIVATE KEY", pkcs8))), private},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.want != "" {
				test.want = "Error given: Invalid public key: …" + test.want + "…"
			}
			got := validateString(t, shared.Check("", checkPublicKey), types.StringValue(test.value))
			outcome.Expect(t, got, test.want)
			end := test.value[max(len(test.value)-16, 0):]
			if end != "" && strings.Contains(got, end) && !strings.HasPrefix(test.value, "-----BEGIN") {
				t.Errorf("the message quotes the key: %s", got)
			}
		})
	}
	for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
		outcome.Expect(t, validateString(t, shared.Check("", checkPublicKey), value), "")
	}
}
