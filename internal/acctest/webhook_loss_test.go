// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// keyConfig returns a configuration whose credentials do not reveal their account.
func (m *mock) keyConfig(body string) string {
	return fmt.Sprintf("provider \"twilio\" {\n  api_key = %q\n  api_secret = %q\n  base_url = %q\n}\n%s",
		verifymock.DefaultAPIKey, verifymock.DefaultAPISecret, m.url, body)
}

// mustRunEarlier runs Terraform a minute ago by the server's clock. The provider looks several times
// before it believes that an object that is only seconds old does not exist.
func (w *workspace) mustRunEarlier(m *mock, args ...string) {
	m.AdvanceClock(-time.Minute)
	w.mustRun(args...)
	m.AdvanceClock(time.Minute)
}

// TestAccWebhook_DeletedOutside deletes webhooks outside Terraform. With an API key, the provider
// reads the service once for all of them.
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
			w.mustRunEarlier(m, "apply", "-auto-approve")
			for _, v := range m.Webhooks() {
				m.DeleteWebhook(v.SID)
			}
			m.ResetRequests()
			output := w.mustRun("plan")
			m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookFetch: 3, verifymock.OperationService: c.serviceCalls})
			for _, want := range []string{
				"Warning: Webhook deleted outside Terraform", "creates a new webhook with another SID",
				"3 to add, 0 to change, 0 to destroy",
			} {
				if !words(want).MatchString(output) {
					t.Errorf("%q is not in the plan:\n%s", want, output)
				}
			}
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			for _, v := range m.Webhooks() {
				m.DeleteWebhook(v.SID)
			}
			w.mustRun("destroy", "-auto-approve", "-refresh=false") // a deleted object can be deleted again
		})
	}
}

// TestWebhook_NotFoundAdvice updates a webhook that was deleted in the meantime, and creates one in
// a service that does not exist.
func TestWebhook_NotFoundAdvice(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	i.start(m.attributes())
	const advice = "If the webhook was deleted in the meantime, plan again"
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

// TestWebhook_ServiceNotReadable deletes a webhook whose service an API key may not read.
func TestWebhook_ServiceNotReadable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   verifymock.Fault
		deleted bool
		says    string
		lists   int
	}{
		"restricted key": {
			verifymock.Fault{Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"},
			true,
			"Webhook deleted outside Terraform", 1,
		},
		"failure": {verifymock.Fault{Status: http.StatusBadGateway}, false, "Cannot confirm that the webhook was deleted", 0},
		// The list of services shows that the key belongs to the account.
		"not found": {
			verifymock.Fault{Status: http.StatusNotFound, Code: 20404, Message: "Not found"},
			true, "Webhook deleted outside Terraform",
			0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			i := newInstanceOf(t, webhook.Declaration.TypeName)
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
