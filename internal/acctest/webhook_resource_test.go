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
		stage{config: nil, after: m.received(t, nil, fetch, verifymock.OperationWebhookDelete)},
	)
	if left := len(m.Webhooks()); left > 0 {
		t.Errorf("the server still holds %d webhooks", left)
	}
}

// TestWebhook_DriftIsCorrected changes everything outside Terraform, including settings that the
// configuration leaves to their defaults.
func TestWebhook_DriftIsCorrected(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	drift := func() {
		m.UpdateWebhook(m.onlyWebhook(t).SID, func(w *verifymock.Webhook) {
			w.FriendlyName, w.EventTypes, w.URL, w.Status, w.Version = "Other", []string{"factor.created"}, "https://example.org", "disabled", "v1"
		})
	}
	newInstanceOf(t, webhook.Declaration.TypeName).run(m,
		stage{config: webhookAttributes},
		stage{config: webhookAttributes, before: drift, want: tfcore.Update, after: func() {
			w := m.onlyWebhook(t)
			if w.FriendlyName != "Events" || !slices.Equal(w.EventTypes, []string{"*"}) || w.URL != "https://example.com/events" ||
				w.Status != "enabled" || w.Version != "v2" {
				t.Errorf("the server holds %+v", w)
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
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	i.start(m.attributes())
	i.applyQuietly(webhookAttributes)
	m.ResetRequests()
	planned, diags := i.plan(webhookAttributes.with(attributes{"webhook_url": unknown}))
	if planned.Action != "update" || len(diags) > 0 {
		t.Fatalf("the plan is to %s; %s", planned.Action, texts(diags))
	}
	before := i.text("date_updated")
	members := i.members(planned.Planned)
	members["webhook_url"] = i.members(i.state)["webhook_url"]
	planned.Planned = tftypes.NewValue(i.object(), members)
	if diags := i.carryOut(planned, webhookAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	if n := m.calls(""); n != 0 || i.text("date_updated") != before {
		t.Errorf("%d calls for a value that is the same, want none; date_updated is %s, was %s", n, i.text("date_updated"), before)
	}
}

// TestWebhook_NoOpPlan leaves a status and a version other than the defaults to the framework,
// because Terraform proposes to keep them when the configuration leaves them out.
func TestWebhook_NoOpPlan(t *testing.T) {
	t.Parallel()
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	settled := webhookAttributes.with(attributes{"sid": "YW00000000000000000000000000000001", "status": "enabled", "version": "v2"})
	for name, c := range map[string]struct {
		prior, proposed attributes
		want            bool
	}{
		"settled":  {settled, settled, true},
		"change":   {settled, settled.with(attributes{"friendly_name": "Other"}), false},
		"events":   {settled, settled.with(attributes{"event_types": []string{"factor.created"}}), false},
		"unknown":  {settled, settled.with(attributes{"webhook_url": unknown}), false},
		"disabled": {settled.with(attributes{"status": "disabled"}), settled.with(attributes{"status": "disabled"}), false},
		"v1":       {settled.with(attributes{"version": "v1"}), settled.with(attributes{"version": "v1"}), false},
	} {
		if got := webhook.Declaration.NoOpPlan(t.Context(), i.dynamic(c.prior.value(i.object())),
			i.dynamic(c.proposed.value(i.object()))); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

// TestWebhook_Validation checks that the plan reports all errors that it can find.
func TestWebhook_Validation(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	null := tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})
	for _, c := range []struct {
		config attributes
		wants  []string
	}{
		{attributes{"service_sid": "VA1"}, []string{"must be the SID of a Verify service", "VA1"}},
		{attributes{"friendly_name": ""}, []string{"friendly_name", "must not be empty"}},
		{attributes{"event_types": []string{}}, []string{"event_types", "at least 1"}},
		{attributes{"event_types": null}, []string{"Null Set Value"}},
		{attributes{"event_types": []string{"factor.created,factor.deleted"}}, []string{
			"Invalid event type", "factor.created, factor.verified, factor.deleted, challenge.approved, challenge.denied",
		}},
		{attributes{"status": "paused"}, []string{"status", `"enabled" "disabled"`}},
		{attributes{"status": "ENABLED"}, []string{"Invalid letter case", `status is "ENABLED". Write enabled in lower case.`}},
		{attributes{"event_types": []string{"Factor.Created"}}, []string{"Invalid event type", "Write factor.created in lower case."}},
		{attributes{"version": "v3"}, []string{"version", `"v2" "v1"`}},
		{attributes{"webhook_url": "canary-user:canary-pass@example.com"}, []string{"Invalid webhook URL", "https:// or http://", "not shown"}},
		{attributes{"webhook_url": "https://canary-pass@example.com:port"}, []string{"Invalid webhook URL"}},
		{attributes{"webhook_url": "https://example.com/canary-pass\n"}, []string{"Invalid webhook URL", `Remove it: trimspace(file("…")).`}},
		{attributes{"webhook_url": nil}, []string{"Missing webhook URL", "A new webhook requires webhook_url"}},
	} {
		_, diags := i.applyAnew(m, webhookAttributes.with(c.config))
		if !failed(diags) {
			t.Errorf("%v is accepted", c.config)
		}
		for _, want := range c.wants {
			if text := texts(diags); !words(want).MatchString(text) || strings.Contains(text, "canary") {
				t.Errorf("%v: %q is not in the error, or a secret is: %s", c.config, want, text)
			}
		}
	}
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookCreate: 0})
	diags := i.validate(webhookAttributes.with(attributes{"event_types": []string{"factor.created", "factor.expired"}}))
	if text := texts(diags); failed(diags) ||
		!words(`Unknown event type "factor.expired" is not one of the event types that Twilio documents`).MatchString(text) {
		t.Errorf("want a warning: %s", text)
	}
}
