// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// messages are the texts of diagnostics by attribute.
func messages(diagnostics []*tfprotov6.Diagnostic) map[string]string {
	found := map[string]string{}
	for _, d := range diagnostics {
		name := ""
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
			name = fmt.Sprint(d.Attribute.Steps()[0])
		}
		found[name] += d.Summary + "\n" + d.Detail + "\n"
	}
	return found
}

// validateFactor validates a factor as Terraform does it at plan.
func validateFactor(t *testing.T, given attributes) map[string]string {
	t.Helper()
	i := newInstance(t)
	resp, err := i.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName:           factor.TypeName,
		Config:             i.dynamic(given.value(i.object())),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	i.must(err)
	return messages(resp.Diagnostics)
}

// expectMessages compares what was found by attribute with the words that are
// wanted there, each an excerpt.
func expectMessages(t *testing.T, found, want map[string]string) {
	t.Helper()
	for name, excerpt := range want {
		if !strings.Contains(found[name], excerpt) {
			t.Errorf("%q on %q is missing; found: %v", excerpt, name, found)
		}
	}
	for name, text := range found {
		if _, ok := want[name]; !ok {
			t.Errorf("not expected on %q: %s", name, text)
		}
	}
}

const (
	fakeToken = "0123456789abcdef0123456789abcdef"
	unknown   = tftypes.UnknownValue
)

