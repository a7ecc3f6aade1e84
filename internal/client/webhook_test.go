// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// documentedWebhookJSON is the webhook in Twilio's API reference.
const documentedWebhookJSON = `{
  "url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Webhooks/YWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "sid": "YWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "friendly_name": "name", "event_types": ["factor.deleted", "factor.verified"], "webhook_method": "POST", "webhook_url": "https://owlbank.twilio.com",
  "status": "enabled", "version": "v2", "date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-31T20:00:00Z"
}`

const (
	webhooksPath      = "/v2/Services/" + documentedService + "/Webhooks"
	documentedWebhook = "YWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

func TestWebhook_Decode(t *testing.T) {
	t.Parallel()
	var got Webhook
	if err := json.Unmarshal([]byte(documentedWebhookJSON), &got); err != nil {
		t.Fatal(err)
	}
	want := Webhook{
		SID: documentedWebhook, AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ServiceSID: documentedService,
		FriendlyName: "name", EventTypes: []string{"factor.deleted", "factor.verified"}, Status: "enabled", Version: "v2",
		WebhookURL: "https://owlbank.twilio.com", WebhookMethod: "POST",
		DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-31T20:00:00Z",
		URL: "https://verify.twilio.com" + webhooksPath + "/" + documentedWebhook,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// documentedWebhookParams returns the parameters of the create in Twilio's API reference, and
// others.
func documentedWebhookParams() WebhookParams {
	return WebhookParams{
		FriendlyName: ptr("name"), EventTypes: []string{"factor.verified", "factor.deleted"}, WebhookURL: ptr("https://owlbank.twilio.com"),
		Status: ptr("enabled"), Version: ptr("v2"),
	}
}

// TestWebhookParams_Form checks that each event type is sent under the same key.
func TestWebhookParams_Form(t *testing.T) {
	t.Parallel()
	want := url.Values{
		"FriendlyName": {"name"}, "EventTypes": {"factor.verified", "factor.deleted"}, "WebhookUrl": {"https://owlbank.twilio.com"},
		"Status": {"enabled"}, "Version": {"v2"},
	}
	if got := documentedWebhookParams().form(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (WebhookParams{}).form(); len(got) > 0 {
		t.Errorf("empty parameters are sent as %v", got)
	}
}

func TestWebhookParams_Resembles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Webhook)
		want   bool
	}{
		"the same":         {func(*Webhook) {}, true},
		"other order":      {func(w *Webhook) { slices.Reverse(w.EventTypes) }, true},
		"nothing returned": {func(w *Webhook) { *w = Webhook{} }, true},
		"other name":       {func(w *Webhook) { w.FriendlyName = "x" }, false},
		"other URL":        {func(w *Webhook) { w.WebhookURL = "https://example.com" }, false},
		"other status":     {func(w *Webhook) { w.Status = "disabled" }, false},
		"other version":    {func(w *Webhook) { w.Version = "v1" }, false},
		"fewer events":     {func(w *Webhook) { w.EventTypes = w.EventTypes[:1] }, false},
		"another event":    {func(w *Webhook) { w.EventTypes[0] = "*" }, false},
		"other metadata":   {func(w *Webhook) { w.AccountSID, w.URL = "AC1", "x" }, true},
	} {
		w := Webhook{FriendlyName: "name", EventTypes: []string{"factor.verified", "factor.deleted"}, WebhookURL: "https://owlbank.twilio.com", Status: "enabled", Version: "v2"}
		c.change(&w)
		if got := documentedWebhookParams().resembles(&w); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// TestClient_CreateWebhook finds a webhook whose response was lost, and never creates a second one.
func TestClient_CreateWebhook(t *testing.T) {
	t.Parallel()
	const now = "NOW" // replaced when the subtest runs, which may wait for others
	fresh := strings.ReplaceAll(documentedWebhookJSON, "2015-07-30T20:00:00Z", now)
	other := strings.ReplaceAll(fresh, documentedWebhook, "YWbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
	list := func(webhooks ...string) scripted {
		return scripted{200, `{"webhooks": [` + strings.Join(webhooks, ",") + `], "meta": {}}`}
	}
	const create, search = "POST " + webhooksPath, "GET " + webhooksPath + "?PageSize=1000"
	for name, c := range map[string]struct {
		responses []scripted
		requests  []string
		problem   string
	}{
		"new":              {[]scripted{{201, fresh}}, []string{create}, ""},
		"response lost":    {[]scripted{{}, list(documentedWebhookJSON, fresh)}, []string{create, search}, ""},
		"ambiguous":        {[]scripted{{}, list(fresh, other)}, []string{create, search}, "YWbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
		"refused":          {[]scripted{{400, `{"code": 60306, "message": "Invalid parameter: EventTypes", "status": 400}`}}, []string{create}, "60306"},
		"another response": {[]scripted{{201, `{"sid": "VA1"}`}, list(fresh)}, []string{create, search}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i := range c.responses {
				c.responses[i].body = strings.ReplaceAll(c.responses[i].body, now, time.Now().UTC().Format(time.RFC3339))
			}
			client, server := newScript(t, c.responses...)
			got, err := client.CreateWebhook(t.Context(), documentedService, documentedWebhookParams())
			if (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("the error is %v, want %q", err, c.problem)
			}
			if err == nil && got.SID != documentedWebhook {
				t.Errorf("got %+v", got)
			}
			if !slices.Equal(server.requests, c.requests) {
				t.Errorf("the requests are %q, want %q", server.requests, c.requests)
			}
			if want := documentedWebhookParams().form(); !reflect.DeepEqual(server.forms[0], want) {
				t.Errorf("the create sent %v, want %v", server.forms[0], want)
			}
		})
	}
}

// TestClient_CreateWebhookRefusedConnection uses a server that stops between two attempts. The
// search after the first one found nothing, and the second one was not sent, so no webhook was
// created.
func TestClient_CreateWebhookRefusedConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dial := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			if r.Method == http.MethodPost {
				failure(http.StatusServiceUnavailable, 20503)(w, r)
				return
			}
			respond(http.StatusOK, `{"webhooks": [], "meta": {}}`)(w, r)
		}))
		dials := 0
		client := newClient(t, "http://127.0.0.1:1", withRetries(1), func(config *Config) {
			config.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if dials++; dials > 2 {
					return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
				}
				return dial(ctx, network, addr)
			}
		})
		_, err := client.CreateWebhook(t.Context(), documentedService, documentedWebhookParams())
		var unknown *UnknownOutcomeError
		if !IsConnectionRefused(err) || errors.As(err, &unknown) {
			t.Errorf("%d dials, error %v", dials, err)
		}
	})
}

