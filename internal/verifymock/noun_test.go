// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const messagingSID = "MG00000000000000000000000000000001"

const webhooksPath = servicePath + "/Webhooks"

// webhookForm returns the form in Twilio's example, changed by the pairs.
func webhookForm(pairs ...string) url.Values {
	return with(url.Values{
		"FriendlyName": {"name"}, "EventTypes": {"factor.deleted", "challenge.denied"}, "WebhookUrl": {"https://owlbank.twilio.com"},
	}, pairs...)
}

// nounTest is what a test of every kind needs to know about one of them.
type nounTest struct {
	kind   Kind
	list   string // path
	form   url.Values
	want   map[string]any // of the create's response, except what every object has
	change url.Values
	after  map[string]any // what the change changes
}

// nounTests returns the kinds that can be created, changed, and deleted through the API. The server
// has a rate limit for the buckets.
func nounTests(mock *Server) []nounTest {
	limit := mock.AddObject(RateLimits, Object{"unique_name": "of-buckets"}).Text("sid")
	return []nounTest{
		{
			Webhooks, webhooksPath, webhookForm(),
			map[string]any{
				"friendly_name": "name", "event_types": []any{"factor.deleted", "challenge.denied"}, "webhook_method": "POST",
				"webhook_url": "https://owlbank.twilio.com", "status": "enabled", "version": "v2",
			},
			url.Values{
				"FriendlyName": {"other"}, "EventTypes": {"*"}, "WebhookUrl": {"https://example.com/x"}, "Status": {"disabled"}, "Version": {"v1"},
			},
			map[string]any{
				"friendly_name": "other", "event_types": []any{"*"}, "webhook_url": "https://example.com/x", "status": "disabled", "version": "v1",
			},
		},
		{
			RateLimits, servicePath + "/RateLimits",
			url.Values{"UniqueName": {"login.end_user-1"}},
			map[string]any{"unique_name": "login.end_user-1", "description": "", "links": "/Buckets"},
			url.Values{"Description": {"by user"}},
			map[string]any{"description": "by user"},
		},
		{
			Buckets, servicePath + "/RateLimits/" + limit + "/Buckets",
			url.Values{"Max": {"5"}, "Interval": {"60"}},
			map[string]any{"max": 5.0, "interval": 60.0, "rate_limit_sid": limit},
			url.Values{"Max": {"6"}, "Interval": {"2"}},
			map[string]any{"max": 6.0, "interval": 2.0},
		},
		{
			MessagingConfigurations, servicePath + "/MessagingConfigurations",
			url.Values{"Country": {"US"}, "MessagingServiceSid": {messagingSID}},
			map[string]any{"country": "US", "messaging_service_sid": messagingSID},
			url.Values{"MessagingServiceSid": {messagingSID[:33] + "2"}},
			map[string]any{"messaging_service_sid": messagingSID[:33] + "2"},
		},
		{
			Credentials, "/v1/Credentials",
			url.Values{"Type": {"apn"}, "FriendlyName": {"iOS"}, "Certificate": {"PEM"}, "PrivateKey": {"key"}, "Sandbox": {"true"}},
			map[string]any{"type": "apn", "friendly_name": "iOS", "sandbox": "true"},
			url.Values{"Type": {"fcm"}, "Secret": {"{}"}, "FriendlyName": {""}},
			map[string]any{"type": "fcm", "friendly_name": ""},
		},
	}
}

// eachNoun runs a test for each of these kinds.
func eachNoun(t *testing.T, config Config, test func(t *testing.T, mock *Server, n nounTest)) {
	t.Helper()
	for i, n := range nounTests(New(config)) {
		if !slices.ContainsFunc(kinds, func(k *kind) bool { return k.name == n.kind }) {
			t.Errorf("kinds has no %s", n.kind)
			continue
		}
		t.Run(string(n.kind), func(t *testing.T) {
			t.Parallel()
			mock := frozen(config)
			test(t, mock, nounTests(mock)[i])
		})
	}
}