// encoded is a public key in the form that Twilio takes.
func encoded(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func totpValues() attributes {
	return attributes{"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "factor_type": "totp", "friendly_name": "Robot 1"}
}

func pushValues(t *testing.T) attributes {
	t.Helper()
	return attributes{
		"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "factor_type": "push", "friendly_name": "Phone",
		"binding_public_key": newDevice(t).public, "config_app_id": "com.example.app", "config_notification_platform": "fcm",
		"config_notification_token": fakeToken, "config_sdk_version": "1.0",
	}
}

// TestFactor_ValidateOneAttribute tries values at and beyond the limits of each.
func TestFactor_ValidateOneAttribute(t *testing.T) {
	t.Parallel()
	push := pushValues(t)
	none := push.with(attributes{"config_notification_platform": "none", "config_notification_token": nil})
	for _, test := range []struct {
		base            attributes
		name            string
		accept, refuse  []any
		excerpt         string // of every refusal
		mustNotBeQuoted bool
	}{
		{
			totpValues(), "service_sid",
			[]any{"VA0123456789abcdefABCDEF0123456789", unknown},
			[]any{"", "VA0123", "va00000000000000000000000000000001", "VA0000000000000000000000000000000g", "VA00000000000000000000000000000001\n"},
			"must be the SID of a Verify service: VA followed by 32 hexadecimal digits", false,
		},
		{
			totpValues(), "identity",
			[]any{"abcdefgh", strings.Repeat("a", 64), "0-9-A-Z-", unknown},
			[]any{"abcdefg", strings.Repeat("a", 65), "with space", "under_score", "a/b/c/d/e", "Zoë-0001", "abcdefgh\n"},
			"must be 8 to 64 letters (A-Z, a-z), digits, and dashes", false,
		},
		{
			totpValues(), "friendly_name",
			[]any{"x", strings.Repeat("ä", 64), strings.Repeat("🤖", 64), unknown},
			[]any{"", strings.Repeat("x", 65), strings.Repeat("🤖", 65)},
			"between 1 and 64", false,
		},
		{totpValues(), "config_alg", []any{"sha1", "sha256", "sha512", nil, unknown}, []any{"", "md5"}, `["sha1" "sha256" "sha512"]`, false},
		{totpValues(), "config_code_length", []any{3, 8, nil, unknown}, []any{2, 9, 0, -1}, "between 3 and 8", false},
		{totpValues(), "config_skew", []any{0, 2, nil, unknown}, []any{-1, 3}, "between 0 and 2", false},
		{totpValues(), "config_skew", nil, []any{1.5}, "not an integer", false},
		{totpValues(), "config_time_step", []any{20, 60, nil, unknown}, []any{19, 61, 0}, "between 20 and 60", false},
		{
			totpValues(), "binding_secret",
			[]any{givenSecret, strings.ToLower(givenSecret), "ME======", "ME", nil, unknown},
			[]any{"", "CANARY-SECRET", "GEZDGNB1", "GEZDGNBVG", "GEZD GNBV", "otpauth://totp/x?secret=GEZDGNBV"},
			"binding_secret is invalid: ", true,
		},
		{
			totpValues().with(attributes{"binding_secret_wo_version": 1}), "binding_secret_wo",
			[]any{givenSecret, unknown},
			[]any{"", "CANARY-SECRET", "GEZDGNBVG"},
			"binding_secret_wo is invalid: ", true,
		},
		{push, "binding_alg", []any{"ES256", nil, unknown}, []any{"", "RS256"}, `["ES256"]`, false},
		{push, "config_app_id", []any{"x", strings.Repeat("ä", 100), unknown}, []any{"", strings.Repeat("x", 101)}, "between 1 and 100", false},
		{push, "config_notification_platform", []any{"apn", "fcm", unknown}, []any{"", "gcm"}, `["apn" "fcm" "none"]`, false},
		{none, "config_notification_platform", []any{"none", unknown}, nil, "", false},
		{
			push, "config_notification_token",
			[]any{strings.Repeat("t", 32), strings.Repeat("t", 255), unknown},
			[]any{"", strings.Repeat("secret-", 4), strings.Repeat("t", 256)},
			"between 32 and 255", true,
		},
		{push, "config_sdk_version", []any{"1", unknown}, []any{""}, "at least 1", false},
		{totpValues().with(attributes{"auth_payload_wo_version": 1}), "auth_payload_wo", []any{"123456", unknown}, []any{"", "123 456", "1"}, "3 to 8 digits without spaces", true},
		{
			totpValues(), "metadata",
			[]any{nil, unknown, map[string]any{}, map[string]any{"a": ""}, map[string]any{"a": unknown}},
			[]any{map[string]any{"a": nil}, map[string]any{"a": nil, "b": unknown}},
			"Remove the key, or set it to an empty string.", false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, value := range test.accept {
				if found := validateFactor(t, test.base.with(attributes{test.name: value})); len(found) > 0 {
					t.Errorf("%v is refused: %v", value, found)
				}
			}
			for _, value := range test.refuse {
				found := validateFactor(t, test.base.with(attributes{test.name: value}))
				expectMessages(t, found, map[string]string{test.name: test.excerpt})
				if text, ok := value.(string); ok && test.mustNotBeQuoted && text != "" && strings.Contains(found[test.name], text) {
					t.Errorf("the message quotes %q: %s", text, found[test.name])
				}
			}
		})
	}
}

// TestFactor_ValidateTypes has the rules between attributes, both ways.
func TestFactor_ValidateTypes(t *testing.T) {
	t.Parallel()
	onlyTOTP := attributes{
		"binding_secret": givenSecret, "config_alg": "sha1", "config_code_length": 6, "config_skew": 0, "config_time_step": 30,
		"auto_verify": true,
	}
	writeOnly := attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1}
	onlyPush := attributes{
		"binding_alg": "ES256", "binding_public_key": newDevice(t).public, "config_app_id": "com.example.app",
		"config_notification_platform": "fcm", "config_notification_token": fakeToken, "config_sdk_version": "1.0",
	}
	push := pushValues(t)

	expectMessages(t, validateFactor(t, push.with(attributes{"auto_verify": false})), nil)
	for name, value := range onlyTOTP.with(writeOnly) {
		given := push.with(attributes{name: value})
		if strings.HasPrefix(name, "binding_secret_wo") {
			given = push.with(writeOnly)
		}
		found := validateFactor(t, given)
		if !strings.Contains(found[name], name+` is for factors of type totp, and this factor is of type push. Remove it, or set factor_type to "totp".`) {
			t.Errorf("%s on a push factor: %v", name, found)
		}
	}
	for name, value := range onlyPush {
		expectMessages(t, validateFactor(t, totpValues().with(attributes{name: value})), map[string]string{
			name: name + ` is for factors of type push, and this factor is of type totp. Remove it, or set factor_type to "push".`,
		})
	}
	for _, name := range []string{"config_app_id", "config_notification_platform", "config_sdk_version"} {
		expectMessages(t, validateFactor(t, push.with(attributes{name: nil})), map[string]string{name: "A push factor requires " + name})
	}
	// Whatever is unknown may turn out null, and an unknown type may be either.
	for name := range onlyTOTP.with(writeOnly) {
		expectMessages(t, validateFactor(t, push.with(attributes{name: unknown})), nil)
	}
	for name := range onlyPush {
		expectMessages(t, validateFactor(t, totpValues().with(attributes{name: unknown})), nil)
		expectMessages(t, validateFactor(t, push.with(attributes{name: unknown})), nil)
	}
	expectMessages(t, validateFactor(t, push.with(onlyTOTP).with(attributes{"factor_type": unknown})), nil)
	expectMessages(t, validateFactor(t, totpValues().with(attributes{"factor_type": unknown})), nil)
	expectMessages(t, validateFactor(t, totpValues().with(onlyTOTP)), nil)
	expectMessages(t, validateFactor(t, push.with(onlyPush)), nil)
	expectMessages(t, validateFactor(t, totpValues().with(attributes{"factor_type": "passkeys"})), map[string]string{"factor_type": `["totp" "push"]`})
}

