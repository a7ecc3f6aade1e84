// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
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

// values are attributes of a provider block, or environment variables.
type values map[string]any

// here are credentials in the provider block, and there are others in the environment.
var (
	here  = values{"account_sid": accountA, "auth_token": tokenA, "api_key": keyA, "api_secret": secretA}
	there = values{
		"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB, "TWILIO_API_KEY": keyB, "TWILIO_API_SECRET": secretB,
	}
)

// only returns the values with these names.
func (v values) only(names string) values {
	some := values{}
	for name := range strings.FieldsSeq(names) {
		some[name] = v[name]
	}
	return some
}

// provided returns the model of a provider block.
func provided(block values) providerModel {
	get := func(name string) types.String {
		if value, ok := block[name].(string); ok {
			return types.StringValue(value)
		}
		return types.StringNull()
	}
	retries := types.Int64Null()
	if n, ok := block["max_retries"].(int); ok {
		retries = types.Int64Value(int64(n))
	}
	return providerModel{
		AccountSID: get("account_sid"), AuthToken: get("auth_token"), APIKey: get("api_key"), APISecret: get("api_secret"),
		Region: get("region"), Edge: get("edge"), BaseURL: get("base_url"), MaxRetries: retries,
	}
}

// environment returns a getenv function for the given variables.
func environment(variables values) func(string) string {
	return func(name string) string {
		value, _ := variables[name].(string)
		return value
	}
}

func TestProvider_Credentials(t *testing.T) {
	t.Parallel()
	const (
		inBlock      = " of the provider block"
		tokenInBlock = accountA + " " + tokenA + " of " + accountA + ", account_sid and auth_token" + inBlock
		keyInEnv     = keyB + " " + secretB + " of %s, TWILIO_API_KEY and TWILIO_API_SECRET"
		tokenInEnv   = accountB + " " + tokenB + " of " + accountB + ", TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"

		incomplete = "Error %[1]s: …%[2]s is set in the provider block, but %[1]s is not.…"
		halfInEnv  = "Error: …%s is set in the environment, but %s is not.…"
		both       = "Error auth_token: …The provider block has both an API key and an auth token.…"
		noToken    = "Error account_sid: …account_sid is " + accountA + ", but the provider block has no auth token"
	)
	for _, test := range []struct{ name, block, env, want string }{
		{"token in the block", "account_sid auth_token", "", tokenInBlock},
		{"key in the block", "api_key api_secret", "", keyA + " " + secretA + " of , api_key and api_secret" + inBlock},
		{
			"key with an account", "api_key api_secret account_sid", "",
			keyA + " " + secretA + " of " + accountA + ", api_key and api_secret" + inBlock,
		},
		{"key and token", "account_sid auth_token api_key api_secret", "", both},
		{"token in the environment", "", "TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN", tokenInEnv},
		{
			"key in the environment, over the token there", "",
			"TWILIO_API_KEY TWILIO_API_SECRET TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN", fmt.Sprintf(keyInEnv, accountB),
		},
		{
			"token in the block over a key in the environment", "account_sid auth_token",
			"TWILIO_API_KEY TWILIO_API_SECRET TWILIO_ACCOUNT_SID", tokenInBlock,
		},
		{
			"an account in the block for a key in the environment", "account_sid",
			"TWILIO_API_KEY TWILIO_API_SECRET TWILIO_ACCOUNT_SID", fmt.Sprintf(keyInEnv, accountA),
		},
		{
			"nothing", "", "", "Error: …Set api_key and api_secret, or account_sid and auth_token, in the provider block; " +
				"or set TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, in the environment.…",
		},
		{"key alone", "api_key", "", fmt.Sprintf(incomplete, "api_secret", "api_key")},
		{"secret alone", "api_secret", "", fmt.Sprintf(incomplete, "api_key", "api_secret")},
		{"token alone", "auth_token", "", fmt.Sprintf(incomplete, "account_sid", "auth_token")},
		{"account alone", "account_sid", "", noToken + "…"},
		{"key with a token", "api_key auth_token account_sid", "", both},
		{"half a pair here, half there", "api_key", "TWILIO_API_SECRET", fmt.Sprintf(incomplete, "api_secret", "api_key")},
		{
			"half a pair here, a whole one there", "auth_token", "TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN",
			fmt.Sprintf(incomplete, "account_sid", "auth_token"),
		},
		{
			"account here, token there", "account_sid", "TWILIO_AUTH_TOKEN",
			noToken + "…An account SID from one source is never combined with a token from another. Set auth_token…",
		},
		{
			"two accounts", "account_sid", "TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN",
			noToken + ", while TWILIO_ACCOUNT_SID is " + accountB + "…",
		},
		{"variable of the key alone", "", "TWILIO_API_KEY", fmt.Sprintf(halfInEnv, "TWILIO_API_KEY", "TWILIO_API_SECRET")},
		{"variable of the secret alone", "", "TWILIO_API_SECRET", fmt.Sprintf(halfInEnv, "TWILIO_API_SECRET", "TWILIO_API_KEY")},
		{"variable of the account alone", "", "TWILIO_ACCOUNT_SID", fmt.Sprintf(halfInEnv, "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")},
		{"variable of the token alone", "", "TWILIO_AUTH_TOKEN", fmt.Sprintf(halfInEnv, "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID")},
		{
			"half a key and a whole token in the environment", "", "TWILIO_API_KEY TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN",
			fmt.Sprintf(halfInEnv, "TWILIO_API_KEY", "TWILIO_API_SECRET"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outcome.Expect(t, credentials(t, here.only(test.block), there.only(test.env)), test.want)
		})
	}
	outcome.Expect(t, credentials(t, values{"account_sid": accountB}, there.only("TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN")), tokenInEnv)
}