func TestNoun_Lifecycle(t *testing.T) {
	t.Parallel()
	eachNoun(t, Config{}, func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		got := send(t, mock, http.MethodPost, n.list, n.form)
		wantStatus(t, got, http.StatusCreated)
		k, want := kindOf(n.kind), n.want
		last := got.text("sid")
		if k.prefix == "" {
			last = "US"
		} else {
			wantMatch(t, "sid", last, "^"+k.prefix+"[0-9a-f]{32}$")
			want["sid"] = last
		}
		path := n.list + "/" + last
		want["account_sid"], want["url"] = DefaultAccountSID, "http://example.com"+path
		want["date_created"], want["date_updated"] = "2026-03-01T12:00:15Z", "2026-03-01T12:00:15Z"
		if k.parent != nil {
			want["service_sid"] = DefaultServiceSID
		}
		if want["links"] != nil {
			want["links"] = map[string]any{"buckets": "http://example.com" + path + "/Buckets"}
		}
		if diff := cmp.Diff(want, got.Body); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, send(t, mock, http.MethodGet, path, nil).Body); diff != "" {
			t.Errorf("fetched: %s", diff)
		}

		mock.AdvanceClock(time.Minute)
		unchanged := send(t, mock, http.MethodPost, path, nil)
		if diff := cmp.Diff(want, unchanged.Body); diff != "" && n.kind != MessagingConfigurations {
			t.Errorf("after an update without parameters: %s", diff)
		}
		changed := send(t, mock, http.MethodPost, path, n.change)
		wantStatus(t, changed, http.StatusOK)
		want["date_updated"] = "2026-03-01T12:01:15Z"
		maps.Copy(want, n.after)
		if diff := cmp.Diff(want, changed.Body); diff != "" {
			t.Errorf("updated: %s", diff)
		}
		wantError(t, send(t, mock, http.MethodPost, path, url.Values{"Color": {"red"}}), 400, 60200)

		listed := send(t, mock, http.MethodGet, n.list, nil)
		objects, _ := listed.Body[k.listKey].([]any)
		if len(objects) == 0 || listed.object("meta")["key"] != k.listKey {
			t.Fatalf("got %s", listed.Raw)
		}
		if diff := cmp.Diff(any(want), objects[len(objects)-1]); diff != "" {
			t.Errorf("listed: %s", diff)
		}
		wantStatus(t, send(t, mock, http.MethodDelete, path, nil), http.StatusNoContent)
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			wantError(t, send(t, mock, method, path, nil), 404, 20404)
		}
		for i, verb := range []string{"create", "fetch", "update", "update", "update", "list", "delete", "fetch"} {
			if got := mock.Requests()[i].Operation; got != n.kind.Operation(verb) {
				t.Errorf("request %d is %q, want %s", i, got, verb)
			}
		}
	})
}

// TestNoun_ChangesFromOutside uses the functions for tests with every kind.
func TestNoun_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(string(k.name), func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			if k.parent != nil && k.parent != serviceKind {
				mock.AddObject(k.parent.name, nil)
			}
			before := len(mock.Objects(k.name))
			added := mock.AddObject(k.name, nil)
			if k.parent == entityKind && added.Text("identity") != mock.Entities()[0].Identity {
				t.Errorf("it is in the entity %q", added.Text("identity"))
			}
			id := k.id(added)
			if !mock.UpdateObject(k.name, id, func(o Object) { o["friendly_name"], o["sid"], o["account_sid"] = "Drifted", "other", "other" }) {
				t.Fatalf("%s was not found", id)
			}
			got, ok := mock.Object(k.name, id)
			if !ok || got.Text("friendly_name") != "Drifted" || got.Text("sid") != added.Text("sid") ||
				got.Text("account_sid") != DefaultAccountSID {
				t.Errorf("got %v", got)
			}
			if all := mock.Objects(k.name); len(all) != before+1 || !cmp.Equal(all[before], got) {
				t.Errorf("got %v", all)
			}
			if !mock.DeleteObject(k.name, id) || mock.DeleteObject(k.name, id) {
				t.Error("want the first deletion to succeed and the second to fail")
			}
		})
	}
}

func TestNoun_AddNeedsContainer(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(*Server){
		"unknown service": func(s *Server) { s.AddWebhook(Webhook{ServiceSID: "VAunknown"}) },
		"unknown account": func(s *Server) { s.AddService(Service{AccountSID: "ACunknown"}) },
		"no rate limit":   func(s *Server) { s.AddObject(Buckets, nil) },
		"unknown kind":    func(s *Server) { s.AddObject("color", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			add(New(Config{}))
		})
	}
}

func TestNoun_AddToContainer(t *testing.T) {
	t.Parallel()
	other := Account{SID: "AC00000000000000000000000000000002", AuthToken: "other"}
	mock := New(Config{Accounts: []Account{other, defaultAccount()}})
	own := mock.AddObject(Services, nil).Text("sid")
	if got := mock.AddObject(Webhooks, nil); got.Text("service_sid") != own || got.Text("account_sid") != other.SID {
		t.Errorf("got %v", got)
	}
	first := mock.AddObject(RateLimits, Object{"service_sid": DefaultServiceSID})
	second := mock.AddObject(RateLimits, Object{"service_sid": DefaultServiceSID})
	if got := mock.AddObject(Buckets, Object{"service_sid": DefaultServiceSID}); got.Text("rate_limit_sid") != first.Text("sid") {
		t.Errorf("got %v", got)
	}
	got := mock.AddObject(Buckets, Object{"rate_limit_sid": second.Text("sid"), "max": 1})
	if got.Text("service_sid") != DefaultServiceSID || got.Text("account_sid") != DefaultAccountSID || got["max"] != 1 {
		t.Errorf("got %v", got)
	}
}