// TestFactor_ValidatePairs has attributes that go together, or not.
func TestFactor_ValidatePairs(t *testing.T) {
	t.Parallel()
	push := pushValues(t)
	for _, test := range []struct {
		name  string
		given attributes
		want  map[string]string
	}{
		{"token of none", push.with(attributes{"config_notification_platform": "none"}), map[string]string{"config_notification_token": `Remove config_notification_token`}},
		{"unknown token of none", push.with(attributes{"config_notification_platform": "none", "config_notification_token": unknown}), nil},
		{"no token of an unknown platform", push.with(attributes{"config_notification_platform": unknown, "config_notification_token": nil}), nil},
		{
			"two secrets", totpValues().with(attributes{"binding_secret": givenSecret, "binding_secret_wo": otherSecret, "binding_secret_wo_version": 1}),
			map[string]string{"binding_secret": "Set either binding_secret, which is stored in the state, or binding_secret_wo, which is not."},
		},
		{"a secret and an unknown one", totpValues().with(attributes{"binding_secret": givenSecret, "binding_secret_wo": unknown, "binding_secret_wo_version": 1}), nil},
		{"a secret without a version", totpValues().with(attributes{"binding_secret_wo": givenSecret}), map[string]string{"binding_secret_wo": "Set binding_secret_wo_version as well"}},
		{"an unknown secret without a version", totpValues().with(attributes{"binding_secret_wo": unknown}), nil},
		{"a version without a secret", totpValues().with(attributes{"binding_secret_wo_version": 1}), map[string]string{"binding_secret_wo_version": "is the version of binding_secret_wo, which is not set"}},
		{"an unknown version without a secret", totpValues().with(attributes{"binding_secret_wo_version": unknown}), nil},
		{"a payload without a version", totpValues().with(attributes{"auth_payload_wo": "123456"}), map[string]string{"auth_payload_wo": "Set auth_payload_wo_version as well"}},
		{"a version without a payload", push.with(attributes{"auth_payload_wo_version": 1}), map[string]string{"auth_payload_wo_version": "is the version of auth_payload_wo"}},
		{"a payload with a version", push.with(attributes{"auth_payload_wo": "MEU=", "auth_payload_wo_version": unknown}), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := validateFactor(t, test.given)
			expectMessages(t, found, test.want)
			for _, text := range found {
				for _, secret := range []string{givenSecret, otherSecret, fakeToken, "123456"} {
					if strings.Contains(text, secret) {
						t.Errorf("%s is in the message: %s", secret, text)
					}
				}
			}
		})
	}
}

