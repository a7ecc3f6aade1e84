// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	accountA = "AC0000000000000000000000000000000a"
	accountB = "AC0000000000000000000000000000000b"
	keyA     = "SK0000000000000000000000000000000a"
	keyB     = "SK0000000000000000000000000000000b"
	tokenA   = "token-canary-a"
	tokenB   = "token-canary-b"
	secretA  = "secret-canary-a"
	secretB  = "secret-canary-b"
)

// provided returns the model of a provider block with the attributes.
func provided(attributes map[string]any) providerModel {
	get := func(name string) types.String {
		switch value := attributes[name].(type) {
		case string:
			return types.StringValue(value)
		default:
			return types.StringNull()
		}
	}
	return providerModel{
		AccountSID: get("account_sid"), AuthToken: get("auth_token"), APIKey: get("api_key"), APISecret: get("api_secret"),
		Region: get("region"), Edge: get("edge"), BaseURL: get("base_url"),
	}
}

// environment returns a getenv function for the given variables.
func environment(variables map[string]any) func(string) string {
	return func(name string) string {
		value, _ := variables[name].(string)
		return value
	}
}

func TestProvider_Credentials(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		block, env  map[string]any
		want        shared.Credentials
		wantError   string
		onAttribute string
	}{
		{
			name: "token in the block", block: map[string]any{"account_sid": accountA, "auth_token": tokenA},
			want: shared.Credentials{
				Username: accountA, Password: tokenA, AccountSID: accountA,
				Source: "account_sid and auth_token of the provider block",
			},
		},
		{
			name: "key in the block", block: map[string]any{"api_key": keyA, "api_secret": secretA},
			want: shared.Credentials{Username: keyA, Password: secretA, AccountSID: "", Source: "api_key and api_secret of the provider block"},
		},
		{
			name: "key with an account", block: map[string]any{"api_key": keyA, "api_secret": secretA, "account_sid": accountA},
			want: shared.Credentials{
				Username: keyA, Password: secretA, AccountSID: accountA,
				Source: "api_key and api_secret of the provider block",
			},
		},
		{
			name: "key and token", block: map[string]any{"account_sid": accountA, "auth_token": tokenA, "api_key": keyA, "api_secret": secretA},
			wantError: "The provider block has both an API key and an auth token.", onAttribute: "auth_token",
		},
		{
			name: "token in the environment", env: map[string]any{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			want: shared.Credentials{Username: accountB, Password: tokenB, AccountSID: accountB, Source: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
		},
		{
			name: "key in the environment, over the token there",
			env:  map[string]any{"TWILIO_API_KEY": keyB, "TWILIO_API_SECRET": secretB, "TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			want: shared.Credentials{Username: keyB, Password: secretB, AccountSID: accountB, Source: "TWILIO_API_KEY and TWILIO_API_SECRET"},
		},
		{
			name: "token in the block over a key in the environment", block: map[string]any{"account_sid": accountA, "auth_token": tokenA},
			env: map[string]any{"TWILIO_API_KEY": keyB, "TWILIO_API_SECRET": secretB, "TWILIO_ACCOUNT_SID": accountB},
			want: shared.Credentials{
				Username: accountA, Password: tokenA, AccountSID: accountA,
				Source: "account_sid and auth_token of the provider block",
			},
		},
		{
			name: "the account in both places", block: map[string]any{"account_sid": accountB},
			env:  map[string]any{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			want: shared.Credentials{Username: accountB, Password: tokenB, AccountSID: accountB, Source: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
		},
		{
			name: "an account in the block for a key in the environment", block: map[string]any{"account_sid": accountA},
			env:  map[string]any{"TWILIO_API_KEY": keyB, "TWILIO_API_SECRET": secretB, "TWILIO_ACCOUNT_SID": accountB},
			want: shared.Credentials{Username: keyB, Password: secretB, AccountSID: accountA, Source: "TWILIO_API_KEY and TWILIO_API_SECRET"},
		},
		{
			name: "a token in place of the account", env: map[string]any{"TWILIO_ACCOUNT_SID": tokenA, "TWILIO_AUTH_TOKEN": tokenB},
			wantError: "TWILIO_ACCOUNT_SID must be an Account SID: AC followed by 32 hexadecimal digits. The value is not shown",
		},
		{
			name: "a token in place of the account, next to a key", block: map[string]any{"api_key": keyA, "api_secret": secretA},
			env:       map[string]any{"TWILIO_ACCOUNT_SID": tokenA},
			wantError: "TWILIO_ACCOUNT_SID must be an Account SID",
		},
		{
			name: "a key and its secret swapped", env: map[string]any{"TWILIO_API_KEY": secretA, "TWILIO_API_SECRET": keyA},
			wantError: "TWILIO_API_KEY must be the SID of an API key: SK followed by 32 hexadecimal digits. The value is not shown",
		},
		{
			name: "a key in place of the account", env: map[string]any{"TWILIO_ACCOUNT_SID": keyA, "TWILIO_AUTH_TOKEN": tokenB},
			wantError: "TWILIO_ACCOUNT_SID must be an Account SID: AC followed by 32 hexadecimal digits. " +
				"The value is the SID of an API key, which belongs in api_key or TWILIO_API_KEY, together with the secret of the key.",
		},
		{
			name: "an account in place of the key", env: map[string]any{"TWILIO_API_KEY": accountA, "TWILIO_API_SECRET": tokenB},
			wantError: "The value is an Account SID, which belongs in account_sid or TWILIO_ACCOUNT_SID, together with the auth token.",
		},
		{
			name: "a line break after the token", env: map[string]any{"TWILIO_ACCOUNT_SID": accountA, "TWILIO_AUTH_TOKEN": tokenA + "\n"},
			wantError: "TWILIO_AUTH_TOKEN must be a token or secret without spaces or line breaks.",
		},
		{
			name: "a byte-order mark before the token", env: map[string]any{"TWILIO_ACCOUNT_SID": accountA, "TWILIO_AUTH_TOKEN": "\ufeff" + tokenA},
			wantError: "The value begins with a byte-order mark (U+FEFF)",
		},
		{name: "nothing", wantError: "Set api_key and api_secret, or account_sid and auth_token, in the provider block; " +
			"or set TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, in the environment."},
		{name: "key alone", block: map[string]any{"api_key": keyA}, wantError: "api_key is set in the provider block, " +
			"but api_secret is not.", onAttribute: "api_secret"},
		{name: "secret alone", block: map[string]any{"api_secret": secretA}, wantError: "api_secret is set in the provider block, " +
			"but api_key is not.", onAttribute: "api_key"},
		{name: "token alone", block: map[string]any{"auth_token": tokenA}, wantError: "auth_token is set in the provider block, " +
			"but account_sid is not.", onAttribute: "account_sid"},
		{
			name: "account alone", block: map[string]any{"account_sid": accountA},
			wantError: "account_sid is " + accountA + ", but the provider block has no auth token.", onAttribute: "account_sid",
		},
		{
			name: "key with a token", block: map[string]any{"api_key": keyA, "auth_token": tokenA, "account_sid": accountA},
			wantError: "The provider block has both an API key and an auth token.", onAttribute: "auth_token",
		},
		{
			name: "half a pair in the block, the other half in the environment", block: map[string]any{"api_key": keyA},
			env:       map[string]any{"TWILIO_API_SECRET": secretB},
			wantError: "api_key is set in the provider block, but api_secret is not.", onAttribute: "api_secret",
		},
		{
			name: "half a pair in the block, a whole one in the environment", block: map[string]any{"auth_token": tokenA},
			env:       map[string]any{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			wantError: "auth_token is set in the provider block, but account_sid is not.", onAttribute: "account_sid",
		},
		{
			name: "account in the block, token in the environment", block: map[string]any{"account_sid": accountA},
			env:       map[string]any{"TWILIO_AUTH_TOKEN": tokenB},
			wantError: "An account SID from one source is never combined with a token from another. Set auth_token", onAttribute: "account_sid",
		},
		{
			name: "two accounts", block: map[string]any{"account_sid": accountA},
			env: map[string]any{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			wantError: "account_sid is " + accountA + ", but the provider block has no auth token, " +
				"while TWILIO_ACCOUNT_SID is " + accountB, onAttribute: "account_sid",
		},
		{
			name: "variable of the key alone", env: map[string]any{"TWILIO_API_KEY": keyB},
			wantError: "TWILIO_API_KEY is set in the environment, but TWILIO_API_SECRET is not.",
		},
		{name: "variable of the secret alone", env: map[string]any{"TWILIO_API_SECRET": secretB}, wantError: "TWILIO_API_SECRET is set in the " +
			"environment, but TWILIO_API_KEY is not."},
		{
			name: "variable of the account alone", env: map[string]any{"TWILIO_ACCOUNT_SID": accountB},
			wantError: "TWILIO_ACCOUNT_SID is set in the environment, but TWILIO_AUTH_TOKEN is not.",
		},
		{name: "variable of the token alone", env: map[string]any{"TWILIO_AUTH_TOKEN": tokenB}, wantError: "TWILIO_AUTH_TOKEN is set in the " +
			"environment, but TWILIO_ACCOUNT_SID is not."},
		{
			name: "half a key and a whole token in the environment", env: map[string]any{
				"TWILIO_API_KEY": keyB, "TWILIO_ACCOUNT_SID": accountB,
				"TWILIO_AUTH_TOKEN": tokenB,
			},
			wantError: "TWILIO_API_KEY is set in the environment, but TWILIO_API_SECRET is not.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			got := provided(test.block).credentials(environment(test.env), &diags)
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			expectOneError(t, diags, test.wantError, test.onAttribute)
		})
	}
}

// TestProvider_CredentialsFromOneSource tests every combination of set and unset credentials: a
// pair never combines two sources, the block takes precedence over the environment, and no error
// contains a secret.
func TestProvider_CredentialsFromOneSource(t *testing.T) {
	t.Parallel()
	names := []string{"account_sid", "auth_token", "api_key", "api_secret"}
	here := []string{accountA, tokenA, keyA, secretA}
	there := []string{accountB, tokenB, keyB, secretB}
	whole := map[string]string{accountA: tokenA, keyA: secretA, accountB: tokenB, keyB: secretB}
	for bits := range 1 << 8 {
		block, env := map[string]any{}, map[string]any{}
		for i, name := range names {
			if bits&(1<<i) != 0 {
				block[name] = here[i]
			}
			if bits&(1<<(i+4)) != 0 {
				env["TWILIO_"+strings.ToUpper(name)] = there[i]
			}
		}
		var diags diag.Diagnostics
		got := provided(block).credentials(environment(env), &diags)
		text := fmt.Sprint(diags)
		blockHasSecret := block["auth_token"] != nil || block["api_secret"] != nil
		switch {
		case diags.HasError() == (got != (shared.Credentials{})):
			t.Errorf("%v %v: want either credentials or an error, got %+v, %s", block, env, got, text)
		case got != (shared.Credentials{}) && whole[got.Username] != got.Password:
			t.Errorf("%v %v: %+v combines two sources", block, env, got)
		case got != (shared.Credentials{}) && blockHasSecret && (got.Username == accountB || got.Username == keyB):
			t.Errorf("%v %v: %+v is from the environment, although the block has a secret", block, env, got)
		case strings.Contains(text, "canary"):
			t.Errorf("%v %v: a secret is in the error: %s", block, env, text)
		}
	}
}

func TestProvider_ResolveBaseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		block, env  map[string]any
		want        string
		wantError   string
		onAttribute string
	}{
		{name: "nothing", want: "https://verify.twilio.com"},
		{name: "pair", block: map[string]any{"region": "ie1", "edge": "dublin"}, want: "https://verify.dublin.ie1.twilio.com"},
		{name: "edge alone", block: map[string]any{"edge": "sydney"}, want: "https://verify.sydney.us1.twilio.com"},
		{
			name: "pair in the environment", env: map[string]any{"TWILIO_REGION": "au1", "TWILIO_EDGE": "sydney"},
			want: "https://verify.sydney.au1.twilio.com",
		},
		{
			name: "region here, edge there", block: map[string]any{"region": "jp1"}, env: map[string]any{"TWILIO_EDGE": "tokyo"},
			want: "https://verify.tokyo.jp1.twilio.com",
		},
		{
			name: "the block over the environment", block: map[string]any{"region": "ie1", "edge": "dublin"},
			env: map[string]any{"TWILIO_REGION": "au1", "TWILIO_EDGE": "sydney"}, want: "https://verify.dublin.ie1.twilio.com",
		},
		{name: "base URL", block: map[string]any{"base_url": "https://verify.example.com/prefix"}, want: "https://verify.example.com/prefix"},
		{
			name: "base URL over region", block: map[string]any{"base_url": "http://127.0.0.1:8080", "region": "ie1"},
			want: "http://127.0.0.1:8080",
		},
		{
			name: "region in the block over the base URL in the environment", block: map[string]any{"region": "ie1", "edge": "dublin"},
			env: map[string]any{"TWILIO_VERIFY_BASE_URL": "http://[::1]:8080"}, want: "https://verify.dublin.ie1.twilio.com",
		},
		{
			name: "the base URL in the environment with an empty region and edge in " +
				"the block", block: map[string]any{"region": "", "edge": ""}, env: map[string]any{"TWILIO_VERIFY_BASE_URL": "http://[::1]:8080"},
			want: "http://[::1]:8080",
		},
		{
			name: "base URL in the block over that in the environment", block: map[string]any{"base_url": "http://localhost:1"},
			env: map[string]any{"TWILIO_VERIFY_BASE_URL": "http://localhost:2"}, want: "http://localhost:1",
		},
		{
			name: "region alone", block: map[string]any{"region": "ie1"}, wantError: `the region "ie1" requires an edge: use edge "dublin" with it.`,
			onAttribute: "region",
		},
		{
			name: "region alone, in the environment", env: map[string]any{"TWILIO_REGION": "jp1"},
			wantError: `the region "jp1" requires an edge: use edge "tokyo" with it.`, onAttribute: "region",
		},
		{name: "an unknown region alone", block: map[string]any{"region": "xx1"}, wantError: "Twilio's pairs are ie1 with dublin, " +
			"au1 with sydney, jp1 with tokyo, us1 with ashburn", onAttribute: "region"},
		{
			name: "not part of a host name", block: map[string]any{"region": "ie1", "edge": "evil.example.com/"},
			wantError: "the edge is not one of Twilio's, such as dublin; the value is not shown", onAttribute: "region",
		},
		{
			name: "a secret as the region", block: map[string]any{"region": "canary0123456789abcdef", "edge": "dublin"},
			wantError: "the region is not one of Twilio's", onAttribute: "region",
		},
		{
			name: "a secret as the edge, in the environment", env: map[string]any{"TWILIO_EDGE": "canary0123456789abcdef"},
			wantError: "the edge is not one of Twilio's", onAttribute: "region",
		},
		{name: "clear text", block: map[string]any{"base_url": "http://verify.example.com"}, wantError: "base_url is invalid: http would send " +
			"the credentials to verify.example.com in clear text; use https, or a loopback host.", onAttribute: "base_url"},
		{
			name: "clear text, in the environment", env: map[string]any{"TWILIO_VERIFY_BASE_URL": "http://10.0.0.1"},
			wantError: "TWILIO_VERIFY_BASE_URL is invalid: http would send", onAttribute: "base_url",
		},
		{
			name: "loopback only in name", block: map[string]any{"base_url": "http://127.0.0.1.example.com"}, wantError: "http would send",
			onAttribute: "base_url",
		},
		{
			name: "with a password", block: map[string]any{"base_url": "https://user:canary@verify.example.com"},
			wantError: "must not contain a user name", onAttribute: "base_url",
		},
		{name: "not a URL", block: map[string]any{"base_url": "https://user:canary@ x"}, wantError: "it is not a URL", onAttribute: "base_url"},
		{
			name: "no scheme", block: map[string]any{"base_url": "verify.example.com"}, wantError: "it must begin with https://",
			onAttribute: "base_url",
		},
		{name: "empty", block: map[string]any{"base_url": ""}, wantError: "it must begin with https://", onAttribute: "base_url"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			got := provided(test.block).resolveBaseURL(environment(test.env), &diags)
			expectOneError(t, diags, test.wantError, test.onAttribute)
			if test.wantError == "" && got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if strings.Contains(fmt.Sprint(diags), "canary") {
				t.Errorf("a password is in the error: %v", diags)
			}
		})
	}
}

// TestProvider_RefusesAnotherConfiguration configures one process as Terraform does with -debug, for
// each provider block.
func TestProvider_RefusesAnotherConfiguration(t *testing.T) {
	t.Parallel()
	first := map[string]any{"account_sid": accountA, "auth_token": tokenA, "base_url": "http://127.0.0.1:1"}
	for name, test := range map[string]struct {
		second map[string]any
		ok     bool
	}{
		"the same":           {first, true},
		"another account":    {map[string]any{"account_sid": accountB, "auth_token": tokenB, "base_url": "http://127.0.0.1:1"}, false},
		"another credential": {map[string]any{"api_key": keyA, "api_secret": secretA, "base_url": "http://127.0.0.1:1"}, false},
		"another address":    {map[string]any{"account_sid": accountA, "auth_token": tokenA, "base_url": "http://127.0.0.1:2"}, false},
		"another number of retries": {map[string]any{
			"account_sid": accountA, "auth_token": tokenA, "base_url": "http://127.0.0.1:1",
			"max_retries": 1,
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &twilioProvider{}
			for i, block := range []map[string]any{first, test.second, first} {
				model := provided(block)
				if retries, ok := block["max_retries"].(int); ok {
					model.MaxRetries = types.Int64Value(int64(retries))
				}
				var diags diag.Diagnostics
				data := &shared.ProviderData{}
				p.setUpClient(model, "1.0.0", data, &diags)
				if i == 1 && !test.ok {
					expectOneError(t, diags, "This process already serves a provider block with other settings", "")
				} else if diags.HasError() || data.Client == nil {
					t.Errorf("block %d: %v", i, diags)
				}
				if text := fmt.Sprint(diags); strings.Contains(text, "canary") {
					t.Errorf("a secret is in the error: %s", text)
				}
			}
		})
	}
}

// expectOneError checks that there is one error with the text on the attribute, or none if the text
// is empty.
func expectOneError(t *testing.T, diags diag.Diagnostics, text, attribute string) {
	t.Helper()
	if text == "" {
		if diags.HasError() {
			t.Errorf("unexpected: %v", diags)
		}
		return
	}
	if len(diags) != 1 || !strings.Contains(diags[0].Detail(), text) {
		t.Fatalf("got %v, want one with %q", diags, text)
	}
	at := ""
	if d, ok := diags[0].(diag.DiagnosticWithPath); ok && !d.Path().Equal(path.Empty()) {
		at = d.Path().String()
	}
	if at != attribute {
		t.Errorf("it is on attribute %q, want %q", at, attribute)
	}
}

func TestCredentialValidator_ByteOrderMark(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]credentialForm{"account_sid": accountSIDForm, "api_key": apiKeyForm, "auth_token": secretForm} {
		resp := &validator.StringResponse{}
		form.validator().ValidateString(t.Context(), validator.StringRequest{
			Path: path.Root(name), ConfigValue: types.StringValue("\ufeff0123456789abcdef0123456789abcdef"),
		}, resp)
		if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail(), "The value begins with a byte-order mark (U+FEFF)") ||
			strings.Contains(resp.Diagnostics[0].Detail(), "0123456789abcdef0123456789abcdef") {
			t.Errorf("%s: got %v", name, resp.Diagnostics)
		}
	}
}