func TestCreate_ResolveWebhook(t *testing.T) {
	t.Parallel()
	created := time.Date(2015, 7, 30, 20, 0, 0, 0, time.UTC)
	note := Note{Since: created.Add(-time.Minute), Until: created.Add(time.Minute)}
	found := scripted{200, `{"webhooks": [` + documentedWebhookJSON + `], "meta": {}}`}
	none := scripted{200, `{"webhooks": [], "meta": {}}`}
	visible := scripted{200, documentedServiceJSON}
	hidden := scripted{404, `{"code": 20404, "message": "Not found", "status": 404}`}

	client, _ := newScript(t, found, found, visible)
	if w, err := client.WebhookCreate(documentedService, documentedWebhookParams()).Resolve(t.Context(), note); err != nil || w.SID != documentedWebhook {
		t.Errorf("got %v, %v", w, err)
	}
	if w, err := client.WebhookCreate(documentedService, documentedWebhookParams()).Resolve(t.Context(), note); w != nil || err != nil {
		t.Errorf("got %v, %v for a webhook that another caller has", w, err)
	}
	client, _ = newScript(t, none, visible)
	if w, err := client.WebhookCreate(documentedService, documentedWebhookParams()).Resolve(t.Context(), note); w != nil || err != nil {
		t.Errorf("got %v, %v, want nothing", w, err)
	}
	client, _ = newScript(t, hidden, hidden)
	if w, err := client.WebhookCreate(documentedService, documentedWebhookParams()).Resolve(t.Context(), note); w != nil || err == nil {
		t.Errorf("got %v, %v for a service that cannot be seen", w, err)
	}
	client, server := newScript(t, found, scripted{204, ""})
	err := client.WebhookCreate(documentedService, documentedWebhookParams()).Delete(t.Context(), note)
	if want := []string{"GET " + webhooksPath + "?PageSize=1000", "DELETE " + webhooksPath + "/" + documentedWebhook}; err != nil || !slices.Equal(server.requests, want) {
		t.Errorf("%v, the requests are %q, want %q", err, server.requests, want)
	}
	client, _ = newScript(t, found, hidden)
	if err := client.WebhookCreate(documentedService, documentedWebhookParams()).Delete(t.Context(), note); err != nil {
		t.Errorf("got %v for a webhook that was already deleted", err)
	}
	client, _ = newScript(t, found, scripted{403, `{"code": 20003, "message": "Forbidden", "status": 403}`})
	if err := client.WebhookCreate(documentedService, documentedWebhookParams()).Delete(t.Context(), note); err == nil {
		t.Error("no error for a webhook that could not be deleted")
	}
}

