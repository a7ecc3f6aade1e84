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

// TestFactor_WrongAccount switches the credentials to another account while a factor exists. The
// provider must not conclude that the factor was deleted.
func TestFactor_WrongAccount(t *testing.T) {
	t.Parallel()
	both := []string{verifymock.DefaultAccountSID, otherAccountSID}
	for name, c := range map[string]struct {
		credentials  attributes
		says         []string
		serviceCalls int
	}{
		"auth token": {
			otherToken, append(both, "account_sid and auth_token of the provider block"), 0,
		},
		"API key and account": {
			otherKeyWithAccount, append(both, "api_key and api_secret of the provider block"), 1,
		},
		"API key without account": {
			otherKey,
			[]string{verifymock.DefaultAccountSID, verifymock.DefaultServiceSID, "api_key and api_secret of the provider block"},
			1,
		},
		"API key, and an account that is not its own": {
			otherKey.with(attributes{"account_sid": verifymock.DefaultAccountSID}),
			[]string{verifymock.DefaultAccountSID, verifymock.DefaultServiceSID, "api_key and api_secret of the provider block"},
			1,
		},
		"unknown account": {
			attributes{"account_sid": otherAccountSID, "auth_token": "revoked"}, []string{"HTTP 401"}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, twoAccounts())
			i := m.instance(t)
			if _, diags := i.apply(matrixFactor); failed(diags) {
				t.Fatal(texts(diags))
			}
			before := i.state
			for what, act := range map[string]func() string{
				"refresh": func() string { return texts(i.refresh()) },
				"destroy": func() string { _, diags := i.apply(nil); return texts(diags) },
				"update": func() string {
					_, diags := i.apply(matrixFactor.with(attributes{"friendly_name": "Robot One"}))
					return texts(diags)
				},
			} {
				i.start(m.credentialsOf(c.credentials))
				m.ResetRequests()
				output := act()
				if !strings.Contains(output, "ERROR") {
					t.Errorf("%s succeeds: %s", what, output)
				}
				if !i.state.Equal(before) {
					t.Fatalf("%s changes the state", what)
				}
				if what == "update" {
					continue // it never concludes anything from a 404
				}
				if account := c.credentials["account_sid"]; what == "destroy" && account != nil && account != verifymock.DefaultAccountSID {
					if n := m.calls(""); n != 0 || !strings.Contains(output, otherAccountSID) {
						t.Errorf("a destroy for another account makes %d calls, want none: %s", n, output)
					}
					continue
				}
				for _, want := range c.says {
					if !strings.Contains(output, want) {
						t.Errorf("%s does not name %s:\n%s", what, want, output)
					}
				}
				if n := m.calls(verifymock.OperationService); n != c.serviceCalls {
					t.Errorf("%s reads the service %d times, want %d", what, n, c.serviceCalls)
				}
			}
			if len(m.Factors()) != 1 {
				t.Errorf("the server holds %d factors, want 1", len(m.Factors()))
			}
			i.start(m.attributes())
			if diags := i.refresh(); len(diags) > 0 {
				t.Errorf("with the right credentials again: %s", texts(diags))
			}
		})
	}
}

// TestFactor_ServiceNotVisible reads factors whose service is not visible, as if it had been
// deleted.
func TestFactor_ServiceNotVisible(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	m := newMock(t, twoAccounts())
	i.start(m.attributes())
	if _, diags := i.apply(matrixFactor); failed(diags) {
		t.Fatal(texts(diags))
	}
	before := i.state
	empty := newMock(t, verifymock.Config{Accounts: []verifymock.Account{{
		SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
		APIKeys: map[string]string{verifymock.DefaultAPIKey: verifymock.DefaultAPISecret},
	}}})

	i.start(empty.credentialsOf(ownKey))
	diags := i.refresh()
	if !failed(diags) || !strings.Contains(texts(diags), "the parent was deleted") || !i.state.Equal(before) {
		t.Errorf("with an API key, want an error and the factor in the state: %s", texts(diags))
	}
	i.start(empty.credentialsOf(attributes{"account_sid": verifymock.DefaultAccountSID, "auth_token": verifymock.DefaultAuthToken}))
	if diags := i.refresh(); failed(diags) || !i.state.IsNull() {
		t.Errorf("with a known account, want the factor removed from the state: %s", texts(diags))
	}
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
		if _, diags := i.apply(matrixFactor); failed(diags) {
			t.Fatal(texts(diags))
		}
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

// TestAccFactor_NeverExisted imports a SID that the account does not have. The account is known, so
// the error does not mention other credentials.
func TestAccFactor_NeverExisted(t *testing.T) {
	t.Parallel()
	m := newMock(t, twoAccounts())
	w := newWorkspace(t, m, m.config(totpFactor))
	output, err := w.run("import", "twilio_verify_factor.test",
		verifymock.DefaultServiceSID+"/robot-account-0001/YF0123456789abcdef0123456789abcdef")
	if err == nil || !words("non-existent remote object").MatchString(output) {
		t.Errorf("imported what does not exist: %v\n%s", err, output)
	}
	if words("belong to another account").MatchString(output) {
		t.Errorf("the error mentions another account:\n%s", output)
	}
}
