// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// keyConfig is a configuration whose credentials do not tell their account.
func (m *mock) keyConfig(body string) string {
	return fmt.Sprintf("provider \"twilio\" {\n  api_key = %q\n  api_secret = %q\n  base_url = %q\n}\n%s",
		verifymock.DefaultAPIKey, verifymock.DefaultAPISecret, m.url, body)
}

// TestAccWebhook_DeletedOutside deletes webhooks outside Terraform. With an API key, the service is
// looked at once for all of them.
func TestAccWebhook_DeletedOutside(t *testing.T) {
	t.Parallel()
	three := strings.Replace(webhookBlock(), "\n", "\n  count = 3\n", 1)
	for name, c := range map[string]struct {
		config       func(m *mock) string
		serviceCalls int
	}{
		"auth token": {func(m *mock) string { return m.config(three) }, 0},
		"API key":    {func(m *mock) string { return m.keyConfig(three) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			w := newWorkspace(t, m, c.config(m))
			w.mustRun("apply", "-auto-approve")
			for _, v := range m.Webhooks() {
				m.DeleteWebhook(v.SID)
			}
			m.ResetRequests()
			output := w.mustRun("plan")
			m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookFetch: 3, verifymock.OperationService: c.serviceCalls})
			for _, want := range []string{"Warning: Webhook deleted outside Terraform", "creates a new webhook with another SID", "3 to add, 0 to change, 0 to destroy"} {
				if !words(want).MatchString(output) {
					t.Errorf("%q is not in the plan:\n%s", want, output)
				}
			}
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			for _, v := range m.Webhooks() {
				m.DeleteWebhook(v.SID)
			}
			w.mustRun("destroy", "-auto-approve", "-refresh=false") // what is deleted twice is deleted
		})
	}
}

// TestWebhook_NotFoundAdvice updates a webhook that was deleted in the meantime, and creates one in a
// service that does not exist.
func TestWebhook_NotFoundAdvice(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, webhook.TypeName)
	i.start(m.attributes())
	const advice = "if the webhook was deleted in the meantime, plan again"
	_, diags := i.apply(webhookAttributes.with(attributes{"service_sid": "VA99999999999999999999999999999999"}))
	if !failed(diags) || strings.Contains(texts(diags), advice) || !strings.Contains(texts(diags), "Check that the service exists") {
		t.Errorf("create: %s", texts(diags))
	}
	if _, diags := i.apply(webhookAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	before := i.state
	m.DeleteWebhook(m.onlyWebhook(t).SID)
	_, diags = i.apply(webhookAttributes.with(attributes{"friendly_name": "Other"}))
	if !failed(diags) || !strings.Contains(texts(diags), advice) {
		t.Errorf("update: %s", texts(diags))
	}
	if !i.state.Equal(before) {
		t.Error("a failed update changes the state")
	}
}

// TestWebhook_ServiceNotReadable deletes a webhook whose service an API key cannot look at.
func TestWebhook_ServiceNotReadable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   verifymock.Fault
		deleted bool
		says    string
		lists   int
	}{
		"restricted key": {verifymock.Fault{Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"}, true, "Webhook deleted outside Terraform", 1},
		"failure":        {verifymock.Fault{Status: http.StatusBadGateway}, false, "Cannot confirm that the webhook was deleted", 0},
		"not found":      {verifymock.Fault{Status: http.StatusNotFound, Code: 20404, Message: "Not found"}, false, "Webhook and its parent not found", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			i := newInstanceOf(t, webhook.TypeName)
			i.start(m.credentialsOf(ownKey))
			if _, diags := i.apply(webhookAttributes); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			m.DeleteWebhook(m.onlyWebhook(t).SID)
			m.ResetRequests()
			c.fault.Operation = verifymock.OperationService
			m.Inject(c.fault)
			diags := i.refresh()
			if failed(diags) == c.deleted || i.state.IsNull() != c.deleted || !strings.Contains(texts(diags), c.says) {
				t.Errorf("want %q, got %s", c.says, texts(diags))
			}
			m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationService: 1, verifymock.OperationWebhookList: c.lists})
		})
	}
}

// TestAccWebhook_ForeignNotFound serves the 404 of a proxy, which deletes nothing from the state.
func TestAccWebhook_ForeignNotFound(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	config := m.config(webhookBlock())
	var sid string
	steps := []resource.TestStep{{Config: config, Check: func(*terraform.State) error { sid = m.onlyWebhook(t).SID; return nil }}}
	for _, body := range []string{"<html>not here</html>", `{"message":"no route"}`, `{"code":404,"message":"no","status":404}`} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() {
				m.ClearFaults()
				m.Inject(verifymock.Fault{Operation: verifymock.OperationWebhookFetch, Status: http.StatusNotFound, Body: body})
			},
			Config:      config,
			ExpectError: words("Check for a proxy or gateway in front of Twilio"),
		})
	}
	steps = append(steps, resource.TestStep{
		PreConfig: m.ClearFaults,
		Config:    config,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		},
		Check: func(*terraform.State) error {
			if got := m.onlyWebhook(t).SID; got != sid {
				return fmt.Errorf("the webhook is %s, want %s", got, sid)
			}
			return nil
		},
	})
	runSteps(t, steps...)
}

