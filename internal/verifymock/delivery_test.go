// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// listen returns the URL of a server on loopback and what is posted to it.
func listen(t *testing.T, status int) (string, <-chan url.Values) {
	t.Helper()
	events := make(chan url.Values, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.ParseForm() != nil {
			t.Errorf("got %s %s", r.Method, r.URL)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		events <- r.PostForm
	}))
	t.Cleanup(server.Close)
	return server.URL, events
}

func next(t *testing.T, events <-chan url.Values) url.Values {
	t.Helper()
	select {
	case event := <-events:
		return event
	case <-time.After(time.Minute):
		t.Fatal("no event within a minute")
		return nil
	}
}

func TestDelivery_Events(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	t.Cleanup(func() { _ = mock.Close() })
	all, events := listen(t, http.StatusFound) // not followed, and does not prevent the next event
	some, created := listen(t, http.StatusOK)
	off, never := listen(t, http.StatusOK)
	mock.AddWebhook(Webhook{URL: all})
	mock.AddWebhook(Webhook{URL: some, EventTypes: []string{"factor.created"}})
	mock.AddWebhook(Webhook{URL: off, Status: "disabled"})
	mock.AddWebhook(Webhook{URL: off, ServiceSID: mock.AddService(Service{}).SID})

	f := newTOTP(t, mock)
	verify(t, mock, f, code(t, f, start), "200 status=verified")
	expect(t, mock, ask(f)+"&AuthPayload="+code(t, f, start), "201", "DELETE "+factorsPath+"/"+f.SID, "204")
	for _, event := range []string{"factor.created", "factor.verified", "challenge.approved", "factor.deleted"} {
		got := next(t, events)
		wantMatch(t, "uuid", got.Get("uuid"), "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
		got.Del("uuid")
		want := url.Values{
			"type": {event}, "account_sid": {DefaultAccountSID}, "service_sid": {DefaultServiceSID},
			"entity_identity": {testIdentity}, "factor_sid": {f.SID}, "factor_type": {"totp"},
		}
		if event == "challenge.approved" {
			want.Set("challenge_sid", mock.Challenges()[0].SID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if got := next(t, created); got.Get("type") != "factor.created" || len(created)+len(never) != 0 {
		t.Errorf("got %v, and %d events to which no webhook has subscribed", got, len(created)+len(never))
	}
}

func TestDelivery_LoopbackOnly(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://127.0.0.1:80/x": true, "http://[::1]/": true, "http://localhost:1": true, "https://127.9.9.9": true,
		"http://example.com": false, "http://localhost.example.com": false, "http://127.0.0.1.nip.io": false,
		"http://192.0.2.1": false, "http://127.0.0.1@example.com": false, "http://0.0.0.0": false, "http://%": false,
	} {
		if got := isLoopbackURL(address); got != want {
			t.Errorf("%s: got %v", address, got)
		}
	}
	d := newDelivery()
	t.Cleanup(d.close)
	// The dialed address is also checked, regardless of the name.
	if err := d.send(undelivered{"http://192.0.2.1:9/", nil}); err == nil || !strings.Contains(err.Error(), "not a loopback address") {
		t.Errorf("got %v", err)
	}
}

func TestDelivery_StopsOnClose(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	held, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		held <- struct{}{}
		<-release
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) }) // runs before the server closes
	mock.AddWebhook(Webhook{URL: server.URL})
	for range maxUndelivered + 10 {
		mock.AddFactor(Factor{})
	}
	<-held
	mock.delivery.mu.Lock()
	queued := len(mock.delivery.queue)
	mock.delivery.mu.Unlock()
	if err := mock.Close(); err != nil || queued > maxUndelivered {
		t.Fatalf("%d events are queued, %v", queued, err)
	}
	mock.AddFactor(Factor{})
	select {
	case <-held:
		t.Error("an event was delivered after Close")
	case <-time.After(50 * time.Millisecond):
	}
}
