// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	otherAccountSID = "AC00000000000000000000000000000002"
	otherAuthToken  = "other-auth-token"
	otherAPIKey     = "SK00000000000000000000000000000002"
	otherAPISecret  = "other-api-secret"
	otherServiceSID = "VA00000000000000000000000000000002"
)

// twoAccounts returns a configuration with the default account and another one, each with a
// service.
func twoAccounts() verifymock.Config {
	return verifymock.Config{Accounts: []verifymock.Account{
		{
			SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
			APIKeys:  map[string]string{verifymock.DefaultAPIKey: verifymock.DefaultAPISecret},
			Services: []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Own"}},
		},
		{
			SID: otherAccountSID, AuthToken: otherAuthToken,
			APIKeys:  map[string]string{otherAPIKey: otherAPISecret},
			Services: []verifymock.Service{{SID: otherServiceSID, FriendlyName: "Other"}},
		},
	}}
}

// credentialsOf returns the provider configuration for the mock with these credentials.
func (m *mock) credentialsOf(credentials attributes) attributes {
	return attributes{"base_url": m.url, "max_retries": 0}.with(credentials)
}

var (
	ownKey              = attributes{"api_key": verifymock.DefaultAPIKey, "api_secret": verifymock.DefaultAPISecret}
	otherToken          = attributes{"account_sid": otherAccountSID, "auth_token": otherAuthToken}
	otherKey            = attributes{"api_key": otherAPIKey, "api_secret": otherAPISecret}
	otherKeyWithAccount = otherKey.with(attributes{"account_sid": otherAccountSID})
)

// TestFactor_ServiceNotVisible reads factors whose service is not visible, as if it had been
// deleted.
func TestFactor_ServiceNotVisible(t *testing.T) {
	t.Parallel()
	factorNoun.createdLongAgo(t, func(t *testing.T, m *mock, i *instance) {
		t.Helper()
		before := i.state
		m.Inject(
			verifymock.Fault{Operation: verifymock.OperationFetch, Status: 404, Code: 20404, Message: "Not found"},
			verifymock.Fault{Operation: verifymock.OperationService, Status: 404, Code: 20404, Message: "Not found"},
			verifymock.Fault{Operation: verifymock.OperationServiceList, Status: 200, Body: `{"services":[],"meta":{}}`},
		)
		i.start(m.credentialsOf(ownKey))
		diags := i.refresh()
		if !failed(diags) || !strings.Contains(texts(diags), "the parent was deleted") || !i.state.Equal(before) {
			t.Errorf("with an API key, want an error and the factor in the state: %s", texts(diags))
		}
		i.start(m.attributes())
		if diags := i.refresh(); failed(diags) || !i.state.IsNull() {
			t.Errorf("with a known account, want the factor removed from the state: %s", texts(diags))
		}
	})
}

// TestFactor_ServiceDeletedOutside deletes the service of a factor, and an API key sees another
// service of the account.
func TestFactor_ServiceDeletedOutside(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, twoAccounts(), func(t *testing.T, m *mock) {
		t.Helper()
		m.AddService(verifymock.Service{AccountSID: verifymock.DefaultAccountSID})
		i := newInstance(t)
		i.dial = m.dial
		i.start(m.credentialsOf(ownKey))
		i.mustApply(matrixFactor)
		m.DeleteService(verifymock.DefaultServiceSID)
		i.start(m.credentialsOf(otherKey))
		if diags := i.refresh(); !failed(diags) || i.state.IsNull() {
			t.Errorf("with another account's key, want an error and the factor in the state: %s", texts(diags))
		}
		i.start(m.credentialsOf(ownKey))
		diags := i.refresh()
		if failed(diags) || !strings.Contains(texts(diags), "Factor deleted outside Terraform") || !i.state.IsNull() {
			t.Errorf("want a warning that the factor was deleted, and no factor in the state: %s", texts(diags))
		}
	})
}

// TestAccFactor_ServiceIsReadOnce deletes many factors outside Terraform. With an API key, the
// provider reads the service once.
func TestAccFactor_ServiceIsReadOnce(t *testing.T) {
	t.Parallel()
	config := twoAccounts()
	var ago atomic.Int64
	ago.Store(int64(time.Hour))
	config.Now = func() time.Time { return time.Now().Add(-time.Duration(ago.Load())) }
	m := newMock(t, config)
	w := newWorkspace(t, m, m.config(manyFactors(30)))
	w.mustRun("apply", "-auto-approve")
	ago.Store(0) // the provider looks at young factors again
	for _, f := range m.Factors() {
		m.DeleteFactor(f.SID)
	}
	m.ResetRequests()
	w.env = append(w.env, "TWILIO_ACCOUNT_SID=", "TWILIO_AUTH_TOKEN=",
		"TWILIO_API_KEY="+verifymock.DefaultAPIKey, "TWILIO_API_SECRET="+verifymock.DefaultAPISecret)
	w.write("main.tf", `provider "twilio" {}`+manyFactors(30))
	output := w.mustRun("plan")
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationFetch: 30, verifymock.OperationService: 1})
	for _, want := range []string{"Warning: Factor deleted outside Terraform", "30 to add, 0 to change, 0 to destroy"} {
		if !words(want).MatchString(output) {
			t.Errorf("the plan does not say %q:\n%s", want, output)
		}
	}
}