// TestWebhook_WrongAccount switches the credentials to another account under a webhook that exists.
func TestWebhook_WrongAccount(t *testing.T) {
	t.Parallel()
	for name, credentials := range map[string]attributes{
		"auth token":              otherToken,
		"API key and account":     otherKeyTold,
		"API key without account": otherKey,
		"API key, another's account": otherKey.with(attributes{
			"account_sid": verifymock.DefaultAccountSID,
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, twoAccounts())
			i := newInstanceOf(t, webhook.TypeName)
			i.start(m.attributes())
			if _, diags := i.apply(webhookAttributes); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			before := i.state
			for what, act := range map[string]func() string{
				"refresh": func() string { return texts(i.refresh()) },
				"destroy": func() string { _, diags := i.apply(nil); return texts(diags) },
				"update": func() string {
					_, diags := i.apply(webhookAttributes.with(attributes{"friendly_name": "Other"}))
					return texts(diags)
				},
			} {
				i.start(m.credentialsOf(credentials))
				output := act()
				if !strings.Contains(output, "ERROR") || !strings.Contains(output, verifymock.DefaultServiceSID) && !strings.Contains(output, otherAccountSID) {
					t.Errorf("%s does not report the account: %s", what, output)
				}
				if !i.state.Equal(before) {
					t.Fatalf("%s changes the state", what)
				}
			}
			if len(m.Webhooks()) != 1 {
				t.Errorf("the server holds %d webhooks, want 1", len(m.Webhooks()))
			}
			i.start(m.attributes())
			if diags := i.refresh(); len(diags) > 0 {
				t.Errorf("with the right credentials again: %s", texts(diags))
			}
		})
	}
}

// TestWebhook_CreatedInOtherAccount configures an account that is not the API key's.
func TestWebhook_CreatedInOtherAccount(t *testing.T) {
	t.Parallel()
	m := newMock(t, twoAccounts())
	i := newInstanceOf(t, webhook.TypeName)
	i.start(m.credentialsOf(ownKey.with(attributes{"account_sid": otherAccountSID})))
	_, diags := i.apply(webhookAttributes)
	if failed(diags) || i.tainted || !strings.Contains(texts(diags), "Webhook created in another account") {
		t.Errorf("want a warning: %s", texts(diags))
	}
	if diags := i.refresh(); !failed(diags) || !strings.Contains(texts(diags), "Webhook belongs to another account") {
		t.Errorf("want an error: %s", texts(diags))
	}
}

// lostWebhook is a create that happens and whose response is lost.
var lostWebhook = verifymock.Fault{Operation: verifymock.OperationWebhookCreate, Process: true, Drop: true, Count: 1}

// TestAccWebhook_LostCreateIsRecovered loses the response to a create while an older webhook looks
// the same.
func TestAccWebhook_LostCreateIsRecovered(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	older := m.AddWebhook(verifymock.Webhook{FriendlyName: "Events", URL: "https://example.com/events", DateCreated: time.Now().Add(-time.Minute)})
	m.Inject(lostWebhook)
	w := newWorkspace(t, m, m.config(webhookBlock()))
	w.mustRun("apply", "-auto-approve")
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookCreate: 1, verifymock.OperationWebhookList: 1})
	w.mustRun("plan", "-detailed-exitcode")
	if n := len(m.Webhooks()); n != 2 {
		t.Errorf("the server holds %d webhooks, want 2", n)
	}
	w.mustRun("destroy", "-auto-approve")
	if left := m.onlyWebhook(t); left.SID != older.SID {
		t.Errorf("%s is left, want the older %s", left.SID, older.SID)
	}
}

// TestAccWebhook_LostCreatesOfOneName loses every second response to creates that look the same.
func TestAccWebhook_LostCreatesOfOneName(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	lost := lostWebhook
	lost.Count, lost.Every = 0, 2
	m.Inject(lost)
	w := newWorkspace(t, m, m.config(strings.Replace(webhookBlock(), "\n", "\n  count = 6\n", 1)))
	w.mustRun("apply", "-auto-approve")
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookCreate: 6})
	w.mustRun("plan", "-detailed-exitcode")
	if n := len(m.Webhooks()); n != 6 {
		t.Errorf("the server holds %d webhooks, want 6", n)
	}
	m.ClearFaults()
	w.mustRun("destroy", "-auto-approve")
	if n := len(m.Webhooks()); n != 0 {
		t.Errorf("the server still holds %d webhooks", n)
	}
}

