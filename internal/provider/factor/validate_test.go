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
	"maps"
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

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const unknown = tftypes.UnknownValue

// attributes are the configured attributes of a factor; all others are null.
type attributes map[string]any

func (a attributes) with(more attributes) attributes {
	all := maps.Clone(a)
	maps.Copy(all, more)
	return all
}

func (a attributes) model(t *testing.T) *resourceModel {
	t.Helper()
	object, ok := Declaration.Schema().Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is not an object")
	}
	values := map[string]tftypes.Value{}
	for name, attributeType := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, a[name])
	}
	var diags diag.Diagnostics
	m := codec().Read(t.Context(), tftypes.NewValue(object, values), &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return m
}

var (
	totpConfiguration = attributes{
		"service_sid": modelServiceSID, "identity": "robot-account-0001", "factor_type": "totp",
		"friendly_name": "Robot 1",
	}
	pushConfiguration = attributes{
		"service_sid": modelServiceSID, "identity": "robot-account-0001", "factor_type": "push", "friendly_name": "Phone",
		"binding_public_key": "MFk=", "config_app_id": "com.example.app", "config_notification_platform": "fcm",
		"config_notification_token": "token-of-the-device", "config_sdk_version": "1.0",
	}
)

// expectDiagnostics compares the diagnostics with the wanted summaries and excerpts of the details,
// by attribute.
func expectDiagnostics(t *testing.T, diags diag.Diagnostics, want map[string][2]string) {
	t.Helper()
	found := map[string]diag.Diagnostic{}
	for _, d := range diags {
		attribute := attributeOf(d)
		if found[attribute] != nil {
			t.Errorf("another diagnostic on %q: %s: %s", attribute, d.Summary(), d.Detail())
		}
		found[attribute] = d
		if want[attribute] == [2]string{} {
			t.Errorf("unexpected on %q: %s: %s", attribute, d.Summary(), d.Detail())
		}
		for _, secret := range []string{givenSecret, otherSecret, "271828", "token-of-the-device"} {
			if strings.Contains(d.Summary()+d.Detail(), secret) {
				t.Errorf("%s is in the message: %s", secret, d.Detail())
			}
		}
	}
	for attribute, text := range want {
		d := found[attribute]
		if d == nil || d.Summary() != text[0] || !strings.Contains(d.Detail(), text[1]) {
			t.Errorf("on %q: got %v, want %q with %q", attribute, d, text[0], text[1])
		}
	}
}

// TestFactor_ValidateTypes tests attributes that belong to one type of factor.
func TestFactor_ValidateTypes(t *testing.T) {
	t.Parallel()
	onlyTOTP := attributes{
		"binding_secret": givenSecret, "config_alg": "sha1", "config_code_length": 6, "config_skew": 0, "config_time_step": 30,
		"auto_verify": true,
	}
	onlyPush := attributes{
		"binding_alg": "ES256", "binding_public_key": "MFk=", "config_app_id": "com.example.app",
		"config_notification_platform": "fcm", "config_notification_token": "token-of-the-device", "config_sdk_version": "1.0",
	}
	const wrongType, missing = "Attribute of another factor type", "Missing attribute of a push factor"
	valid := map[string]attributes{
		"totp alone":                    totpConfiguration,
		"totp with all of its own":      totpConfiguration.with(onlyTOTP),
		"push":                          pushConfiguration,
		"push with all of its own":      pushConfiguration.with(onlyPush),
		"push, not verified by a code":  pushConfiguration.with(attributes{"auto_verify": false}),
		"push without key and token":    pushConfiguration.with(attributes{"binding_public_key": nil, "config_notification_token": nil}),
		"unknown type":                  pushConfiguration.with(onlyTOTP).with(attributes{"factor_type": unknown}),
		"unknown type without the rest": totpConfiguration.with(attributes{"factor_type": unknown}),
	}
	for name := range onlyTOTP {
		valid["push with unknown "+name] = pushConfiguration.with(attributes{name: unknown})
	}
	for name := range onlyPush {
		valid["totp with unknown "+name] = totpConfiguration.with(attributes{name: unknown})
		valid["push with unknown "+name] = pushConfiguration.with(attributes{name: unknown})
	}
	for name, given := range valid {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectDiagnostics(t, given.model(t).validate(), nil)
		})
	}
	for name, value := range onlyTOTP {
		expectDiagnostics(t, pushConfiguration.with(attributes{name: value}).model(t).validate(), map[string][2]string{
			name: {wrongType, name + ` is for factors of type totp, but this factor is of type push. Remove it, or set factor_type to "totp".`},
		})
	}
	for name, value := range onlyPush {
		expectDiagnostics(t, totpConfiguration.with(attributes{name: value}).model(t).validate(), map[string][2]string{
			name: {wrongType, name + ` is for factors of type push, but this factor is of type totp. Remove it, or set factor_type to "push".`},
		})
	}
	expectDiagnostics(t, pushConfiguration.with(attributes{
		"binding_secret_wo":         givenSecret,
		"binding_secret_wo_version": 1,
	}).model(t).validate(), map[string][2]string{
		"binding_secret_wo": {wrongType, "for factors of type totp"}, "binding_secret_wo_version": {wrongType, "for factors of type totp"},
	})
	for name, hint := range map[string]string{
		"config_app_id": "com.example.app", "config_notification_platform": `"apn", "fcm", or "none"`,
		"config_sdk_version": "version of the Verify SDK",
	} {
		expectDiagnostics(t, pushConfiguration.with(attributes{name: nil, "config_notification_token": nil}).model(t).validate(),
			map[string][2]string{name: {missing, hint}})
	}
}

