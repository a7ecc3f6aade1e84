// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// secretURL has a credential in each part of a URL that can contain one.
const secretURL = "https://canary-user:canary+pass@example.com/canary-path?token=canary/query&x=1"

// webhookAttributes are the same webhook for the protocol.
var webhookAttributes = attributes{
	"service_sid": verifymock.DefaultServiceSID, "friendly_name": "Events", "event_types": []string{"*"},
	"webhook_url": "https://example.com/events",
}

// onlyWebhook returns the only webhook on the server.
func (m *mock) onlyWebhook(t *testing.T) verifymock.Webhook {
	t.Helper()
	webhooks := m.Webhooks()
	if len(webhooks) != 1 {
		t.Fatalf("the server holds %d webhooks, want 1", len(webhooks))
	}
	return webhooks[0]
}

// received returns a check that the server has received exactly these operations, the last POST with
// this form.
func (m *mock) received(t *testing.T, form url.Values, operations ...verifymock.Operation) func() {
	t.Helper()
	return func() {
		t.Helper()
		var got []verifymock.Operation
		var last url.Values
		for _, r := range m.Requests() {
			if r.Method == http.MethodPost {
				last = r.Form
			}
			got = append(got, r.Operation)
		}
		if !slices.Equal(got, operations) {
			t.Errorf("the server received %v, want %v", got, operations)
		}
		if diff := cmp.Diff(form, last); diff != "" {
			t.Errorf("the server received another form: %s", diff)
		}
	}
}

func TestWebhook_Lifecycle(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{SortEventTypes: true})
	const fetch, update = verifymock.OperationWebhookFetch, verifymock.OperationWebhookUpdate
	most := webhookAttributes.with(attributes{
		"friendly_name": "Zoë & Söhne", "event_types": []string{"factor.deleted", "challenge.denied", "factor.created"},
		"webhook_url": "http://user:p%40ss@127.0.0.1:8080/a?b=c&d=é", "status": "disabled", "version": "v1",
	})
	defaults := url.Values{
		"FriendlyName": {"Events"}, "EventTypes": {"*"}, "WebhookUrl": {"https://example.com/events"}, "Status": {"enabled"}, "Version": {"v2"},
	}
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	i.run(m, stage{
		config: webhookAttributes, after: m.received(t, defaults, verifymock.OperationWebhookCreate),
		state: map[string]string{"status": "enabled", "version": "v2", "webhook_method": "POST", "account_sid": verifymock.DefaultAccountSID},
	})
	sid := m.onlyWebhook(t).SID
	if id, want := i.text("id"), verifymock.DefaultServiceSID+"/"+sid; id != want {
		t.Errorf("the ID is %s, want %s", id, want)
	}
	for _, name := range []string{"date_created", "date_updated", "url"} {
		if i.text(name) == "" {
			t.Errorf("%s is null", name)
		}
	}
	i.run(m,
		stage{config: most, after: m.received(t, url.Values{
			"FriendlyName": {"Zoë & Söhne"}, "EventTypes": {"challenge.denied", "factor.created", "factor.deleted"},
			"WebhookUrl": {"http://user:p%40ss@127.0.0.1:8080/a?b=c&d=é"}, "Status": {"disabled"}, "Version": {"v1"},
		}, fetch, update)},
		stage{
			config: most.with(attributes{"event_types": []string{"challenge.denied", "factor.created", "factor.deleted"}}),
			want:   tfcore.Nothing, after: m.received(t, nil, fetch),
		},
		stage{
			config: most.with(attributes{"event_types": []string{"factor.created"}}),
			after:  m.received(t, url.Values{"EventTypes": {"factor.created"}}, fetch, update),
		},
		// A removed attribute returns to its default.
		stage{config: webhookAttributes, after: m.received(t, defaults, fetch, update), state: map[string]string{"sid": sid}},
		stage{config: webhookAttributes.with(attributes{"version": "v1"}), after: m.received(t, url.Values{"Version": {"v1"}}, fetch, update)},
		stage{config: webhookAttributes, after: m.received(t, url.Values{"Version": {"v2"}}, fetch, update)},
		stage{config: nil, after: m.received(t, nil, fetch, verifymock.OperationWebhookDelete)},
	)
	if left := len(m.Webhooks()); left > 0 {
		t.Errorf("the server still holds %d webhooks", left)
	}
}

