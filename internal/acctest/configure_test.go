// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	accountA = "AC0000000000000000000000000000000a"
	keyA     = "SK0000000000000000000000000000000a"
)

func providerBlock(lines ...string) string {
	return "provider \"twilio\" {\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// TestProvider_InvalidConfiguration refuses provider blocks before any request.
func TestProvider_InvalidConfiguration(t *testing.T) {
	t.Parallel()
	const account = "account_sid must be an Account SID: AC followed by 32 hexadecimal digits. "
	const duration = "must be a positive duration with a unit, such as 45s or 2m"
	for _, c := range []struct {
		config attributes
		want   string
	}{
		{attributes{}, "No Twilio credentials"},
		{attributes{"auth_token": "a"}, "account_sid is not. Set both or neither."},
		{attributes{"auth_token": "a", "account_sid": "x"}, account + "The value is not shown"},
		{attributes{"auth_token": "a", "account_sid": ""}, account + "The value is empty. To leave it out, set it to null"},
		{attributes{"auth_token": "a", "account_sid": keyA}, "The value is the SID of an API key, which belongs in api_key"},
		{
			attributes{"api_secret": "x", "api_key": "y"},
			"api_key must be the SID of an API key: SK followed by 32 hexadecimal digits. The value is not shown",
		},
		{
			attributes{"auth_token": "a", "account_sid": accountA, "region": "ie1"},
			`the region "ie1" requires an edge: use edge "dublin" with it`,
		},
		{attributes{"request_timeout": "30"}, duration},
		{attributes{"request_timeout": "-1s"}, duration},
		{attributes{"max_retries": 21}, "between 0 and 20"},
	} {
		i := newInstance(t)
		resp, err := i.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
			Config: i.dynamic(c.config.value(i.schema.Provider.ValueType().(tftypes.Object))),
		})
		i.must(err)
		diags := resp.Diagnostics
		if !failed(diags) {
			diags = i.configure(c.config)
		}
		if !failed(diags) || !strings.Contains(texts(diags), c.want) {
			t.Errorf("%v: want %q, got %s", c.config, c.want, texts(diags))
		}
	}
}

var userAgent = regexp.MustCompile(`^terraform-provider-twilio/test \(Terraform [0-9.]+\S*\)$`)

// TestAccProvider_Configuration checks the credentials and the user agent that the server receives.
func TestAccProvider_Configuration(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := providerBlock(fmt.Sprintf("base_url = %q", mock.url), fmt.Sprintf("api_key = %q", verifymock.DefaultAPIKey),
		fmt.Sprintf("api_secret = %q", verifymock.DefaultAPISecret)) + totpFactor
	runSteps(t, resource.TestStep{Config: config, Check: func(*terraform.State) error {
		mock.expectRequests(t, func(r verifymock.Request) error {
			user, password, _ := basicAuth(r)
			if agent := r.Header.Get("User-Agent"); user != verifymock.DefaultAPIKey || password != verifymock.DefaultAPISecret ||
				!userAgent.MatchString(agent) {
				return fmt.Errorf("the credentials are those of %q, the user agent is %q", user, agent)
			}
			return nil
		})
		return mock.checkCalls(t, calls{verifymock.OperationCreate: 1})(nil)
	}})
}

// expectRequests checks each request. There must be at least one.
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

// TestAccProvider_CredentialsFromEnvironment uses credentials from a real environment, and checks
// that the error contains no secret if Twilio refuses them.
func TestAccProvider_CredentialsFromEnvironment(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newEmptyWorkspace(t, mock)
	w.write("versions.tf", requiredProviders)
	w.write("main.tf", totpFactor)
	w.mustRun("apply", "-auto-approve")
	w.env = append(w.env, "TWILIO_API_KEY="+verifymock.DefaultAPIKey, "TWILIO_API_SECRET=wrong-canary")
	output, err := w.run("plan")
	if err == nil || !words("The credentials are TWILIO_API_KEY and TWILIO_API_SECRET, sent to "+mock.url+".").MatchString(output) {
		t.Errorf("want an error that names the credentials, got %v: %s", err, output)
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

// TestAccProvider_UnknownConfiguration plans and applies a new factor with a provider whose token
// depends on something that does not exist yet. Requests that are needed at plan fail with an error
// that says why.
func TestAccProvider_UnknownConfiguration(t *testing.T) {
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
	const why = "Twilio cannot be reached during this plan because auth_token in the provider block is known only after apply. " +
		"Apply what it depends on first"
	runSteps(t,
		resource.TestStep{
			Config: config(1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(factorAddress,
				plancheck.ResourceActionCreate)}},
			Check: mock.checkCalls(t, map[verifymock.Operation]int{verifymock.OperationCreate: 1}),
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