// TestFactor_ValidateConfig checks that errors are reported, and that unreadable values are left to
// the framework.
func TestFactor_ValidateConfig(t *testing.T) {
	t.Parallel()
	config := totpConfiguration.with(attributes{"config_app_id": "com.example.app"}).model(t)
	for name, test := range map[string]struct {
		raw  func(raw tftypes.Value) tftypes.Value
		want map[string][2]string
	}{
		"wrong": {
			func(raw tftypes.Value) tftypes.Value { return raw },
			map[string][2]string{"config_app_id": {"Attribute of another factor type", "factors of type push"}},
		},
		"not readable": {func(tftypes.Value) tftypes.Value { return tftypes.NewValue(tftypes.String, "text") }, nil},
	} {
		var resp resource.ValidateConfigResponse
		var diags diag.Diagnostics
		var raw tftypes.Value
		codec().Write(t.Context(), config, &raw, &diags)
		resourceWith(nil).ValidateConfig(t.Context(), resource.ValidateConfigRequest{Config: tfsdk.Config{
			Raw:    test.raw(raw),
			Schema: Declaration.Schema(),
		}}, &resp)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectDiagnostics(t, append(diags, resp.Diagnostics...), test.want)
		})
	}
}

// TestFactor_ValidatePairs tests attributes that require or exclude each other.
func TestFactor_ValidatePairs(t *testing.T) {
	t.Parallel()
	const noVersion = "Write-only value without a version"
	for _, test := range []struct {
		name         string
		base, change attributes
		want         map[string][2]string
	}{
		{
			"token with none", pushConfiguration,
			attributes{"config_notification_platform": "none"},
			map[string][2]string{"config_notification_token": {"Notification token without a platform", "Remove config_notification_token"}},
		},
		{
			"unknown token with none", pushConfiguration,
			attributes{"config_notification_platform": "none", "config_notification_token": unknown},
			nil,
		},
		{"no token with none", pushConfiguration, attributes{"config_notification_platform": "none", "config_notification_token": nil}, nil},
		{"no token with an unknown platform", pushConfiguration, attributes{
			"config_notification_platform": unknown,
			"config_notification_token":    nil,
		}, nil},
		{
			"two secrets", totpConfiguration,
			attributes{"binding_secret": givenSecret, "binding_secret_wo": otherSecret, "binding_secret_wo_version": 1},
			map[string][2]string{"binding_secret": {"Two secrets", "Set either binding_secret, which is stored in the state, " +
				"or binding_secret_wo, which is not."}},
		},
		{"a secret and an unknown one", totpConfiguration, attributes{
			"binding_secret": givenSecret, "binding_secret_wo": unknown,
			"binding_secret_wo_version": 1,
		}, nil},
		{"an unknown secret and another", totpConfiguration, attributes{
			"binding_secret": unknown, "binding_secret_wo": givenSecret,
			"binding_secret_wo_version": 1,
		}, nil},
		{"a secret with a version", totpConfiguration, attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1}, nil},
		{
			"a secret without a version", totpConfiguration,
			attributes{"binding_secret_wo": givenSecret},
			map[string][2]string{"binding_secret_wo": {noVersion, "Set binding_secret_wo_version as well"}},
		},
		{"an unknown secret without a version", totpConfiguration, attributes{"binding_secret_wo": unknown}, nil},
		{"a version without a secret, which may be in use", totpConfiguration, attributes{"binding_secret_wo_version": 1}, nil},
		{"a version with an unknown secret", totpConfiguration, attributes{"binding_secret_wo": unknown, "binding_secret_wo_version": 1}, nil},
		{"an unknown version without a secret", totpConfiguration, attributes{"binding_secret_wo_version": unknown}, nil},
		{
			"a payload without a version", totpConfiguration,
			attributes{"auth_payload_wo": "271828"},
			map[string][2]string{"auth_payload_wo": {noVersion, "Set auth_payload_wo_version as well"}},
		},
		{"a payload with an unknown version", pushConfiguration, attributes{
			"auth_payload_wo":         smallSignature,
			"auth_payload_wo_version": unknown,
		}, nil},
		{
			"a signature for a code", totpConfiguration,
			attributes{"auth_payload_wo": "MEU=", "auth_payload_wo_version": 1},
			map[string][2]string{"auth_payload_wo": {"Invalid code", "auth_payload_wo cannot be the code of a TOTP factor. " +
				"It must be the current code: 3 to 8 digits without spaces."}},
		},
		{
			"more digits than a code has", totpConfiguration,
			attributes{"auth_payload_wo": "271828182", "auth_payload_wo_version": 1},
			map[string][2]string{"auth_payload_wo": {"Invalid code", "3 to 8 digits"}},
		},
		{
			"a code that was written as a number", totpConfiguration,
			attributes{"auth_payload_wo": "12", "auth_payload_wo_version": 1}, // 000012
			map[string][2]string{"auth_payload_wo": {"Invalid code", "a number loses its leading zeros"}},
		},
		{
			"a code for a signature", pushConfiguration,
			attributes{"auth_payload_wo": "271828", "auth_payload_wo_version": 1},
			map[string][2]string{"auth_payload_wo": {"Invalid signature", "auth_payload_wo cannot be the signature of a push factor. " +
				"It is a code, which only a TOTP factor has."}},
		},
		{
			"a signature as r and s", pushConfiguration,
			attributes{"auth_payload_wo": base64.StdEncoding.EncodeToString(make([]byte, 64)), "auth_payload_wo_version": 1},
			map[string][2]string{"auth_payload_wo": {"Invalid signature", "probably r and s one after the other"}},
		},
		{"an unknown signature", pushConfiguration, attributes{"auth_payload_wo": unknown, "auth_payload_wo_version": 1}, nil},
		{
			"a payload of an unknown type", totpConfiguration.with(attributes{"factor_type": unknown}),
			attributes{"auth_payload_wo": smallSignature, "auth_payload_wo_version": 1},
			nil,
		},
		{
			"a payload that no type can have", totpConfiguration.with(attributes{"factor_type": unknown}),
			attributes{"auth_payload_wo": "MEU=", "auth_payload_wo_version": 1},
			map[string][2]string{"auth_payload_wo": {"Invalid signature", "cannot be the signature of a push factor"}},
		},
		{ // the validator of factor_type says what to write
			"a code with a misspelled type", totpConfiguration.with(attributes{"factor_type": "TOTP"}),
			attributes{"auth_payload_wo": "271828", "auth_payload_wo_version": 1},
			nil,
		},
		{"an unknown code", totpConfiguration, attributes{"auth_payload_wo": unknown, "auth_payload_wo_version": 1}, nil},
		{"a code", totpConfiguration, attributes{"auth_payload_wo": "27182818", "auth_payload_wo_version": 1}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expectDiagnostics(t, test.base.with(test.change).model(t).validate(), test.want)
		})
	}
}