// TestNoun_OtherAccount expects that an account sees nothing of another one's.
func TestNoun_OtherAccount(t *testing.T) {
	t.Parallel()
	other := Account{SID: "AC00000000000000000000000000000002", AuthToken: "other"}
	eachNoun(t, Config{Accounts: []Account{defaultAccount(), other}}, func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		created := send(t, mock, http.MethodPost, n.list, n.form)
		path := strings.TrimPrefix(created.text("url"), "http://example.com")
		wantError(t, sendAs(t, mock, other.SID, "other", http.MethodGet, path, nil), 404, 20404)
		wantError(t, sendAs(t, mock, other.SID, "other", http.MethodDelete, path, nil), 404, 20404)
		listed := sendAs(t, mock, other.SID, "other", http.MethodGet, n.list, nil)
		if n.kind != Credentials {
			wantError(t, listed, 404, 20404)
		} else if objects, ok := listed.Body["credentials"].([]any); !ok || len(objects) != 0 {
			t.Errorf("got %s", listed.Raw)
		}
	})
}

func TestNoun_Rules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind    Kind
		pairs   []string
		code    int
		blaming string
	}{
		"no name":               {Webhooks, []string{"FriendlyName", "-"}, 20001, "FriendlyName"},
		"no events":             {Webhooks, []string{"EventTypes", "-"}, 20001, "EventTypes"},
		"no URL":                {Webhooks, []string{"WebhookUrl", "-"}, 20001, "WebhookUrl"},
		"empty name":            {Webhooks, []string{"FriendlyName", ""}, 60200, "FriendlyName"},
		"unknown event":         {Webhooks, []string{"EventTypes", "factor.changed"}, 60200, "EventTypes"},
		"comma list":            {Webhooks, []string{"EventTypes", "factor.created,factor.deleted"}, 60200, "EventTypes"},
		"relative URL":          {Webhooks, []string{"WebhookUrl", "/events"}, 60200, "WebhookUrl"},
		"other scheme":          {Webhooks, []string{"WebhookUrl", "ftp://a.com"}, 60200, "WebhookUrl"},
		"http":                  {Webhooks, []string{"WebhookUrl", "http://a.com"}, 0, ""},
		"unknown status":        {Webhooks, []string{"Status", "paused"}, 60200, "Status"},
		"version":               {Webhooks, []string{"Version", "v3"}, 60200, "Version"},
		"method":                {Webhooks, []string{"WebhookMethod", "GET"}, 60200, "WebhookMethod"},
		"no unique name":        {RateLimits, []string{"UniqueName", "-"}, 20001, "UniqueName"},
		"space":                 {RateLimits, []string{"UniqueName", "a b"}, 60209, "UniqueName"},
		"empty unique name":     {RateLimits, []string{"UniqueName", ""}, 60209, "UniqueName"},
		"empty description":     {RateLimits, []string{"Description", ""}, 0, ""},
		"no max":                {Buckets, []string{"Max", "-"}, 20001, "Max"},
		"max 0":                 {Buckets, []string{"Max", "0"}, 60200, "Max"},
		"max with zero":         {Buckets, []string{"Max", "05"}, 60200, "Max"},
		"no interval":           {Buckets, []string{"Interval", "-"}, 20001, "Interval"},
		"interval in words":     {Buckets, []string{"Interval", "minute"}, 60200, "Interval"},
		"two seconds":           {Buckets, []string{"Interval", "2"}, 0, ""},
		"all countries":         {MessagingConfigurations, []string{"Country", "all"}, 0, ""},
		"lower case":            {MessagingConfigurations, []string{"Country", "us"}, 60200, "Country"},
		"three letters":         {MessagingConfigurations, []string{"Country", "USA"}, 60200, "Country"},
		"no country":            {MessagingConfigurations, []string{"Country", "-"}, 20001, "Country"},
		"other SID":             {MessagingConfigurations, []string{"MessagingServiceSid", DefaultServiceSID}, 60200, "MessagingServiceSid"},
		"no type":               {Credentials, []string{"Type", "-"}, 20001, "Type"},
		"unknown type":          {Credentials, []string{"Type", "wns"}, 60200, "Type"},
		"sandbox":               {Credentials, []string{"Sandbox", "yes"}, 60200, "Sandbox"},
		"longest name":          {Credentials, []string{"FriendlyName", strings.Repeat("é", 64)}, 0, ""},
		"name too long":         {Credentials, []string{"FriendlyName", strings.Repeat("n", 65)}, 60200, "FriendlyName"},
		"empty secret":          {Credentials, []string{"Secret", ""}, 60200, "Secret"},
		"nothing but a type":    {Credentials, []string{"Certificate", "-", "PrivateKey", "-", "Sandbox", "-", "FriendlyName", "-"}, 0, ""},
		"unknown parameter":     {Credentials, []string{"ApiKey", "x"}, 60200, "ApiKey"},
		"description of bucket": {Buckets, []string{"Description", "x"}, 60200, "Description"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			for _, n := range nounTests(mock) {
				if n.kind == test.kind {
					before := len(mock.Objects(n.kind))
					checkVerdict(t, send(t, mock, http.MethodPost, n.list, with(n.form, test.pairs...)), http.StatusCreated, test.code, test.blaming)
					if created := len(mock.Objects(n.kind)) > before; created != (test.code == 0) {
						t.Errorf("created is %v", created)
					}
				}
			}
		})
	}
}

