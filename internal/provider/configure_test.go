// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
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

// provided is a provider block.
func provided(attributes attributes) providerModel {
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

// environment is a getenv of its own.
func environment(variables attributes) func(string) string {
	return func(name string) string {
		value, _ := variables[name].(string)
		return value
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		block, env  attributes
		want        credentials
		wantError   string
		onAttribute string
	}{
		{name: "token in the block", block: attributes{"account_sid": accountA, "auth_token": tokenA}, want: credentials{accountA, tokenA, accountA, "account_sid and auth_token of the provider block"}},
		{name: "key in the block", block: attributes{"api_key": keyA, "api_secret": secretA}, want: credentials{keyA, secretA, "", "api_key and api_secret of the provider block"}},
		{
			name: "key with an account", block: attributes{"api_key": keyA, "api_secret": secretA, "account_sid": accountA},
			want: credentials{keyA, secretA, accountA, "api_key and api_secret of the provider block"},
		},
		{
			name: "key before token", block: attributes{"account_sid": accountA, "auth_token": tokenA, "api_key": keyA, "api_secret": secretA},
			want: credentials{keyA, secretA, accountA, "api_key and api_secret of the provider block"},
		},
		{
			name: "token in the environment", env: attributes{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			want: credentials{accountB, tokenB, accountB, "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
		},
		{
			name: "key in the environment, before the token there",
			env:  attributes{"TWILIO_API_KEY": keyB, "TWILIO_API_SECRET": secretB, "TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			want: credentials{keyB, secretB, accountB, "TWILIO_API_KEY and TWILIO_API_SECRET"},
		},
		{
			name: "token in the block before a key in the environment", block: attributes{"account_sid": accountA, "auth_token": tokenA},
			env:  attributes{"TWILIO_API_KEY": keyB, "TWILIO_API_SECRET": secretB, "TWILIO_ACCOUNT_SID": accountB},
			want: credentials{accountA, tokenA, accountA, "account_sid and auth_token of the provider block"},
		},
		{
			name: "the account in both places", block: attributes{"account_sid": accountB},
			env:  attributes{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			want: credentials{accountB, tokenB, accountB, "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
		},
		{
			name: "an account in the block for a key in the environment", block: attributes{"account_sid": accountA},
			env:  attributes{"TWILIO_API_KEY": keyB, "TWILIO_API_SECRET": secretB, "TWILIO_ACCOUNT_SID": accountB},
			want: credentials{keyB, secretB, accountA, "TWILIO_API_KEY and TWILIO_API_SECRET"},
		},
		{
			name: "a token in the place of the account", env: attributes{"TWILIO_ACCOUNT_SID": tokenA, "TWILIO_AUTH_TOKEN": tokenB},
			wantError: "TWILIO_ACCOUNT_SID must be an Account SID: AC and 32 hexadecimal digits. The value is not shown",
		},
		{
			name: "a token in the place of the account, beside a key", block: attributes{"api_key": keyA, "api_secret": secretA}, env: attributes{"TWILIO_ACCOUNT_SID": tokenA},
			wantError: "TWILIO_ACCOUNT_SID must be an Account SID",
		},
		{
			name: "a key and its secret in each other's place", env: attributes{"TWILIO_API_KEY": secretA, "TWILIO_API_SECRET": keyA},
			wantError: "TWILIO_API_KEY must be the SID of an API key: SK and 32 hexadecimal digits. The value is not shown",
		},
		{
			name: "a line break after the token", env: attributes{"TWILIO_ACCOUNT_SID": accountA, "TWILIO_AUTH_TOKEN": tokenA + "\n"},
			wantError: "TWILIO_AUTH_TOKEN must be a token or secret without spaces and line breaks.",
		},
		{name: "nothing", wantError: "Set api_key and api_secret, or account_sid and auth_token, in the provider block; or set TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, in the environment."},
		{name: "key alone", block: attributes{"api_key": keyA}, wantError: "api_key is set in the provider block, but api_secret is not.", onAttribute: "api_secret"},
		{name: "secret alone", block: attributes{"api_secret": secretA}, wantError: "api_secret is set in the provider block, but api_key is not.", onAttribute: "api_key"},
		{name: "token alone", block: attributes{"auth_token": tokenA}, wantError: "auth_token is set in the provider block, but account_sid is not.", onAttribute: "account_sid"},
		{name: "account alone", block: attributes{"account_sid": accountA}, wantError: "account_sid is " + accountA + ", and no auth token is set beside it in the provider block.", onAttribute: "account_sid"},
		{
			name: "key with a token", block: attributes{"api_key": keyA, "auth_token": tokenA, "account_sid": accountA},
			wantError: "api_key is set in the provider block, but api_secret is not.", onAttribute: "api_secret",
		},
		{
			name: "half a pair in the block, the other in the environment", block: attributes{"api_key": keyA}, env: attributes{"TWILIO_API_SECRET": secretB},
			wantError: "api_key is set in the provider block, but api_secret is not.", onAttribute: "api_secret",
		},
		{
			name: "half a pair in the block, a whole one in the environment", block: attributes{"auth_token": tokenA},
			env:       attributes{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			wantError: "auth_token is set in the provider block, but account_sid is not.", onAttribute: "account_sid",
		},
		{
			name: "account in the block, token in the environment", block: attributes{"account_sid": accountA}, env: attributes{"TWILIO_AUTH_TOKEN": tokenB},
			wantError: "A token from one source is not used with an account from another: set auth_token", onAttribute: "account_sid",
		},
		{
			name: "two accounts", block: attributes{"account_sid": accountA}, env: attributes{"TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
			wantError: "account_sid is " + accountA + ", and no auth token is set beside it in the provider block, while TWILIO_ACCOUNT_SID is " + accountB, onAttribute: "account_sid",
		},
		{name: "variable of the key alone", env: attributes{"TWILIO_API_KEY": keyB}, wantError: "TWILIO_API_KEY is set in the environment, but TWILIO_API_SECRET is not."},
		{name: "variable of the secret alone", env: attributes{"TWILIO_API_SECRET": secretB}, wantError: "TWILIO_API_SECRET is set in the environment, but TWILIO_API_KEY is not."},
		{name: "variable of the account alone", env: attributes{"TWILIO_ACCOUNT_SID": accountB}, wantError: "TWILIO_ACCOUNT_SID is set in the environment, but TWILIO_AUTH_TOKEN is not."},
		{name: "variable of the token alone", env: attributes{"TWILIO_AUTH_TOKEN": tokenB}, wantError: "TWILIO_AUTH_TOKEN is set in the environment, but TWILIO_ACCOUNT_SID is not."},
		{
			name: "half a key and a whole token in the environment", env: attributes{"TWILIO_API_KEY": keyB, "TWILIO_ACCOUNT_SID": accountB, "TWILIO_AUTH_TOKEN": tokenB},
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

// expectOneError checks for an error with that text on that attribute; for none
// if the text is empty.
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

// TestCredentialsOfOneSource goes through every combination of what is set and
// what is not: a pair is never put together from two sources, the block goes
// before the environment, and no error has a secret in it.
func TestCredentialsOfOneSource(t *testing.T) {
	t.Parallel()
	names := []string{"account_sid", "auth_token", "api_key", "api_secret"}
	here := []string{accountA, tokenA, keyA, secretA}
	there := []string{accountB, tokenB, keyB, secretB}
	whole := map[string]string{accountA: tokenA, keyA: secretA, accountB: tokenB, keyB: secretB}
	for bits := range 1 << 8 {
		block, env := attributes{}, attributes{}
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
		case diags.HasError() == (got != credentials{}):
			t.Errorf("%v %v: both or neither of credentials and an error: %+v, %s", block, env, got, text)
		case got != credentials{} && whole[got.username] != got.password:
			t.Errorf("%v %v: %+v is put together from two sources", block, env, got)
		case got != credentials{} && blockHasSecret && (got.username == accountB || got.username == keyB):
			t.Errorf("%v %v: %+v is from the environment, although the block has a secret", block, env, got)
		case strings.Contains(text, "canary"):
			t.Errorf("%v %v: a secret is in the error: %s", block, env, text)
		}
	}
}

func TestResolveBaseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		block, env  attributes
		want        string
		wantError   string
		onAttribute string
	}{
		{name: "nothing", want: "https://verify.twilio.com"},
		{name: "pair", block: attributes{"region": "ie1", "edge": "dublin"}, want: "https://verify.dublin.ie1.twilio.com"},
		{name: "edge alone", block: attributes{"edge": "sydney"}, want: "https://verify.sydney.us1.twilio.com"},
		{name: "pair of the environment", env: attributes{"TWILIO_REGION": "au1", "TWILIO_EDGE": "sydney"}, want: "https://verify.sydney.au1.twilio.com"},
		{name: "region here, edge there", block: attributes{"region": "jp1"}, env: attributes{"TWILIO_EDGE": "tokyo"}, want: "https://verify.tokyo.jp1.twilio.com"},
		{name: "the block before the environment", block: attributes{"region": "ie1", "edge": "dublin"}, env: attributes{"TWILIO_REGION": "au1", "TWILIO_EDGE": "sydney"}, want: "https://verify.dublin.ie1.twilio.com"},
		{name: "base URL", block: attributes{"base_url": "https://verify.example.com/prefix"}, want: "https://verify.example.com/prefix"},
		{name: "base URL before region", block: attributes{"base_url": "http://127.0.0.1:8080", "region": "ie1"}, want: "http://127.0.0.1:8080"},
		{name: "base URL of the environment before the region", block: attributes{"region": "ie1", "edge": "dublin"}, env: attributes{"TWILIO_VERIFY_BASE_URL": "http://[::1]:8080"}, want: "http://[::1]:8080"},
		{name: "base URL of the block before that of the environment", block: attributes{"base_url": "http://localhost:1"}, env: attributes{"TWILIO_VERIFY_BASE_URL": "http://localhost:2"}, want: "http://localhost:1"},
		{name: "region alone", block: attributes{"region": "ie1"}, wantError: `The region "ie1" needs an edge: use edge "dublin" with it.`, onAttribute: "region"},
		{name: "region alone, in the environment", env: attributes{"TWILIO_REGION": "jp1"}, wantError: `The region "jp1" needs an edge: use edge "tokyo" with it.`, onAttribute: "region"},
		{name: "an unknown region alone", block: attributes{"region": "xx1"}, wantError: "Twilio's pairs are ie1 with dublin, au1 with sydney, jp1 with tokyo, us1 with ashburn", onAttribute: "region"},
		{name: "no part of a host name", block: attributes{"region": "ie1", "edge": "evil.example.com/"}, wantError: "cannot be part of a host name", onAttribute: "region"},
		{name: "in the clear", block: attributes{"base_url": "http://verify.example.com"}, wantError: "base_url cannot be used: http would send the credentials in the clear", onAttribute: "base_url"},
		{name: "in the clear, in the environment", env: attributes{"TWILIO_VERIFY_BASE_URL": "http://10.0.0.1"}, wantError: "TWILIO_VERIFY_BASE_URL cannot be used: http would send", onAttribute: "base_url"},
		{name: "loopback only in name", block: attributes{"base_url": "http://127.0.0.1.example.com"}, wantError: "http would send", onAttribute: "base_url"},
		{name: "with a password", block: attributes{"base_url": "https://user:canary@verify.example.com"}, wantError: "must not hold a user name", onAttribute: "base_url"},
		{name: "not a URL", block: attributes{"base_url": "https://user:canary@ x"}, wantError: "it is not a URL", onAttribute: "base_url"},
		{name: "no scheme", block: attributes{"base_url": "verify.example.com"}, wantError: "it must begin with https://", onAttribute: "base_url"},
		{name: "empty", block: attributes{"base_url": ""}, wantError: "it must begin with https://", onAttribute: "base_url"},
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

func providerBlock(lines ...string) string {
	return "provider \"twilio\" {\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// TestProviderConfiguration goes through Terraform: errors before any request,
// and the credentials and the user agent that arrive.
func TestProviderConfiguration(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	baseURL := fmt.Sprintf("base_url = %q", mock.url)
	token := fmt.Sprintf("auth_token = %q", verifymock.DefaultAuthToken)
	refused := func(want string, lines ...string) resource.TestStep {
		return resource.TestStep{Config: providerBlock(lines...) + totpFactor, PlanOnly: true, ExpectError: words(want)}
	}
	accepted := providerBlock(baseURL, fmt.Sprintf("api_key = %q", verifymock.DefaultAPIKey), fmt.Sprintf("api_secret = %q", verifymock.DefaultAPISecret)) + totpFactor
	runSteps(t,
		refused("No Twilio credentials", baseURL),
		refused("account_sid is not. Set both there, or neither.", baseURL, token),
		refused(`account_sid must be an Account SID: AC and 32 hexadecimal digits. The value is not shown`, baseURL, token, `account_sid = "x"`),
		refused(`api_key must be the SID of an API key: SK and 32 hexadecimal digits. The value is not shown`, baseURL, `api_secret = "x"`, `api_key = "y"`),
		refused(`The region "ie1" needs an edge: use edge "dublin" with it`, token, fmt.Sprintf("account_sid = %q", accountA), `region = "ie1"`),
		refused(`Write a positive duration with a unit, such as 45s or 2m`, baseURL, `request_timeout = "30"`),
		refused(`Write a positive duration with a unit, such as 45s or 2m`, baseURL, `request_timeout = "-1s"`),
		refused(`between 0 and 20`, baseURL, `max_retries = 21`),
		resource.TestStep{
			Config: accepted,
			Check: func(*terraform.State) error {
				mock.expectRequests(t, func(r verifymock.Request) error {
					user, password, _ := basicAuth(r)
					if user != verifymock.DefaultAPIKey || password != verifymock.DefaultAPISecret {
						return fmt.Errorf("the credentials are of %q", user)
					}
					if agent := r.Header.Get("User-Agent"); !regexp.MustCompile(`^terraform-provider-twilio/test \(Terraform [0-9.]+\S*\)$`).MatchString(agent) {
						return fmt.Errorf("the user agent is %q", agent)
					}
					return nil
				})
				mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationCreate: 1})
				return nil
			},
		},
	)
}

// expectRequests checks each request; there must be one.
func (m *mock) expectRequests(t *testing.T, check func(verifymock.Request) error) {
	t.Helper()
	requests := m.Requests()
	if len(requests) == 0 {
		t.Error("the server received nothing")
	}
	for _, r := range requests {
		if err := check(r); err != nil {
			t.Errorf("%s: %v", r.Operation, err)
		}
	}
}

func basicAuth(r verifymock.Request) (user, password string, ok bool) {
	return (&http.Request{Header: r.Header}).BasicAuth()
}

// TestCredentialsOfEnvironment takes them from a real environment, and finds no
// secret in the error when Twilio refuses them.
func TestCredentialsOfEnvironment(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newEmptyWorkspace(t, mock)
	w.write("versions.tf", requiredProviders)
	w.write("main.tf", totpFactor)
	w.mustRun("apply", "-auto-approve")
	w.env = append(w.env, "TWILIO_API_KEY="+verifymock.DefaultAPIKey, "TWILIO_API_SECRET=wrong-canary")
	output, err := w.run("plan")
	if err == nil || !words("The credentials are TWILIO_API_KEY and TWILIO_API_SECRET, sent to "+mock.url+".").MatchString(output) {
		t.Errorf("no such error: %v, %s", err, output)
	}
	if strings.Contains(output, "canary") {
		t.Errorf("the secret is on the screen: %s", output)
	}
	w.env = append(w.env, "TWILIO_API_SECRET="+verifymock.DefaultAPISecret)
	w.mustRun("destroy", "-auto-approve")
	if left := mock.Factors(); len(left) != 0 {
		t.Errorf("%d factors are left", len(left))
	}
}

// TestUnknownProviderConfiguration plans and applies a new factor with a
// provider whose token hangs on something that is not there yet. What has to be
// asked at plan cannot be, and the error says why.
func TestUnknownProviderConfiguration(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := func(version int) string {
		return providerBlock(
			fmt.Sprintf("account_sid = %q", verifymock.DefaultAccountSID),
			"auth_token  = terraform_data.vault.output.token",
			fmt.Sprintf("base_url = %q", mock.url),
		) + fmt.Sprintf(`
resource "terraform_data" "vault" {
  input = { token = %q, version = %d }
}
`, verifymock.DefaultAuthToken, version) + totpFactor
	}
	const why = "Twilio cannot be asked now, because auth_token of the provider block is known only after apply. Apply what it depends on first"
	runSteps(t,
		resource.TestStep{
			Config:           config(1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(factorAddress, plancheck.ResourceActionCreate)}},
			Check:            mock.checkCalls(t, map[verifymock.Operation]int{verifymock.OperationCreate: 1}),
		},
		resource.TestStep{Config: config(2), ExpectError: words(why)},
		resource.TestStep{
			Config: config(1) + `
data "twilio_verify_factors" "test" {
  service_sid = twilio_verify_factor.test.service_sid
  identity    = twilio_verify_factor.test.identity
}
`,
			Check: resource.TestCheckResourceAttr("data.twilio_verify_factors.test", "factors.#", "1"),
		},
	)
}
