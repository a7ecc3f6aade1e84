// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

// call runs a function whose result has the type of unknown. It returns the result, or the error with
// the number of its argument.
func call(t *testing.T, f function.Function, unknown attr.Value, arguments ...attr.Value) string {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(unknown)}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	if resp.Error != nil {
		return fmt.Sprintf("argument %d: %s", *resp.Error.FunctionArgument, resp.Error.Text)
	}
	if value, ok := resp.Result.Value().(types.String); ok && !value.IsNull() {
		return value.ValueString()
	}
	return resp.Result.Value().String()
}

// checkNullable checks that every parameter of a function accepts null: Terraform itself refuses
// null for one that does not, before it calls the function.
func checkNullable(t *testing.T, f function.Function) {
	t.Helper()
	var resp function.DefinitionResponse
	f.Definition(t.Context(), function.DefinitionRequest{}, &resp)
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

// text returns a text; nil is null.
func text(value any) attr.Value {
	if s, ok := value.(string); ok {
		return types.StringValue(s)
	}
	return types.StringNull()
}

// options returns the options of a URI from alternating names and values.
func options(pairs ...any) attr.Value {
	values := map[string]attr.Value{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i].(string)] = text(pairs[i+1])
	}
	return types.MapValueMust(types.StringType, values)
}

func callURI(t *testing.T, issuer, accountName, secret any, options ...attr.Value) string {
	t.Helper()
	return call(t, NewURIFunction(), types.StringUnknown(), text(issuer), text(accountName), text(secret),
		variadic(types.MapType{ElemType: types.StringType}, options...))
}

func TestTOTPURI_TwilioForm(t *testing.T) {
	t.Parallel()
	checkNullable(t, NewURIFunction())
	const (
		secret   = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
		defaults = `otpauth://totp/A:b?secret=` + secret + `&issuer=A&algorithm=SHA1&digits=6&period=30`
		null     = "<null>"
	)
	none := types.MapNull(types.StringType)
	for _, test := range []struct {
		name                        string
		issuer, accountName, secret any
		options                     []attr.Value
		want                        string
	}{
		{
			"documented by Twilio", "test-issuer", "John’s Account Name", secret, nil,
			`otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name?secret=` + secret + `&issuer=test-issuer&algorithm=SHA1&digits=6&period=30`,
		},
		{
			"every option", "ACME Co", "robot", secret,
			[]attr.Value{options("alg", "sha512", "code_length", "8", "time_step", "60")},
			`otpauth://totp/ACME%20Co:robot?secret=` + secret + `&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60`,
		},
		{
			"lowest values", "A", "b", secret,
			[]attr.Value{options("alg", "sha256", "code_length", "3", "time_step", "20")},
			`otpauth://totp/A:b?secret=` + secret + `&issuer=A&algorithm=SHA256&digits=3&period=20`,
		},
		{"null options", "A", "b", secret, []attr.Value{options("alg", nil, "code_length", nil, "time_step", nil)}, defaults},
		{"empty options", "A", "b", secret, []attr.Value{options()}, defaults},
		{"null in place of options", "A", "b", secret, []attr.Value{none}, defaults},
		{"secret in lower case and padded", "A", "b", "mfrggza=", nil, strings.Replace(defaults, secret, "MFRGGZA", 1)},
		{"null issuer", nil, "b", secret, nil, null},
		{"null account name", "A", nil, secret, nil, null},
		{"null secret", "A", "b", nil, nil, null},
		{"null secret next to an empty issuer", "", "b", nil, nil, null},
		{"null everywhere", nil, nil, nil, []attr.Value{none}, null},
	} {
		outcome.Expect(t, callURI(t, test.issuer, test.accountName, test.secret, test.options...), test.want)
	}
}

func TestTOTPURI_Errors(t *testing.T) {
	t.Parallel()
	const (
		canary    = "GEZDGNBVGY3TQOJQ"
		wrongAlg  = "argument 3: …must be sha1, sha256, or sha512…"
		wrongCode = "argument 3: …from 3 to 8…"
		wrongStep = "argument 3: …from 20 to 60…"
	)
	for _, test := range []struct {
		issuer, accountName, secret string
		options                     []attr.Value
		want                        string
	}{
		{"", "b", canary, nil, "argument 0: …issuer is empty…"},
		{"A", "", canary, nil, "argument 1: …account name is empty…"},
		{"A", "b", "", nil, "argument 2: …secret is empty…"},
		{"A", "b", canary + "1", nil, "argument 2: …position 17…"},
		{"A", "b", "3132333435363738393031323334353637383930", nil, "argument 2: …it looks hexadecimal…"},
		{"A", "b", canary, []attr.Value{options("alg", "md5")}, wrongAlg},
		{"A", "b", canary, []attr.Value{options("alg", "SHA1")}, wrongAlg},
		{"A", "b", canary, []attr.Value{options("alg", "")}, wrongAlg},
		{"A", "b", canary, []attr.Value{options("code_length", "2")}, wrongCode},
		{"A", "b", canary, []attr.Value{options("code_length", "9")}, wrongCode},
		{"A", "b", canary, []attr.Value{options("code_length", "6.5")}, wrongCode},
		{"A", "b", canary, []attr.Value{options("time_step", "19")}, wrongStep},
		{"A", "b", canary, []attr.Value{options("time_step", "61")}, wrongStep},
		{"A", "b", canary, []attr.Value{options("digits", "6")}, "argument 3: …unknown option…"},
		{"A", "b", canary, []attr.Value{options(canary, "6")}, "argument 3: …unknown option…"},
		{"A", "b", canary, []attr.Value{options(), options()}, "argument 3: …more than one object…"},
	} {
		got := callURI(t, test.issuer, test.accountName, test.secret, test.options...)
		outcome.Expect(t, got, test.want)
		if strings.Contains(got, canary) {
			t.Errorf("the secret is in the error: %s", got)
		}
	}
}