// TestNoun_UpdateRules expects that what identifies an object cannot be changed.
func TestNoun_UpdateRules(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	limit := servicePath + "/RateLimits/" + mock.AddObject(RateLimits, nil).Text("sid")
	mock.AddObject(MessagingConfigurations, nil)
	wantError(t, send(t, mock, http.MethodPost, limit, url.Values{"UniqueName": {"other"}}), 400, 60200)
	country := servicePath + "/MessagingConfigurations/US"
	wantError(t, send(t, mock, http.MethodPost, country, url.Values{"Country": {"FR"}, "MessagingServiceSid": {messagingSID}}), 400, 60200)
	wantError(t, send(t, mock, http.MethodPost, country, nil), 400, 20001)
}

// TestNoun_Taken creates two objects with the same natural key.
func TestNoun_Taken(t *testing.T) {
	t.Parallel()
	codes := map[Kind]int{RateLimits: 60208, Buckets: 60211, MessagingConfigurations: 60213}
	eachNoun(t, Config{}, func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		wantStatus(t, send(t, mock, http.MethodPost, n.list, n.form), http.StatusCreated)
		again := send(t, mock, http.MethodPost, n.list, n.form)
		switch {
		case n.kind == Credentials: // which no service contains
			wantStatus(t, again, http.StatusCreated)
			return
		case codes[n.kind] == 0:
			if again.Status != http.StatusCreated {
				t.Fatalf("a second %s was refused, and codes has no code for it: %s", n.kind, again.Raw)
			}
		default:
			wantError(t, again, 400, codes[n.kind])
		}
		elsewhere := strings.Replace(n.list, DefaultServiceSID, mock.AddService(Service{}).SID, 1)
		if n.kind == Buckets {
			elsewhere = servicePath + "/RateLimits/" + mock.AddObject(RateLimits, nil).Text("sid") + "/Buckets"
		}
		wantStatus(t, send(t, mock, http.MethodPost, elsewhere, n.form), http.StatusCreated)
		listed := send(t, mock, http.MethodGet, elsewhere, nil) // without the objects of the first container
		if objects, _ := listed.Body[kindOf(n.kind).listKey].([]any); len(objects) != 1 {
			t.Errorf("got %s", listed.Raw)
		}
	})
}

func TestBucket_UpdateToTakenInterval(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	limit := mock.AddObject(RateLimits, nil).Text("sid")
	mock.AddObject(Buckets, Object{"interval": 60})
	path := servicePath + "/RateLimits/" + limit + "/Buckets/" + mock.AddObject(Buckets, Object{"interval": 3600}).Text("sid")
	wantError(t, send(t, mock, http.MethodPost, path, url.Values{"Interval": {"60"}}), 400, 60211)
	wantStatus(t, send(t, mock, http.MethodPost, path, url.Values{"Interval": {"3600"}, "Max": {"1"}}), http.StatusOK)
}