// credentials returns the resolved credentials and the diagnostics.
func credentials(t *testing.T, block, env values) string {
	t.Helper()
	var diags diag.Diagnostics
	c := provided(block).credentials(environment(env), &diags)
	if c == (shared.Credentials{}) {
		return report(t, diags)
	}
	return fmt.Sprintf("%s %s of %s, %s", c.Username, c.Password, c.AccountSID, c.Source) + report(t, diags)
}

// TestProvider_CredentialsInvalid tests values that cannot be what their variable is for.
func TestProvider_CredentialsInvalid(t *testing.T) {
	t.Parallel()
	const notAccount = "Error: …TWILIO_ACCOUNT_SID must be an Account SID: AC followed by 32 hexadecimal digits. "
	for env, want := range map[string]string{
		"TWILIO_ACCOUNT_SID=" + tokenA + " TWILIO_AUTH_TOKEN=" + tokenB: notAccount + "The value is not shown…",
		"TWILIO_API_KEY=" + secretA + " TWILIO_API_SECRET=" + keyA: "Error: …TWILIO_API_KEY must be the SID of an API key: " +
			"SK followed by 32 hexadecimal digits. The value is not shown…",
		"TWILIO_ACCOUNT_SID=" + keyA + " TWILIO_AUTH_TOKEN=" + tokenB: notAccount +
			"The value is the SID of an API key, which belongs in api_key or TWILIO_API_KEY, together with the secret of the key.",
		"TWILIO_API_KEY=" + accountA + " TWILIO_API_SECRET=" + tokenB: "Error: …" +
			"The value is an Account SID, which belongs in account_sid or TWILIO_ACCOUNT_SID, together with the auth token.",
		"TWILIO_ACCOUNT_SID=" + accountA + " TWILIO_AUTH_TOKEN=\ufeff" + tokenA: "Error: …The value begins with a byte-order mark (U+FEFF)…",
	} {
		outcome.Expect(t, credentials(t, nil, given(env)), want)
	}
	outcome.Expect(t, credentials(t, nil, values{"TWILIO_ACCOUNT_SID": accountA, "TWILIO_AUTH_TOKEN": tokenA + "\n"}),
		"Error: …TWILIO_AUTH_TOKEN must be a token or secret without spaces or line breaks.…")
	outcome.Expect(t, credentials(t, here.only("api_key api_secret"), given("TWILIO_ACCOUNT_SID="+tokenA)), notAccount+"…")
}

