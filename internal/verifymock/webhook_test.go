// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const webhooksPath = servicePath + "/Webhooks"

// webhookForm returns the form in Twilio's example, changed by the pairs.
func webhookForm(pairs ...string) url.Values {
	return with(url.Values{
		"FriendlyName": {"name"}, "EventTypes": {"factor.deleted", "challenge.denied"}, "WebhookUrl": {"https://owlbank.twilio.com"},
	}, pairs...)
}

func TestWebhook_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	got := send(t, mock, http.MethodPost, webhooksPath, webhookForm())
	wantStatus(t, got, http.StatusCreated)
	wantMatch(t, "sid", got.text("sid"), "^YW[0-9a-f]{32}$")
	want := map[string]any{
		"sid": got.text("sid"), "account_sid": DefaultAccountSID, "service_sid": DefaultServiceSID, "friendly_name": "name",
		"event_types": []any{"factor.deleted", "challenge.denied"}, "webhook_method": "POST",
		"webhook_url": "https://owlbank.twilio.com", "status": "enabled", "version": "v2",
		"date_created": "2026-03-01T12:00:15Z", "date_updated": "2026-03-01T12:00:15Z",
		"url": "http://example.com" + webhooksPath + "/" + got.text("sid"),
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	path := webhooksPath + "/" + got.text("sid")
	if diff := cmp.Diff(want, send(t, mock, http.MethodGet, path, nil).Body); diff != "" {
		t.Errorf("fetched: %s", diff)
	}

	mock.AdvanceClock(time.Minute)
	updated := send(t, mock, http.MethodPost, path, url.Values{
		"FriendlyName": {"other"}, "EventTypes": {"*"}, "WebhookUrl": {"https://example.com/x"}, "Status": {"disabled"}, "Version": {"v1"},
	})
	wantStatus(t, updated, http.StatusOK)
	want["friendly_name"], want["event_types"], want["webhook_url"] = "other", []any{"*"}, "https://example.com/x"
	want["status"], want["version"], want["date_updated"] = "disabled", "v1", "2026-03-01T12:01:15Z"
	if diff := cmp.Diff(want, updated.Body); diff != "" {
		t.Error(diff)
	}
	wantStatus(t, send(t, mock, http.MethodDelete, path, nil), http.StatusNoContent)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		wantError(t, send(t, mock, method, path, nil), 404, 20404)
	}
}

func TestWebhook_CreateRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		form    url.Values
		code    int
		blaming string
	}{
		"no name":    {webhookForm("FriendlyName", "-"), 20001, "FriendlyName"},
		"no events":  {webhookForm("EventTypes", "-"), 20001, "EventTypes"},
		"no URL":     {webhookForm("WebhookUrl", "-"), 20001, "WebhookUrl"},
		"empty name": {webhookForm("FriendlyName", ""), 60200, "FriendlyName"},
		"unknown event": {
			url.Values{"FriendlyName": {"n"}, "EventTypes": {"*", "factor.changed"}, "WebhookUrl": {"https://a.com"}},
			60200,
			"EventTypes",
		},
		"comma list":     {webhookForm("EventTypes", "factor.created,factor.deleted"), 60200, "EventTypes"},
		"relative URL":   {webhookForm("WebhookUrl", "/events"), 60200, "WebhookUrl"},
		"other scheme":   {webhookForm("WebhookUrl", "ftp://a.com"), 60200, "WebhookUrl"},
		"http":           {webhookForm("WebhookUrl", "http://a.com"), 0, ""},
		"unknown status": {webhookForm("Status", "paused"), 60200, "Status"},
		"version":        {webhookForm("Version", "v3"), 60200, "Version"},
		"method":         {webhookForm("WebhookMethod", "GET"), 60200, "WebhookMethod"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			checkVerdict(t, send(t, mock, http.MethodPost, webhooksPath, test.form), http.StatusCreated, test.code, test.blaming)
			if created := len(mock.Webhooks()) == 1; created != (test.code == 0) {
				t.Errorf("created is %v", created)
			}
		})
	}
}

func TestWebhook_Switches(t *testing.T) {
	t.Parallel()
	mock := New(Config{RefuseHTTPWebhooks: true, SortEventTypes: true})
	wantError(t, send(t, mock, http.MethodPost, webhooksPath, webhookForm("WebhookUrl", "http://127.0.0.1")), 400, 60200)
	got := send(t, mock, http.MethodPost, webhooksPath, webhookForm())
	if diff := cmp.Diff([]any{"challenge.denied", "factor.deleted"}, got.Body["event_types"]); diff != "" {
		t.Error(diff)
	}
}

func TestWebhook_List(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	mock.AddWebhook(Webhook{ServiceSID: mock.AddService(Service{}).SID})
	want := []string{mock.AddWebhook(Webhook{}).SID, mock.AddWebhook(Webhook{}).SID}
	got := send(t, mock, http.MethodGet, webhooksPath, nil)
	if diff := cmp.Diff(want, sidsOf(got, "webhooks")); diff != "" {
		t.Error(diff)
	}
	if got.object("meta")["key"] != "webhooks" {
		t.Errorf("got %s", got.Raw)
	}
}

func TestWebhook_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	w := mock.AddWebhook(Webhook{EventTypes: []string{"*"}})
	mock.UpdateWebhook(w.SID, func(v *Webhook) { v.URL, v.SID = "https://drifted.example.com", "YWother" })
	if got, ok := mock.Webhook(w.SID); !ok || got.URL != "https://drifted.example.com" || !slices.Equal(got.EventTypes, []string{"*"}) {
		t.Errorf("got %+v", got)
	}
	if !mock.DeleteWebhook(w.SID) || mock.DeleteWebhook(w.SID) {
		t.Error("want the first deletion to succeed and the second to fail")
	}
}
