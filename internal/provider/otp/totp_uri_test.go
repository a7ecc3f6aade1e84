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

// runFunction runs a function whose result has the type of unknown.
func runFunction(t *testing.T, f function.Function, unknown attr.Value, arguments ...attr.Value) (attr.Value, *function.FuncError) {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(unknown)}
	f.Run(context.Background(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	return resp.Result.Value(), resp.Error
}

// callFunction runs a function that returns a string.
func callFunction(t *testing.T, f function.Function, arguments ...attr.Value) (string, *function.FuncError) {
	t.Helper()
	result, err := runFunction(t, f, types.StringUnknown(), arguments...)
	return result.(types.String).ValueString(), err
}

// checkNullable checks that every parameter of a function accepts null: Terraform itself refuses
// null for one that does not, before it calls the function.
func checkNullable(t *testing.T, f function.Function) {
	t.Helper()
	var resp function.DefinitionResponse
	f.Definition(context.Background(), function.DefinitionRequest{}, &resp)
	parameters := resp.Definition.Parameters
	if resp.Definition.VariadicParameter != nil {
		parameters = append(parameters, resp.Definition.VariadicParameter)
	}
	for _, parameter := range parameters {
		if !parameter.GetAllowNullValue() {
			t.Errorf("%s: null is not allowed", parameter.GetName())
		}
	}
}

// variadic returns the value that Terraform passes for a variadic parameter.
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

func TestTOTPURI_TwilioForm(t *testing.T) {
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

func TestTOTPURI_Null(t *testing.T) {
	t.Parallel()
	checkNullable(t, NewURIFunction())
	const uri = "otpauth://totp/A:b?secret=GEZDGNBV&issuer=A&algorithm=SHA1&digits=6&period=30"
	issuer, accountName, secret, null := types.StringValue("A"), types.StringValue("b"), types.StringValue("GEZDGNBV"), types.StringNull()
	for _, test := range []struct {
		name                        string
		issuer, accountName, secret attr.Value
		options                     []attr.Value
		want                        attr.Value
	}{
		{"issuer", null, accountName, secret, nil, null},
		{"account name", issuer, null, secret, nil, null},
		{"secret", issuer, accountName, null, nil, null},
		{"secret next to an empty issuer", types.StringValue(""), accountName, null, nil, null},
		{"everything", null, null, null, []attr.Value{types.MapNull(types.StringType)}, null},
		{"options", issuer, accountName, secret, []attr.Value{types.MapNull(types.StringType)}, types.StringValue(uri)},
		{"option", issuer, accountName, secret, []attr.Value{totpOptions(map[string]attr.Value{"alg": null})}, types.StringValue(uri)},
	} {
		got, err := runFunction(t, NewURIFunction(), types.StringUnknown(), test.issuer, test.accountName, test.secret,
			variadic(types.MapType{ElemType: types.StringType}, test.options...))
		if err != nil || !got.Equal(test.want) {
			t.Errorf("%s: got %v, %v, want %v", test.name, got, err, test.want)
		}
	}
}

func TestTOTPURI_Errors(t *testing.T) {
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
		{"issuer", "", "b", canary, nil, 0, "issuer is empty"},
		{"account name", "A", "", canary, nil, 1, "account name is empty"},
		{"no secret", "A", "b", "", nil, 2, "secret is empty"},
		{"secret", "A", "b", canary + "1", nil, 2, "position 17"},
		{"alg", "A", "b", canary, option("alg", "md5"), 3, "must be sha1, sha256, or sha512"},
		{"alg in upper case", "A", "b", canary, option("alg", "SHA1"), 3, "must be sha1, sha256, or sha512"},
		{"empty alg", "A", "b", canary, option("alg", ""), 3, "must be sha1, sha256, or sha512"},
		{"code_length too small", "A", "b", canary, option("code_length", "2"), 3, "from 3 to 8"},
		{"code_length too large", "A", "b", canary, option("code_length", "9"), 3, "from 3 to 8"},
		{"code_length broken", "A", "b", canary, option("code_length", "6.5"), 3, "from 3 to 8"},
		{"time_step too small", "A", "b", canary, option("time_step", "19"), 3, "from 20 to 60"},
		{"time_step too large", "A", "b", canary, option("time_step", "61"), 3, "from 20 to 60"},
		{"unknown option", "A", "b", canary, option("digits", "6"), 3, "unknown option"},
		{"secret as an option", "A", "b", canary, option(canary, "6"), 3, "unknown option"},
		{"hexadecimal secret", "A", "b", "3132333435363738393031323334353637383930", nil, 2, "it looks hexadecimal"},
		{"two objects", "A", "b", canary, []attr.Value{totpOptions(nil), totpOptions(nil)}, 3, "more than one object"},
	} {
		_, err := callFunction(t, NewURIFunction(), types.StringValue(test.issuer), types.StringValue(test.accountName),
			types.StringValue(test.secret), variadic(types.MapType{ElemType: types.StringType}, test.options...))
		if err == nil || err.FunctionArgument == nil {
			t.Errorf("%s: got %v, want an error on argument %d", test.name, err, test.argument)
			continue
		}
		if *err.FunctionArgument != test.argument || !strings.Contains(err.Text, test.want) || strings.Contains(err.Text, canary) {
			t.Errorf("%s: got %q on argument %d, want %q on argument %d, "+
				"without the secret", test.name, err.Text, *err.FunctionArgument, test.want, test.argument)
		}
	}
}
