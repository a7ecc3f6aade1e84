// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

// parse returns the parts of a URI, whose keys are in alphabetical order.
func parse(t *testing.T, uri any) string {
	t.Helper()
	return call(t, NewParseURIFunction(), types.ObjectUnknown(parsedTOTPURITypes), text(uri))
}

func TestParseTOTPURI_Attributes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		uri  any
		want string
	}{
		{nil, "<null>"},
		{
			"otpauth://totp/ACME%20Co:J%C3%B6rg?secret=mfrggza%3D&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60",
			`{"account_name":"Jörg","alg":"sha512","code_length":8,"issuer":"ACME Co","secret":"MFRGGZA","time_step":60}`,
		},
		{
			"otpauth://totp/ACME:bob?secret=GEZDGNBV",
			`{"account_name":"bob","alg":"sha1","code_length":6,"issuer":"ACME","secret":"GEZDGNBV","time_step":30}`,
		},
		{
			"otpauth://totp/?secret=GEZDGNBV",
			`{"account_name":<null>,"alg":"sha1","code_length":6,"issuer":<null>,"secret":"GEZDGNBV","time_step":30}`,
		},
	} {
		outcome.Expect(t, parse(t, test.uri), test.want)
	}
}

func TestParseTOTPURI_InverseOfTOTPURI(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ACME", "a:b", " a ", "%3A+%20", "Bücher: 日本", "?#&=/"} {
		uri := callURI(t, name, name, "GEZDGNBV", options("alg", "sha256", "code_length", "7", "time_step", "45"))
		outcome.Expect(t, parse(t, uri), fmt.Sprintf(
			`{"account_name":%q,"alg":"sha256","code_length":7,"issuer":%[1]q,"secret":"GEZDGNBV","time_step":45}`, name))
	}
}

func TestParseTOTPURI_Errors(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"":       "does not begin with otpauth://totp/",
		"CANARY": "does not begin with otpauth://totp/",
		"\ufeffotpauth://totp/CANARY:CANARY?secret=CANARY22":    "the URI begins with a byte-order mark (U+FEFF)",
		"otpauth://hotp/CANARY:CANARY?secret=CANARY22":          "counter-based",
		"otpauth://totp/CANARY:CANARY?issuer=CANARY":            "no secret",
		"otpauth://totp/CANARY:CANARY?secret=CANARY1":           "position 7",
		"otpauth://totp/CANARY:CANARY?secret=CANARY22&digits=9": "from 3 to 8",
	} {
		got := parse(t, uri)
		outcome.Expect(t, got, "argument 0: …"+want+"…")
		if strings.Contains(got, "CANARY") {
			t.Errorf("a part of the URI is in the error: %s", got)
		}
	}
}