// TestProvider_CredentialsFromOneSource tests every combination of set and unset credentials: a
// pair never combines two sources, the block takes precedence over the environment, and no error
// contains a secret.
func TestProvider_CredentialsFromOneSource(t *testing.T) {
	t.Parallel()
	whole := map[string]string{accountA: tokenA, keyA: secretA, accountB: tokenB, keyB: secretB}
	for bits := range 1 << 8 {
		block, env := values{}, values{}
		for i, name := range []string{"account_sid", "auth_token", "api_key", "api_secret"} {
			if bits&(1<<i) != 0 {
				block[name] = here[name]
			}
			if variable := "TWILIO_" + strings.ToUpper(name); bits&(1<<(i+4)) != 0 {
				env[variable] = there[variable]
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

// given returns values from text such as "region=ie1 edge=dublin".
func given(text string) values {
	v := values{}
	for pair := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(pair, "=")
		v[name] = value
	}
	return v
}

func TestProvider_ResolveBaseURL(t *testing.T) {
	t.Parallel()
	const (
		otherRegion = "Warning region: Verify may not be available in this region: …"
		noEdge      = "Error region: …the region %q requires an edge: use edge %q with it.…"
		noScheme    = "Error base_url: …it must begin with https://…"
		clearText   = "Error base_url: …%s is invalid: http would send the credentials to %s in clear text; use https, or a loopback host.…"
		loopback    = "TWILIO_VERIFY_BASE_URL=http://[::1]:8080"
	)
	for _, test := range []struct{ block, env, want string }{
		{"", "", "https://verify.twilio.com"},
		{"region=ie1 edge=dublin", "", "https://verify.dublin.ie1.twilio.com" + otherRegion},
		{"edge=sydney", "", "https://verify.sydney.us1.twilio.com"},
		{"", "TWILIO_REGION=au1 TWILIO_EDGE=sydney", "https://verify.sydney.au1.twilio.com" + otherRegion},
		{"region=jp1", "TWILIO_EDGE=tokyo", "https://verify.tokyo.jp1.twilio.com" + otherRegion},
		{"region=ie1 edge=dublin", "TWILIO_REGION=au1 TWILIO_EDGE=sydney", "https://verify.dublin.ie1.twilio.com" + otherRegion},
		{"base_url=https://verify.example.com/prefix", "", "https://verify.example.com/prefix"},
		{"base_url=http://127.0.0.1:8080 region=ie1", "", "http://127.0.0.1:8080"},
		{"region=ie1", "TWILIO_EDGE=dublin " + loopback, "https://verify.dublin.ie1.twilio.com" + otherRegion},
		{"edge=sydney", loopback, "https://verify.sydney.us1.twilio.com"},
		{"region= edge=", loopback, "http://[::1]:8080"},
		{"base_url=http://localhost:1", loopback, "http://localhost:1"},
		{"region=ie1", "", fmt.Sprintf(noEdge, "ie1", "dublin")},
		{"", "TWILIO_REGION=jp1", fmt.Sprintf(noEdge, "jp1", "tokyo")},
		{"region=xx1", "", "Error region: …Twilio's pairs are ie1 with dublin, au1 with sydney, jp1 with tokyo, us1 with ashburn…"},
		{"region=ie1 edge=evil.example.com/", "", "Error region: …the edge is not one of Twilio's, such as dublin; the value is not shown…"},
		{"region=canary0123456789abcdef edge=dublin", "", "Error region: …the region is not one of Twilio's…"},
		{"", "TWILIO_EDGE=canary0123456789abcdef", "Error region: …the edge is not one of Twilio's…"},
		{"base_url=http://verify.example.com", "", fmt.Sprintf(clearText, "base_url", "verify.example.com")},
		{"", "TWILIO_VERIFY_BASE_URL=http://10.0.0.1", fmt.Sprintf(clearText, "TWILIO_VERIFY_BASE_URL", "10.0.0.1")},
		{"base_url=http://127.0.0.1.example.com", "", fmt.Sprintf(clearText, "base_url", "127.0.0.1.example.com")},
		{"base_url=https://user:canary@verify.example.com", "", "Error base_url: …must not contain a user name…"},
		{"base_url=https://user:canary@%zz", "", "Error base_url: …it is not a URL…"},
		{"base_url=verify.example.com", "", noScheme},
		{"base_url=", "", noScheme},
	} {
		t.Run(test.block+", "+test.env, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			got := provided(given(test.block)).resolveBaseURL(environment(given(test.env)), &diags)
			if diags.HasError() {
				got = ""
			}
			outcome.Expect(t, got+report(t, diags), test.want)
		})
	}
}

// TestProvider_RefusesAnotherConfiguration configures one process as Terraform does with -debug, for
// each provider block.
func TestProvider_RefusesAnotherConfiguration(t *testing.T) {
	t.Parallel()
	const refused = "Error: …This process already serves a provider block with other settings…"
	configured := func(changed values) values {
		block := values{"account_sid": accountA, "auth_token": tokenA, "base_url": "http://127.0.0.1:1"}
		maps.Copy(block, changed)
		return block
	}
	for name, test := range map[string]struct {
		second values
		want   string
	}{
		"the same":                  {configured(nil), ""},
		"another account":           {configured(values{"account_sid": accountB, "auth_token": tokenB}), refused},
		"another credential":        {values{"api_key": keyA, "api_secret": secretA, "base_url": "http://127.0.0.1:1"}, refused},
		"another address":           {configured(values{"base_url": "http://127.0.0.1:2"}), refused},
		"another number of retries": {configured(values{"max_retries": 1}), refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &twilioProvider{}
			for i, want := range []string{"", test.want, ""} {
				var diags diag.Diagnostics
				data := &shared.ProviderData{}
				p.setUpClient(provided([]values{configured(nil), test.second, configured(nil)}[i]), "1.0.0", data, &diags)
				outcome.Expect(t, report(t, diags), want)
				if (data.Client == nil) != (want != "") {
					t.Errorf("block %d: the client is %v", i, data.Client)
				}
			}
		})
	}
}

// report returns the diagnostics, none of which may contain a secret.
func report(t *testing.T, diags diag.Diagnostics) string {
	t.Helper()
	text := outcome.Of(diags)
	if strings.Contains(text, "canary") {
		t.Errorf("a secret is in the message: %s", text)
	}
	return text
}

func TestCredentialValidator_ByteOrderMark(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]credentialForm{"account_sid": accountSIDForm, "api_key": apiKeyForm, "auth_token": secretForm} {
		resp := &validator.StringResponse{}
		form.validator().ValidateString(t.Context(), validator.StringRequest{
			Path: path.Root(name), ConfigValue: types.StringValue("\ufeffcanary0123456789abcdef"),
		}, resp)
		outcome.Expect(t, report(t, resp.Diagnostics), "Error "+name+": …The value begins with a byte-order mark (U+FEFF)…")
	}
}
