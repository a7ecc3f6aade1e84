// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
)

// TestServer_ServesOnAnyListenerAndClock runs a server for a day on a virtual clock.
func TestServer_ServesOnAnyListenerAndClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		mock := New(Config{Latency: time.Second, Seed: 1})
		served := make(chan error, 1)
		go func() { served <- mock.Serve(listener) }()
		client := &http.Client{Transport: &http.Transport{DialContext: listener.Dial}}
		post := func(path string, form url.Values) (int, error) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://mock"+path, strings.NewReader(form.Encode()))
			if err != nil {
				return 0, err
			}
			r.SetBasicAuth(DefaultAccountSID, DefaultAuthToken)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			response, err := client.Do(r)
			if err != nil {
				return 0, err
			}
			return response.StatusCode, response.Body.Close()
		}
		began := time.Now()
		if status, err := post(factorsPath, totpForm()); err != nil || status != http.StatusCreated {
			t.Errorf("got %d, %v", status, err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
		mock.Inject(Fault{Drop: true, Count: 1}, Fault{Status: 503, Delay: time.Hour, Count: 1})
		if _, err := post(servicesPath, url.Values{"FriendlyName": {"x"}}); err == nil {
			t.Error("a dropped request got a response")
		}
		if status, err := post(servicesPath, url.Values{"FriendlyName": {"x"}}); err != nil || status != 503 {
			t.Errorf("got %d, %v", status, err)
		}
		time.Sleep(24 * time.Hour)
		if left := mock.Factors(); len(left) != 0 {
			t.Errorf("%d factors are left after a day", len(left))
		}
		if err := errors.Join(mock.Close(), <-served); err != nil {
			t.Error(err)
		}
		client.CloseIdleConnections()
	})
}

// history sends a fixed sequence of requests, and returns the SIDs and secrets that the server
// generated.
func history(t *testing.T, seed uint64) []string {
	t.Helper()
	mock := frozen(Config{Seed: seed})
	service := mustCreateService(t, mock)
	factor := mustCreate(t, mock, totpForm())
	webhook := send(t, mock, http.MethodPost, webhooksPath, webhookForm())
	token := send(t, mock, http.MethodPost, accessTokensPath, tokenForm())
	added := mock.AddFactor(Factor{})
	return []string{
		service.text("sid"), factor.text("sid"), factor.text("entity_sid"), factor.object("binding")["secret"].(string),
		factor.Header.Get("Twilio-Request-Id"), webhook.text("sid"), token.text("sid"), token.text("token"), added.SID, added.Secret,
	}
}

func TestServer_SeedDeterminesSIDs(t *testing.T) {
	t.Parallel()
	first := history(t, 7)
	if diff := cmp.Diff(first, history(t, 7)); diff != "" {
		t.Error(diff)
	}
	for name, other := range map[string][]string{"another seed": history(t, 8), "no seed": history(t, 0)} {
		for i := range first {
			if first[i] == other[i] {
				t.Errorf("%s: %s again", name, first[i])
			}
		}
	}
	seen := map[string]bool{}
	for _, value := range first {
		if seen[value] {
			t.Errorf("%s twice", value)
		}
		seen[value] = true
	}
}

// TestFault_EveryOperation checks that faults select requests by operation, for every kind of
// object.
func TestFault_EveryOperation(t *testing.T) {
	t.Parallel()
	for _, route := range routes {
		t.Run(string(route.operation), func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			mock.Inject(Fault{Operation: route.operation, Status: 503, Code: 20503, Message: "later"})
			path := strings.NewReplacer(
				"{ServiceSid}", DefaultServiceSID, "{Identity}", testIdentity, "{Sid}", "YF"+strings.Repeat("0", 32),
			).Replace(route.template)
			wantError(t, send(t, mock, route.method, path, nil), 503, 20503)
			request := mock.Requests()[0]
			if request.Operation != route.operation || request.Route != route.template || request.Processed {
				t.Errorf("got %+v", request)
			}
		})
	}
}
