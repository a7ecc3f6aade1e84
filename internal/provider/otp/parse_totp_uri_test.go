// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func parseTOTPURI(t *testing.T, uri attr.Value) (attr.Value, error) {
	t.Helper()
	got, err := runFunction(t, NewParseURIFunction(), types.ObjectUnknown(parsedTOTPURITypes), uri)
	if err != nil {
		return nil, err
	}
	return got, nil
}

func parsed(issuer, accountName attr.Value, secret, alg string, codeLength, timeStep int64) attr.Value {
	return types.ObjectValueMust(parsedTOTPURITypes, map[string]attr.Value{
		"issuer":       issuer,
		"account_name": accountName,
		"secret":       types.StringValue(secret),
		"alg":          types.StringValue(alg),
		"code_length":  types.Int64Value(codeLength),
		"time_step":    types.Int64Value(timeStep),
	})
}

func TestParseTOTPURI_Attributes(t *testing.T) {
	t.Parallel()
	text := func(s string) attr.Value { return types.StringValue(s) }
	for _, test := range []struct {
		name string
		uri  attr.Value
		want attr.Value
	}{
		{"null", types.StringNull(), types.ObjectNull(parsedTOTPURITypes)},
		{
			"every part", text("otpauth://totp/ACME%20Co:J%C3%B6rg?secret=mfrggza%3D&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60"),
			parsed(text("ACME Co"), text("Jörg"), "MFRGGZA", "sha512", 8, 60),
		},
		{
			"defaults", text("otpauth://totp/ACME:bob?secret=GEZDGNBV"),
			parsed(text("ACME"), text("bob"), "GEZDGNBV", "sha1", 6, 30),
		},
		{
			"no issuer and no account name", text("otpauth://totp/?secret=GEZDGNBV"),
			parsed(types.StringNull(), types.StringNull(), "GEZDGNBV", "sha1", 6, 30),
		},
	} {
		if got, err := parseTOTPURI(t, test.uri); err != nil || !got.Equal(test.want) {
			t.Errorf("%s:\n got %v, %v\nwant %v", test.name, got, err, test.want)
		}
	}
}

func TestParseTOTPURI_InverseOfTOTPURI(t *testing.T) {
	t.Parallel()
	text := func(s string) attr.Value { return types.StringValue(s) }
	for _, name := range []string{"ACME", "a:b", " a ", "%3A+%20", "Bücher: 日本", "?#&=/"} {
		uri, err := callFunction(t, NewURIFunction(), text(name), text(name), text("GEZDGNBV"), variadic(
			types.MapType{ElemType: types.StringType},
			totpOptions(map[string]attr.Value{"alg": text("sha256"), "code_length": text("7"), "time_step": text("45")}),
		))
		if err != nil {
			t.Fatal(err)
		}
		want := parsed(text(name), text(name), "GEZDGNBV", "sha256", 7, 45)
		if got, err := parseTOTPURI(t, text(uri)); err != nil || !got.Equal(want) {
			t.Errorf("%s:\n got %v, %v\nwant %v", uri, got, err, want)
		}
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
		_, err := runFunction(t, NewParseURIFunction(), types.ObjectUnknown(parsedTOTPURITypes), types.StringValue(uri))
		if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != 0 {
			t.Errorf("%q: got %v, want an error on argument 0", uri, err)
			continue
		}
		if !strings.Contains(err.Text, want) || strings.Contains(err.Text, "CANARY") {
			t.Errorf("%q: got %q, want %q, without a part of the URI", uri, err.Text, want)
		}
	}
}