// TestFactor_ValidateMetadataSize counts characters of JSON, not bytes.
func TestFactor_ValidateMetadataSize(t *testing.T) {
	t.Parallel()
	fill := 1024 - len(`{"k":""}`)
	quotes := strings.Repeat(`"`, fill/2) // each takes two characters
	for _, test := range []struct {
		name  string
		value map[string]any
		size  int // if refused
	}{
		{"at the limit", map[string]any{"k": strings.Repeat("x", fill)}, 0},
		{"beyond", map[string]any{"k": strings.Repeat("x", fill+1)}, 1024 + 1},
		{"Unicode at the limit", map[string]any{"k": strings.Repeat("🤖", fill)}, 0},
		{"Unicode beyond", map[string]any{"k": strings.Repeat("ä", fill+1)}, 1024 + 1},
		{"escapes at the limit", map[string]any{"k": quotes}, 0},
		{"escapes beyond", map[string]any{"k": quotes + "x"}, 1024 + 1},
		{"beyond, whatever the unknown value is", map[string]any{"k": strings.Repeat("x", fill), "u": unknown}, 1024 + len(`,"u":""`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := map[string]string{}
			if test.size > 0 {
				want["metadata"] = fmt.Sprintf("metadata has %d characters as JSON, and Twilio accepts 1024.", test.size)
			}
			expectMessages(t, validateFactor(t, totpValues().with(attributes{"metadata": test.value})), want)
		})
	}
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestFactor_PublicKeyProblem(t *testing.T) {
	t.Parallel()
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
	sec1, err := x509.MarshalECPrivateKey(p256)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(p256)
	if err != nil {
		t.Fatal(err)
	}
	point, err := p256.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	good := encoded(t, &p256.PublicKey)
	der, _ := base64.StdEncoding.DecodeString(good)
	const openSSH = "The value is a public key in OpenSSH format. Twilio accepts ECDSA keys on the curve P-256 (ecdsa-sha2-nistp256) in PKIX DER form. " +
		"To convert one: ssh-keygen -e -m PKCS8 -f key.pub | openssl pkey -pubin -outform DER | base64 -w0"
	const wrongForm = "not a public key in PKIX (SubjectPublicKeyInfo) DER form"
	for _, test := range []struct{ name, value, want string }{
		{"good", good, ""},
		{"PEM", pemOf("PUBLIC KEY", der), "Remove its first line (-----BEGIN PUBLIC KEY-----), its last line (-----END PUBLIC KEY-----), and all line breaks"},
		{"PEM in one line", strings.ReplaceAll(pemOf("PUBLIC KEY", der), "\n", `\n`), "The value is a PEM file"},
		{"SEC 1 private key as PEM", pemOf("EC PRIVATE KEY", sec1), "The value is a private key, which must not leave the device"},
		{"PKCS 8 private key as PEM", pemOf("PRIVATE KEY", pkcs8), "The value is a private key, which must not leave the device"},
		{"SEC 1 private key", base64.StdEncoding.EncodeToString(sec1), "The value is a private key, which must not leave the device"},
		{"PKCS 8 private key", base64.StdEncoding.EncodeToString(pkcs8), "The value is a private key, which must not leave the device"},
		{"wrapped", good[:64] + "\n" + good[64:], "contains spaces or line breaks"},
		{"newline at the end", good + "\n", "contains spaces or line breaks"},
		{"spaces", " " + good, "contains spaces or line breaks"},
		{"OpenSSH", "ssh-rsa AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= robot@example\n", openSSH},
		{"OpenSSH of another kind", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", openSSH},
		{"OpenSSH without its kind", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", openSSH},
		{"not Base64", "not-a-key", "is not Base64"},
		{"Base64 for URLs", base64.URLEncoding.EncodeToString([]byte{0xfb, 0xff, 0xfe}), "is not Base64"},
		{"without padding", strings.TrimRight(base64.StdEncoding.EncodeToString([]byte{1}), "="), "is not Base64"},
		{"empty", "", wrongForm},
		{"cut off", base64.StdEncoding.EncodeToString(der[:60]), wrongForm},
		{"too long", base64.StdEncoding.EncodeToString(append(slices.Clone(der), 0)), wrongForm},
		{"the point alone", base64.StdEncoding.EncodeToString(point), wrongForm},
		{"PKCS 1", base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)), wrongForm},
		{"RSA", encoded(t, &rsaKey.PublicKey), "of the wrong kind (rsa.PublicKey). Twilio accepts ECDSA keys on the curve P-256"},
		{"Ed25519", encoded(t, edKey), "of the wrong kind (ed25519.PublicKey)"},
		{"P-384", encoded(t, &p384.PublicKey), "a key on the curve P-384. Twilio accepts only the curve P-256"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			problem := validateFactor(t, pushValues(t).with(attributes{"binding_public_key": test.value}))["binding_public_key"]
			switch {
			case test.want == "" && problem != "":
				t.Errorf("refused: %s", problem)
			case !strings.Contains(problem, test.want):
				t.Errorf("got %q, want %q in it", problem, test.want)
			case len(test.value) > 16 && strings.Contains(problem, test.value[:16]) && !strings.HasPrefix(test.value, "-----BEGIN"):
				t.Errorf("the message quotes the key: %s", problem)
			}
			found := validateFactor(t, pushValues(t).with(attributes{"binding_public_key": test.value}))
			want := map[string]string{}
			if test.want != "" {
				want["binding_public_key"] = test.want
			}
			expectMessages(t, found, want)
		})
	}
}