// TestFactor_RequireBinding tests attributes that only the create of a push factor requires.
func TestFactor_RequireBinding(t *testing.T) {
	t.Parallel()
	const missing = "Missing attribute of a push factor"
	for _, test := range []struct {
		name  string
		given attributes
		want  map[string][2]string
	}{
		{"totp", totpConfiguration, nil},
		{"push", pushConfiguration, nil},
		{
			"no key", pushConfiguration.with(attributes{"binding_public_key": nil}),
			map[string][2]string{"binding_public_key": {missing, "the PKIX DER form of the device's P-256 public key"}},
		},
		{"unknown key", pushConfiguration.with(attributes{"binding_public_key": unknown}), nil},
		{
			"no token with fcm", pushConfiguration.with(attributes{"config_notification_token": nil}),
			map[string][2]string{"config_notification_token": {missing, `Platform "fcm" requires`}},
		},
		{
			"no token with apn", pushConfiguration.with(attributes{"config_notification_platform": "apn", "config_notification_token": nil}),
			map[string][2]string{"config_notification_token": {missing, `Platform "apn" requires`}},
		},
		{"unknown token", pushConfiguration.with(attributes{"config_notification_token": unknown}), nil},
		{"no token with none", pushConfiguration.with(attributes{"config_notification_platform": "none", "config_notification_token": nil}), nil},
		{"no token with an unknown platform", pushConfiguration.with(attributes{
			"config_notification_platform": unknown,
			"config_notification_token":    nil,
		}), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			test.given.model(t).requireBinding(&diags)
			expectDiagnostics(t, diags, test.want)
		})
	}
}