func TestNoun_Limits(t *testing.T) {
	t.Parallel()
	mock := New(Config{MaxRateLimits: 2, MaxBuckets: 1})
	limits := servicePath + "/RateLimits"
	first := send(t, mock, http.MethodPost, limits, url.Values{"UniqueName": {"a"}})
	wantStatus(t, send(t, mock, http.MethodPost, limits, url.Values{"UniqueName": {"b"}}), http.StatusCreated)
	wantError(t, send(t, mock, http.MethodPost, limits, url.Values{"UniqueName": {"c"}}), 400, 60207)
	buckets := limits + "/" + first.text("sid") + "/Buckets"
	wantStatus(t, send(t, mock, http.MethodPost, buckets, url.Values{"Max": {"1"}, "Interval": {"1"}}), http.StatusCreated)
	wantError(t, send(t, mock, http.MethodPost, buckets, url.Values{"Max": {"1"}, "Interval": {"2"}}), 400, 60210)
}

// TestNoun_DeletedWithContainer deletes a rate limit and then the service.
func TestNoun_DeletedWithContainer(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	kept := mock.AddObject(RateLimits, nil).Text("sid")
	limit := mock.AddObject(RateLimits, nil).Text("sid")
	mock.AddObject(Buckets, Object{"rate_limit_sid": kept})
	mock.AddObject(Buckets, Object{"rate_limit_sid": limit})
	mock.AddObject(MessagingConfigurations, nil)
	mock.AddObject(Credentials, nil)
	buckets := servicePath + "/RateLimits/" + limit + "/Buckets"
	wantStatus(t, send(t, mock, http.MethodDelete, servicePath+"/RateLimits/"+limit, nil), http.StatusNoContent)
	wantError(t, send(t, mock, http.MethodGet, buckets, nil), 404, 20404)
	wantError(t, send(t, mock, http.MethodPost, buckets, url.Values{"Max": {"1"}, "Interval": {"1"}}), 404, 20404)
	if left := mock.Objects(Buckets); len(left) != 1 || left[0].Text("rate_limit_sid") != kept {
		t.Errorf("got %v", left)
	}
	wantStatus(t, send(t, mock, http.MethodDelete, servicePath, nil), http.StatusNoContent)
	if left := len(mock.Objects(RateLimits)) + len(mock.Objects(Buckets)) + len(mock.Objects(MessagingConfigurations)); left != 0 {
		t.Errorf("%d objects are left", left)
	}
	if len(mock.Objects(Credentials)) != 1 {
		t.Error("the credential is gone")
	}
}

func TestTemplate_List(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	first, second := mock.AddObject(Templates, nil), mock.AddObject(Templates, Object{"friendly_name": "Second"})
	got := send(t, mock, http.MethodGet, "/v2/Templates", nil)
	if diff := cmp.Diff([]string{first.Text("sid"), second.Text("sid")}, sidsOf(got, "templates")); diff != "" {
		t.Error(diff)
	}
	got = send(t, mock, http.MethodGet, "/v2/Templates?FriendlyName=Second", nil)
	want := map[string]any{
		"sid": second.Text("sid"), "account_sid": DefaultAccountSID, "friendly_name": "Second", "channels": []any{"sms", "voice"},
		"translations": map[string]any{"en": map[string]any{
			"is_default_translation": true, "status": "approved", "locale": "en", "text": "Your {{friendly_name}} code is {{code}}.",
		}},
	}
	if diff := cmp.Diff([]any{want}, got.Body["templates"]); diff != "" {
		t.Error(diff)
	}
	wantError(t, send(t, mock, http.MethodPost, "/v2/Templates", nil), 405, 20004)
	wantError(t, send(t, mock, http.MethodGet, "/v2/Templates/"+first.Text("sid"), nil), 404, 20404)
}

// TestCredential_Secrets expects that the server stores secrets and never returns them.
func TestCredential_Secrets(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	got := send(t, mock, http.MethodPost, "/v1/Credentials", url.Values{
		"Type": {"apn"}, "Certificate": {"canary-1"},
		"PrivateKey": {"canary-2"}, "Secret": {"canary-3"},
	})
	raw := got.Raw + send(t, mock, http.MethodGet, "/v1/Credentials/"+got.text("sid"), nil).Raw + send(t, mock, http.MethodGet,
		"/v1/Credentials", nil).Raw
	if strings.Contains(raw, "canary") || got.Body["sandbox"] != nil {
		t.Errorf("got %s", raw)
	}
	if o, _ := mock.Object(Credentials, got.text("sid")); o["certificate"] != "canary-1" || o["private_key"] != "canary-2" ||
		o["secret"] != "canary-3" {
		t.Errorf("stored %v", o)
	}
	for size, status := range map[int]int{100: 200, 101: 400} {
		wantStatus(t, send(t, mock, http.MethodGet, fmt.Sprintf("/v1/Credentials?PageSize=%d", size), nil), status)
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