// TestClient_WebhookURLIsSecret checks that errors do not contain the URL, which may contain a
// credential.
func TestClient_WebhookURLIsSecret(t *testing.T) {
	t.Parallel()
	const secret = "https://user:hunter2@example.com/events"
	client, server := newScript(t, scripted{400, `{"code": 60306, "message": "Invalid parameter WebhookUrl: ` + secret + `", "status": 400}`})
	_, err := client.UpdateWebhook(t.Context(), documentedService, documentedWebhook, WebhookParams{WebhookURL: ptr(secret)})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "WebhookUrl") {
		t.Errorf("the error is %v", err)
	}
	if want := (url.Values{"WebhookUrl": {secret}}); !reflect.DeepEqual(server.forms[0], want) || server.requests[0] != "POST "+webhooksPath+"/"+documentedWebhook {
		t.Errorf("sent %s with %v", server.requests[0], server.forms[0])
	}
}

func TestClient_InvalidWebhookIsNotSent(t *testing.T) {
	t.Parallel()
	client, server := newScript(t)
	for _, sid := range [][2]string{{"", documentedWebhook}, {documentedService, ""}, {documentedService, "../" + documentedWebhook}} {
		_, fetched := client.FetchWebhook(t.Context(), sid[0], sid[1])
		_, updated := client.UpdateWebhook(t.Context(), sid[0], sid[1], WebhookParams{})
		if deleted := client.DeleteWebhook(t.Context(), sid[0], sid[1]); fetched == nil || updated == nil || deleted == nil {
			t.Errorf("%v is accepted", sid)
		}
	}
	if _, err := client.CreateWebhook(t.Context(), "", documentedWebhookParams()); err == nil {
		t.Error("a webhook without a service is created")
	}
	var listed []error
	for _, err := range client.Webhooks(t.Context(), "", 0) {
		listed = append(listed, err)
	}
	if len(listed) != 1 || listed[0] == nil {
		t.Errorf("the list without a service has the errors %v, want one", listed)
	}
	if len(server.requests) > 0 {
		t.Errorf("%q was sent", server.requests)
	}
}

// TestClient_WebhookOfAnotherSID refuses a response about another webhook.
func TestClient_WebhookOfAnotherSID(t *testing.T) {
	t.Parallel()
	client, _ := newScript(t, scripted{200, documentedWebhookJSON}, scripted{200, documentedWebhookJSON})
	if _, err := client.FetchWebhook(t.Context(), documentedService, "YWbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"); err == nil {
		t.Error("another webhook is accepted")
	}
	if w, err := client.FetchWebhook(t.Context(), documentedService, documentedWebhook); err != nil || w.FriendlyName != "name" {
		t.Errorf("got %v, %v", w, err)
	}
}