// TestFactor_ValidateMistakes has the values that people often write, and what to write instead.
func TestFactor_ValidateMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		base        attributes
		name, value string
		want        string
	}{
		{totpValues(), "factor_type", "TOTP", "Invalid letter case\nfactor_type is \"TOTP\". Write totp in lower case."},
		{totpValues(), "config_alg", "SHA256", "Write sha256 in lower case."},
		{pushValues(t), "config_notification_platform", "FCM", "Write fcm in lower case."},
		{pushValues(t), "binding_alg", "es256", "Write ES256 in upper case."},
		{totpValues(), "binding_secret", givenSecret + "\n", "it begins or ends with a space or a line break, as the text of a file often does. Remove it: trimspace(file("},
		{
			totpValues(), "identity", "robot@example.com",
			"is an email address. It must be 8 to 64 letters (A-Z, a-z), digits, and dashes, and it should not be personal data. " +
				`Derive a stable UUID from the address instead: uuidv5("url", "mailto:user@example.com")`,
		},
	} {
		found := validateFactor(t, test.base.with(attributes{test.name: test.value}))
		expectMessages(t, found, map[string]string{test.name: test.want})
		if test.name == "binding_secret" && strings.Contains(found[test.name], givenSecret) {
			t.Errorf("the message quotes the secret: %s", found[test.name])
		}
	}
}

// TestAccFactor_MetadataIsAMap has the message of Terraform itself, which checks the type before the
// provider sees the value; the troubleshooting guide explains it.
func TestAccFactor_MetadataIsAMap(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newWorkspace(t, mock, mock.config(totpBlock(`metadata = jsonencode({ os = "Android" })`)))
	output, err := w.run("validate")
	const want = `Inappropriate value for attribute "metadata": map of string required`
	if err == nil || !words(want).MatchString(output) {
		t.Errorf("%v: %q is not on the screen: %s", err, want, output)
	}
}

// TestAccFactor_CountWithOneSecret creates two instances with one secret, of which Twilio takes one.
func TestAccFactor_CountWithOneSecret(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newWorkspace(t, mock, mock.config(totpBlock("count = 2", `binding_secret = "`+givenSecret+`"`)))
	output, err := w.run("apply", "-auto-approve")
	for _, want := range []string{"60317", "If the resource has count or for_each, or another resource has the same identity, give each instance a secret or key of its own, or leave binding_secret out."} {
		if err == nil || !words(want).MatchString(output) {
			t.Errorf("%v: %q is not on the screen: %s", err, want, output)
		}
	}
	mock.only(t)
	mock.expectCalls(t, map[verifymock.Operation]int{"create": 2})
}

// TestAccFactor_RefusedAtPlan sees a few refusals through Terraform: nothing is sent, and
// no secret is on the screen.
func TestAccFactor_RefusedAtPlan(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	refused := func(want string, body string) resource.TestStep {
		return resource.TestStep{Config: mock.config(body), PlanOnly: true, ExpectError: words(want)}
	}
	runSteps(t,
		refused("config_app_id is for factors of type push", totpBlock(`config_app_id = "com.example.app"`)),
		refused("A push factor requires config_app_id", factorBlock("push")),
		refused("binding_secret is invalid: the character at position 7 of the secret is not Base32 (A-Z, 2-7)", totpBlock(`binding_secret = "CANARY-SECRET"`)),
		refused("Metadata too large", totpBlock(`metadata = { k = join("", [for i in range(1017) : "x"]) }`)),
		refused("Remove its first line (-----BEGIN PUBLIC KEY-----)", strings.Replace(newDevice(t).block(),
			`binding_public_key = "`, `binding_public_key = "-----BEGIN PUBLIC KEY-----\n`, 1)),
	)
	mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationCreate: 0})
}
