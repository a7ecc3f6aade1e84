// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// callFunction runs a function that returns a string.
func callFunction(t *testing.T, f function.Function, arguments ...attr.Value) (string, *function.FuncError) {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(types.StringUnknown())}
	f.Run(context.Background(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	if resp.Error != nil {
		return "", resp.Error
	}
	return resp.Result.Value().(types.String).ValueString(), nil
}

// variadic is what Terraform passes for the arguments at the end.
func variadic(element attr.Type, values ...attr.Value) attr.Value {
	elements := make([]attr.Type, len(values))
	for i := range elements {
		elements[i] = element
	}
	return types.TupleValueMust(elements, values)
}

func totpOptions(values map[string]attr.Value) attr.Value {
	return types.MapValueMust(types.StringType, values)
}

func TestTOTPURIFunction(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	str := func(s string) attr.Value { return types.StringValue(s) }
	null := types.StringNull()
	for _, test := range []struct {
		name                        string
		issuer, accountName, secret string
		options                     []attr.Value
		want                        string
	}{
		{
			"documented by Twilio", "test-issuer", "John’s Account Name", secret, nil,
			"otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name?secret=" + secret + "&issuer=test-issuer&algorithm=SHA1&digits=6&period=30",
		},
		{
			"every option", "ACME Co", "robot", secret,
			[]attr.Value{totpOptions(map[string]attr.Value{"alg": str("sha512"), "code_length": str("8"), "time_step": str("60")})},
			"otpauth://totp/ACME%20Co:robot?secret=" + secret + "&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60",
		},
		{
			"lowest values", "A", "b", secret,
			[]attr.Value{totpOptions(map[string]attr.Value{"alg": str("sha256"), "code_length": str("3"), "time_step": str("20")})},
			"otpauth://totp/A:b?secret=" + secret + "&issuer=A&algorithm=SHA256&digits=3&period=20",
		},
		{
			"null options", "A", "b", secret,
			[]attr.Value{totpOptions(map[string]attr.Value{"alg": null, "code_length": null, "time_step": null})},
			"otpauth://totp/A:b?secret=" + secret + "&issuer=A&algorithm=SHA1&digits=6&period=30",
		},
		{
			"empty options, secret in lower case and padded", "A", "b", "mfrggza=",
			[]attr.Value{totpOptions(nil)},
			"otpauth://totp/A:b?secret=MFRGGZA&issuer=A&algorithm=SHA1&digits=6&period=30",
		},
	} {
		got, err := callFunction(t, NewURIFunction(), str(test.issuer), str(test.accountName), str(test.secret),
			variadic(types.MapType{ElemType: types.StringType}, test.options...))
		if err != nil || got != test.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", test.name, got, err, test.want)
		}
	}
}

func TestTOTPURIFunctionErrors(t *testing.T) {
	t.Parallel()
	const canary = "GEZDGNBVGY3TQOJQ"
	option := func(key, value string) []attr.Value {
		return []attr.Value{totpOptions(map[string]attr.Value{key: types.StringValue(value)})}
	}
	for _, test := range []struct {
		name                        string
		issuer, accountName, secret string
		options                     []attr.Value
		argument                    int64
		want                        string
	}{
		{"issuer", "", "b", canary, nil, 0, "is empty"},
		{"account name", "A", "", canary, nil, 1, "is empty"},
		{"no secret", "A", "b", "", nil, 2, "is empty"},
		{"secret", "A", "b", canary + "1", nil, 2, "position 17"},
		{"alg", "A", "b", canary, option("alg", "md5"), 3, "must be sha1, sha256 or sha512"},
		{"alg in upper case", "A", "b", canary, option("alg", "SHA1"), 3, "must be sha1, sha256 or sha512"},
		{"empty alg", "A", "b", canary, option("alg", ""), 3, "must be sha1, sha256 or sha512"},
		{"code_length too small", "A", "b", canary, option("code_length", "2"), 3, "from 3 to 8"},
		{"code_length too large", "A", "b", canary, option("code_length", "9"), 3, "from 3 to 8"},
		{"code_length broken", "A", "b", canary, option("code_length", "6.5"), 3, "from 3 to 8"},
		{"time_step too small", "A", "b", canary, option("time_step", "19"), 3, "from 20 to 60"},
		{"time_step too large", "A", "b", canary, option("time_step", "61"), 3, "from 20 to 60"},
		{"unknown option", "A", "b", canary, option("digits", "6"), 3, `no option "digits"`},
		{"two objects", "A", "b", canary, []attr.Value{totpOptions(nil), totpOptions(nil)}, 3, "more than one object"},
	} {
		_, err := callFunction(t, NewURIFunction(), types.StringValue(test.issuer), types.StringValue(test.accountName),
			types.StringValue(test.secret), variadic(types.MapType{ElemType: types.StringType}, test.options...))
		if err == nil || err.FunctionArgument == nil {
			t.Errorf("%s: got %v, want an error on argument %d", test.name, err, test.argument)
			continue
		}
		if *err.FunctionArgument != test.argument || !strings.Contains(err.Text, test.want) || strings.Contains(err.Text, canary) {
			t.Errorf("%s: got %q on argument %d, want %q on argument %d, without the secret", test.name, err.Text, *err.FunctionArgument, test.want, test.argument)
		}
	}
}
