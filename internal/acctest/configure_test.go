// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
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
		{attributes{"auth_token": "a", "account_sid": "x"}, account + "The value is not shown"},
		{attributes{"auth_token": "a", "account_sid": ""}, account + "The value is empty. To leave it out, set it to null"},
		{attributes{"api_secret": "x", "api_key": "y"}, "api_key must be the SID of an API key: SK followed by 32 hexadecimal digits."},
		{attributes{"auth_token": "a", "account_sid": verifymock.DefaultAccountSID, "region": "ie1"}, `the region "ie1" requires an edge`},
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

// TestProvider_Requests checks the credentials and the user agent that the server receives.
func TestProvider_Requests(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstance(t)
	i.start(m.credentialsOf(ownKey))
	i.mustApply(totpValues())
	for _, r := range m.Requests() {
		user, password, _ := (&http.Request{Header: r.Header}).BasicAuth()
		agent, want := r.Header.Get("User-Agent"), "terraform-provider-twilio/test (Terraform "+tfcore.Version+")"
		if user != verifymock.DefaultAPIKey || password != verifymock.DefaultAPISecret || agent != want {
			t.Errorf("the credentials are those of %q, the user agent is %q", user, agent)
		}
	}
	m.expectExactly(t, calls{verifymock.OperationCreate: 1})
}

// TestAccProvider_UnknownConfiguration plans and applies a new factor with a provider whose token
// depends on something that does not exist yet. Requests that are needed at plan fail with an error
// that says why.
func TestAccProvider_UnknownConfiguration(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := func(version int) string {
		return providerBlock(fmt.Sprintf("account_sid = %q", verifymock.DefaultAccountSID),
			"auth_token = terraform_data.test.output.token", fmt.Sprintf("base_url = %q", mock.url)) +
			attributes{"input": map[string]any{"token": verifymock.DefaultAuthToken, "version": version}}.block("terraform_data") + totpFactor
	}
	const why = "Twilio cannot be reached during this plan because auth_token in the provider block is known only after apply. " +
		"Apply what it depends on first"
	runSteps(t,
		resource.TestStep{
			Config: config(1), Check: mock.checkCalls(t, calls{verifymock.OperationCreate: 1}),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(factorAddress, plancheck.ResourceActionCreate)},
			},
		},
		resource.TestStep{Config: config(2), ExpectError: words(why)},
		resource.TestStep{
			Config: config(1) + "data \"twilio_verify_factors\" \"test\" {\n  service_sid = twilio_verify_factor.test.service_sid\n" +
				"  identity = twilio_verify_factor.test.identity\n}\n",
			Check: resource.TestCheckResourceAttr("data.twilio_verify_factors.test", "factors.#", "1"),
		},
	)
}
