// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// messages returns the texts of diagnostics by attribute.
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

// validateFactor validates a factor as Terraform does at plan.
func validateFactor(t *testing.T, given attributes) map[string]string {
	t.Helper()
	return messages(newInstance(t).validate(given))
}

// expectMessages compares the messages, by attribute, with the wanted excerpts.
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

func totpValues() attributes {
	return attributes{
		"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "factor_type": "totp",
		"friendly_name": "Robot 1",
	}
}

func pushValues(t *testing.T) attributes {
	t.Helper()
	return attributes{
		"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "factor_type": "push", "friendly_name": "Phone",
		"binding_public_key": newDevice(t).public, "config_app_id": "com.example.app", "config_notification_platform": "fcm",
		"config_notification_token": fakeToken, "config_sdk_version": "1.0",
	}
}

// TestFactor_ValidateOneAttribute tests values at and beyond the limits of each attribute.
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
		{
			totpValues().with(attributes{"auth_payload_wo_version": 1}), "auth_payload_wo",
			[]any{"123456", unknown},
			[]any{"1", "12345a"},
			"must be the current code: 3 to 8 digits", true,
		},
		{
			totpValues().with(attributes{"auth_payload_wo_version": 1}), "auth_payload_wo", nil,
			[]any{"", "654 321", "654321\n"},
			`write 123456 for a code that an app shows as 123 456, or replace(…, "/\\s/", "")`, true,
		},
		{
			totpValues(), "metadata",
			[]any{nil, unknown, map[string]any{}, map[string]any{"a": ""}, map[string]any{"a": unknown}},
			[]any{map[string]any{"a": nil}, map[string]any{"a": nil, "b": unknown}},
			"Remove the key, or set it to an empty string.", false,
		},
		{ // of 1024 characters as JSON
			totpValues(), "metadata",
			[]any{map[string]any{"k": strings.Repeat("🤖", 1016)}, map[string]any{"k": strings.Repeat(`"`, 508)}},
			[]any{map[string]any{"k": strings.Repeat("x", 1017)}, map[string]any{"k": strings.Repeat("x", 1016), "u": unknown}},
			"characters as JSON, but Twilio accepts at most 1024. Shorten it.", false,
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

// TestFactor_ValidateMistakes makes common mistakes, and checks that errors say what to write
// instead.
func TestFactor_ValidateMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"factor_type", "TOTP", "Invalid letter case\nfactor_type is \"TOTP\". Write totp in lower case."},
		{"binding_secret", givenSecret + "\n", "it begins or ends with a space or a line break, " +
			"as the content of a file often does. Remove it: trimspace(file("},
		{
			"binding_secret", "GEZD GNBV GY3T QOJQ",
			`it contains spaces or dashes, which apps show between groups of characters. Remove them: replace(…, "/[ -]/", "").`,
		},
		{
			"binding_secret", "otpauth://totp/Robot?secret=" + givenSecret,
			"it is a whole otpauth URI. Take the secret out of it: provider::twilio::parse_totp_uri(…).secret.",
		},
		{
			"identity", "robot@example.com",
			"is an email address. It must be 8 to 64 letters (A-Z, a-z), digits, and dashes, and it should not be personal data. " +
				`Derive a stable UUID from the address instead: uuidv5("url", "mailto:user@example.com")`,
		},
	} {
		found := validateFactor(t, totpValues().with(attributes{test.name: test.value}))
		expectMessages(t, found, map[string]string{test.name: test.want})
		if test.name == "binding_secret" && strings.Contains(found[test.name], test.value) {
			t.Errorf("the message quotes the secret: %s", found[test.name])
		}
	}
}

// TestAccFactor_MetadataIsAMap checks the message of Terraform itself, which checks the type before
// the provider receives the value. The troubleshooting guide explains it.
func TestAccFactor_MetadataIsAMap(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newWorkspace(t, mock, mock.config(totpBlock(`metadata = jsonencode({ os = "Android" })`)))
	w.mustFail("validate", `Inappropriate value for attribute "metadata": map of string required`)
}