func validateString(t *testing.T, v validator.String, value types.String) diag.Diagnostics {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("given"), ConfigValue: value}, resp)
	return resp.Diagnostics
}

// smallSignature has the form of a signature: r and s are 1.
const smallSignature = "MAYCAQECAQE="

func TestFactor_AnyPayloadValidator(t *testing.T) {
	t.Parallel()
	for value, want := range map[types.String]string{
		text("271828"): "", text(smallSignature): "", types.StringNull(): "", types.StringUnknown(): "",
		text(""):           "must not be empty or contain spaces",
		text("123 456"):    "must not be empty or contain spaces",
		text("12"):         "cannot be the code of a TOTP factor",
		text("2718281828"): "cannot be the code of a TOTP factor",
		text("MEU="):       "cannot be the signature of a push factor",
		text("27182x"):     "cannot be the signature of a push factor",
	} {
		diags := validateString(t, shared.Check(describePayload, checkAnyPayload), value)
		if want == "" && len(diags) == 0 {
			continue
		}
		if len(diags) != 1 || want == "" || !strings.Contains(diags[0].Detail(), want) {
			t.Errorf("%s: got %v, want %q", value, diags, want)
		}
	}
}

func TestFactor_PayloadValidator(t *testing.T) {
	t.Parallel()
	for value, valid := range map[types.String]bool{
		text("271828"): true, text(smallSignature): true, types.StringNull(): true, types.StringUnknown(): true,
		text(""): false, text("123 456"): false, text("271828\n"): false, text("123\t456"): false, text("\r123456"): false,
	} {
		var want map[string][2]string
		if !valid {
			want = map[string][2]string{"given": {
				"Invalid payload",
				`given must not be empty or contain spaces: write 123456 for a code that an app shows as 123 456, or replace(…, "/\\s/", ""). Nothing was sent to Twilio.`,
			}}
		}
		expectDiagnostics(t, validateString(t, shared.Check(describePayload, checkAnyPayload), value), want)
	}
}

// keys are public and private keys of every kind that a user may confuse with the right one.
type keys struct {
	p256, p384, rsa, ed25519 string // public, as Twilio expects them
	sec1, pkcs8, pkcs1       []byte
	der, point               []byte // of p256
}

func newKeys(t *testing.T) keys {
	t.Helper()
	must := func(der []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	public := func(key any) string { return base64.StdEncoding.EncodeToString(must(x509.MarshalPKIXPublicKey(key))) }
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keys{
		p256: public(&p256.PublicKey), p384: public(&p384.PublicKey), rsa: public(&rsaKey.PublicKey), ed25519: public(edKey),
		sec1: must(x509.MarshalECPrivateKey(p256)), pkcs8: must(x509.MarshalPKCS8PrivateKey(p256)),
		pkcs1: x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey),
		der:   must(x509.MarshalPKIXPublicKey(&p256.PublicKey)), point: must(p256.PublicKey.Bytes()),
	}
}