// TestAccWebhook_LostCreateUnresolved cannot look for the webhook at first. The next apply does, and
// leaves one.
func TestAccWebhook_LostCreateUnresolved(t *testing.T) {
	t.Parallel()
	for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
		t.Run(refresh, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			m.Inject(lostWebhook, verifymock.Fault{Operation: verifymock.OperationWebhookList, Status: http.StatusServiceUnavailable})
			w := newWorkspace(t, m, m.config(webhookBlock()))
			output, err := w.run("apply", "-auto-approve")
			if err == nil || !words("Webhook creation result unknown").MatchString(output) || !words("Apply again").MatchString(output) {
				t.Errorf("want an error that says what to do: %v\n%s", err, output)
			}
			lost := m.onlyWebhook(t).SID
			m.ClearFaults()
			w.mustRun("apply", "-auto-approve", refresh)
			if got := m.onlyWebhook(t).SID; got == lost {
				t.Error("a tainted webhook was not replaced")
			}
			w.mustRun("plan", "-detailed-exitcode")
		})
	}
}

// TestAccWebhook_LostCreateNeverMade loses a request that no server saw, and cannot look for the
// webhook at first.
func TestAccWebhook_LostCreateNeverMade(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	never := lostWebhook
	never.Process = false
	m.Inject(never, verifymock.Fault{Operation: verifymock.OperationWebhookList, Status: http.StatusServiceUnavailable})
	w := newWorkspace(t, m, m.config(webhookBlock()))
	if output, err := w.run("apply", "-auto-approve"); err == nil {
		t.Errorf("an unknown outcome is no error:\n%s", output)
	}
	m.ClearFaults()
	w.mustRun("apply", "-auto-approve")
	w.mustRun("plan", "-detailed-exitcode")
	m.onlyWebhook(t)
}

// TestAccWebhook_LostCreateAmbiguous loses a response while someone else creates a webhook that looks
// the same. Neither may be touched.
func TestAccWebhook_LostCreateAmbiguous(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	fault := lostWebhook
	fault.Match = func(verifymock.Request) bool {
		m.AddWebhook(verifymock.Webhook{FriendlyName: "Events", URL: "https://example.com/events"})
		return true
	}
	m.Inject(fault)
	w := newWorkspace(t, m, m.config(webhookBlock()))
	for _, args := range [][]string{{"apply", "-auto-approve"}, {"apply", "-auto-approve"}, {"apply", "-auto-approve", "-refresh=false"}, {"destroy", "-auto-approve"}} {
		output, err := w.run(args...)
		if err == nil || !words("These webhooks could be").MatchString(output) {
			t.Errorf("%v: %v\n%s", args, err, output)
		}
		webhooks := m.Webhooks()
		if len(webhooks) != 2 {
			t.Fatalf("%v: the server holds %d webhooks, want 2", args, len(webhooks))
		}
		for _, v := range webhooks {
			if !strings.Contains(output, v.SID) {
				t.Errorf("%v: the error does not name %s\n%s", args, v.SID, output)
			}
		}
	}
}

// TestWebhook_LostCreateAndAnotherAccount looks for the lost webhook with credentials that do not see
// it.
func TestWebhook_LostCreateAndAnotherAccount(t *testing.T) {
	t.Parallel()
	m := newMock(t, twoAccounts())
	m.Inject(lostWebhook, verifymock.Fault{Operation: verifymock.OperationWebhookList, Status: http.StatusServiceUnavailable})
	i := newInstanceOf(t, webhook.TypeName)
	i.start(m.attributes())
	if _, diags := i.apply(webhookAttributes); !failed(diags) || !i.tainted {
		t.Fatalf("the loss is not reported: %s", texts(diags))
	}
	m.ClearFaults()
	before := i.state
	i.start(m.credentialsOf(otherKey))
	if diags := i.refresh(); !failed(diags) || !i.state.Equal(before) {
		t.Errorf("the refresh forgets the webhook: %s", texts(diags))
	}
	if _, diags := i.apply(nil); !failed(diags) || !i.state.Equal(before) {
		t.Errorf("the destroy forgets the webhook: %s", texts(diags))
	}
	i.start(m.attributes())
	if _, diags := i.apply(nil); failed(diags) || len(m.Webhooks()) != 0 {
		t.Errorf("the right credentials do not delete the webhook: %s", texts(diags))
	}
}