// TestWebhook_RewrittenURL keeps the configured spelling of a URL that the server returns in another
// one.
func TestWebhook_RewrittenURL(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{}).behind(t, func(_ *http.Request, object map[string]any) {
		if object["webhook_url"] == "HTTPS://Example.com" {
			object["webhook_url"] = "https://example.com/"
		}
	})
	config := webhookAttributes.with(attributes{"webhook_url": "HTTPS://Example.com"})
	newInstanceOf(t, webhook.Declaration.TypeName).run(m,
		stage{config: config, state: map[string]string{"webhook_url": "HTTPS://Example.com"}},
		stage{config: config, want: tfcore.Nothing, after: m.received(t, nil, verifymock.OperationWebhookFetch)},
		stage{config: config.with(attributes{"webhook_url": "https://example.com/x"})},
	)
}

// TestWebhook_DriftIsCorrected changes everything outside Terraform, including settings that the
// configuration leaves to their defaults.
func TestWebhook_DriftIsCorrected(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	var before verifymock.Webhook
	drift := func() {
		before = m.onlyWebhook(t)
		m.UpdateWebhook(before.SID, func(w *verifymock.Webhook) {
			w.FriendlyName, w.EventTypes, w.URL, w.Status, w.Version = "Other", []string{"factor.created"}, "https://example.org", "disabled", "v1"
		})
	}
	newInstanceOf(t, webhook.Declaration.TypeName).run(m,
		stage{config: webhookAttributes},
		stage{config: webhookAttributes, before: drift, want: tfcore.Update, after: func() {
			after := m.onlyWebhook(t)
			after.DateUpdated = before.DateUpdated
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("the server holds another webhook: %s", diff)
			}
		}},
	)
}

// hideFields sets all fields except the SID to null.
func hideFields(_ *http.Request, object map[string]any) {
	for name := range object {
		if name != "sid" {
			object[name] = nil
		}
	}
}

// TestWebhook_UnknownValueThatStays checks that nothing is updated if a value that was unknown in
// the plan is the one that Twilio has.
func TestWebhook_UnknownValueThatStays(t *testing.T) {
	t.Parallel()
	m, i := webhookNoun.created(t)
	m.ResetRequests()
	if settled := i.dynamic(i.state); !webhook.Declaration.NoOpPlan(t.Context(), settled, settled) {
		t.Error("a plan without changes is not a no-op")
	}
	planned, diags := i.plan(webhookAttributes.with(attributes{"webhook_url": unknown}))
	if planned.Action != "update" || len(diags) > 0 {
		t.Fatalf("the plan is to %s; %s", planned.Action, texts(diags))
	}
	before := i.text("date_updated")
	members := i.members(planned.Planned)
	members["webhook_url"] = i.members(i.state)["webhook_url"]
	planned.Planned = tftypes.NewValue(i.object(), members)
	i.quietly(i.carryOut(planned, webhookAttributes))
	if n := m.calls(""); n != 0 || i.text("date_updated") != before {
		t.Errorf("%d calls for a value that is the same, want none; date_updated is %s, was %s", n, i.text("date_updated"), before)
	}
}

// TestWebhook_Validation checks that the plan reports all errors that it can find.
func TestWebhook_Validation(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	null := tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"service_sid", "VA1", `must be the SID of a Verify service: VA followed by 32 hexadecimal digits, got: VA1`},
		{"friendly_name", "", "must not be empty"},
		{"event_types", []string{}, "at least 1"},
		{"event_types", null, "Null Set Value"},
		{"event_types", []string{"Factor.Created"}, "Invalid event type"},
		{"status", "paused", `"enabled" "disabled"`},
		{"status", "ENABLED", `status is "ENABLED". Write enabled in lower case.`},
		{"version", "v3", `"v2" "v1"`},
		{"webhook_url", "https://canary-pass@example.com:port", "Invalid webhook URL"},
		{"webhook_url", nil, "A new webhook requires webhook_url"},
	} {
		_, diags := i.applyAgain(m, webhookAttributes.with(attributes{c.name: c.value}))
		text := texts(diags)
		if !failed(diags) || !words(c.want).MatchString(text) || strings.Contains(text, "canary") {
			t.Errorf("%s = %v: want %q, without the value: %s", c.name, c.value, c.want, text)
		}
	}
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookCreate: 0})
	diags := i.validate(webhookAttributes.with(attributes{"event_types": []string{"factor.created", "factor.expired"}}))
	if text := texts(diags); failed(diags) ||
		!words(`Unknown event type "factor.expired" is not one of the event types that Twilio documents`).MatchString(text) {
		t.Errorf("want a warning: %s", text)
	}
}