func TestFactor_PublicKeyProblem(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	pemOf := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	encode := base64.StdEncoding.EncodeToString
	const (
		private = "The value is a private key, which must not leave the device"
		openSSH = "The value is a public key in OpenSSH format. " +
			"Twilio accepts ECDSA keys on the curve P-256 (ecdsa-sha2-nistp256) in PKIX DER form. To convert one: ssh-keygen -e -m PKCS8 -f key.pub"
		spaces    = "contains spaces or line breaks"
		wrongForm = "not a public key in PKIX (SubjectPublicKeyInfo) DER form"
	)
	for _, test := range []struct{ name, value, want string }{
		{"good", k.p256, ""},
		{"PEM", pemOf("PUBLIC KEY", k.der), "Remove its first line (-----BEGIN PUBLIC KEY-----), its last line (-----END PUBLIC KEY-----), " +
			"and all line breaks"},
		{"PEM in one line", strings.ReplaceAll(pemOf("PUBLIC KEY", k.der), "\n", `\n`), "The value is a PEM file"},
		{"certificate", pemOf("CERTIFICATE", k.der), "The value is a certificate. Use the public key in it: openssl x509"},
		{"SEC 1 private key as PEM", pemOf("EC PRIVATE KEY", k.sec1), private},
		{"PKCS 8 private key as PEM", pemOf("PRIVATE KEY", k.pkcs8), private},
		{"SEC 1 private key", encode(k.sec1), private},
		{"PKCS 8 private key", encode(k.pkcs8), private},
		{"wrapped", k.p256[:64] + "\n" + k.p256[64:], spaces},
		{"line break at the end", k.p256 + "\n", spaces},
		{"space", " " + k.p256, spaces},
		{"OpenSSH", "ssh-rsa AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= robot@example\n", openSSH},
		{"OpenSSH, Ed25519", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", openSSH},
		{"OpenSSH, ECDSA", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", openSSH},
		{"OpenSSH, security key", "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5", openSSH},
		{"OpenSSH without its kind", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", openSSH},
		{"not Base64", "not-a-key", "is not Base64"},
		{"Base64 for URLs", base64.URLEncoding.EncodeToString([]byte{0xfb, 0xff, 0xfe}), "is not Base64"},
		{"without padding", strings.TrimRight(encode([]byte{1}), "="), "is not Base64"},
		{"empty", "", wrongForm},
		{"cut off", encode(k.der[:60]), wrongForm},
		{"too long", encode(append(slices.Clone(k.der), 0)), wrongForm},
		{"the point alone", encode(k.point), wrongForm},
		{"PKCS 1", encode(k.pkcs1), wrongForm},
		{"RSA", k.rsa, "a public key of another algorithm (RSA). Twilio accepts only ECDSA keys on the curve P-256. To make one: " +
			"openssl ecparam"},
		{"Ed25519", k.ed25519, "of another algorithm (ED25519)"},
		{"P-384", k.p384, "a key on the curve P-384. Twilio accepts only ECDSA keys on the curve P-256"},
		{
			"PEM in Base64", encode([]byte(pemOf("PUBLIC KEY", k.der))),
			`as filebase64 does. A PEM file contains Base64 already; in Terraform: replace(replace(file("key.pem"),`,
		},
		{"private PEM in Base64", encode([]byte(pemOf("PRIVATE KEY", k.pkcs8))), private},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var want map[string][2]string
			if test.want != "" {
				want = map[string][2]string{"given": {"Invalid public key", test.want}}
			}
			diags := validateString(t, shared.Check("", checkPublicKey), text(test.value))
			expectDiagnostics(t, diags, want)
			for _, d := range diags {
				if end := test.value[max(len(test.value)-16, 0):]; end != "" && strings.Contains(d.Detail(), end) &&
					!strings.HasPrefix(test.value, "-----BEGIN") {
					t.Errorf("the message quotes the key: %s", d.Detail())
				}
			}
		})
	}
	for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
		expectDiagnostics(t, validateString(t, shared.Check("", checkPublicKey), value), nil)
	}
}

// TestFactor_CodeOfOtherLength refuses a code that is to be sent and is longer or shorter than the
// codes of the factor.
func TestFactor_CodeOfOtherLength(t *testing.T) {
	t.Parallel()
	refused := map[string][2]string{"auth_payload_wo": {"Invalid code", "The code has 6 digits, but codes of this factor have 8 " +
		"(config_code_length). Write a code in quotes: a number loses its leading zeros."}}
	for name, test := range map[string]struct {
		change func(c change)
		want   map[string][2]string
	}{
		"shorter":          {func(change) {}, refused},
		"same length":      {func(c change) { c.config.AuthPayloadWO = text("27182818") }, nil},
		"not to be sent":   {func(c change) { c.state.AuthPayloadWOVersion = number(1) }, nil},
		"signature":        {func(c change) { c.plan.FactorType = text("push") }, nil},
		"code not known":   {func(c change) { c.config.AuthPayloadWO = types.StringUnknown() }, nil},
		"length not known": {func(c change) { c.plan.ConfigCodeLength = types.Int64Unknown() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpdate()
			u.state.Status, u.config.AuthPayloadWO, u.plan.AuthPayloadWOVersion = text("unverified"), text("271828"), number(1)
			c := change{plan: u.plan, config: u.config, state: u.state}
			test.change(c)
			var diags diag.Diagnostics
			c.checkCodeLength(&diags)
			expectDiagnostics(t, diags, test.want)
		})
	}
}
