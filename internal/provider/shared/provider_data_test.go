// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

func TestCredentials_Account(t *testing.T) {
	t.Parallel()
	token := Credentials{Username: accountSID, AccountSID: accountSID}
	key := Credentials{Username: "SK1", AccountSID: accountSID}
	for name, test := range map[string]struct {
		credentials      Credentials
		account          string
		proves, excludes bool
	}{
		"token, same account":               {token, accountSID, true, false},
		"token, same account, other case":   {token, strings.ToLower(accountSID), true, false},
		"token, other account":              {token, otherSID, true, true},
		"token, account not known":          {token, "", true, false},
		"key, same account":                 {key, accountSID, false, false},
		"key, other account":                {key, otherSID, false, true},
		"key of an account that is unknown": {Credentials{Username: "SK1"}, otherSID, false, false},
		"nothing":                           {Credentials{}, otherSID, false, false},
	} {
		if proves, excludes := test.credentials.provesAccount(), test.credentials.excludes(test.account); proves != test.proves ||
			excludes != test.excludes {
			t.Errorf("%s: proves: %t, excludes: %t; want %t and %t", name, proves, excludes, test.proves, test.excludes)
		}
	}
}

func TestProviderData_Ready(t *testing.T) {
	t.Parallel()
	for want, data := range map[string]*ProviderData{
		"": {Client: &client.Client{}},
		"Error: Provider not configured: Terraform called the provider before configuring it.…": nil,
		"Error: Provider configuration not known yet: …because auth_token in the provider block is known only after apply.…": {
			UnknownAttribute: "auth_token",
		},
	} {
		var diags diag.Diagnostics
		if ready := data.Ready(&diags); ready != (want == "") {
			t.Errorf("ready: %t, want %q", ready, want)
		}
		outcome.Expect(t, outcome.Of(diags), want)
	}
}

// TestProviderData_Configure checks that Configure sets the data. Without data, Terraform only
// validates.
func TestProviderData_Configure(t *testing.T) {
	t.Parallel()
	configure := map[string]func(raw any) (*ProviderData, diag.Diagnostics){
		"resource": func(raw any) (*ProviderData, diag.Diagnostics) {
			r, resp := Resource{}, resource.ConfigureResponse{}
			r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: raw}, &resp)
			return r.ProviderData, resp.Diagnostics
		},
		"data source": func(raw any) (*ProviderData, diag.Diagnostics) {
			d, resp := DataSource{}, datasource.ConfigureResponse{}
			d.Configure(t.Context(), datasource.ConfigureRequest{ProviderData: raw}, &resp)
			return d.ProviderData, resp.Diagnostics
		},
		"action": func(raw any) (*ProviderData, diag.Diagnostics) {
			a, resp := Action{}, action.ConfigureResponse{}
			a.Configure(t.Context(), action.ConfigureRequest{ProviderData: raw}, &resp)
			return a.ProviderData, resp.Diagnostics
		},
		"ephemeral resource": func(raw any) (*ProviderData, diag.Diagnostics) {
			e, resp := EphemeralResource{}, ephemeral.ConfigureResponse{}
			e.Configure(t.Context(), ephemeral.ConfigureRequest{ProviderData: raw}, &resp)
			return e.ProviderData, resp.Diagnostics
		},
	}
	data := &ProviderData{}
	for name, f := range configure {
		if got, diags := f(data); got != data || len(diags) > 0 {
			t.Errorf("%s: got %v, %v", name, got, diags)
		}
		if got, diags := f(nil); got != nil || len(diags) > 0 {
			t.Errorf("%s: without data got %v, %v", name, got, diags)
		}
		got, diags := f("text")
		outcome.Expect(t, outcome.Of(diags), "Error: Unexpected provider data: Expected *shared.ProviderData, got string.…")
		if got != nil {
			t.Errorf("%s: from other data got %v", name, got)
		}
	}
}

// TestProviderData_Service checks that a service is requested once if it exists or is known not to
// exist.
func TestProviderData_Service(t *testing.T) {
	t.Parallel()
	service := map[string]any{"sid": serviceSID, "account_sid": accountSID}
	failure := func(status, code int) http.HandlerFunc {
		return respond(status, map[string]any{"code": code, "message": "m", "status": status})
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string // for two calls, one after the other
	}{
		"exists":           {respond(200, service), "1 requests, found: true, again: true"},
		"not found":        {failure(404, 20404), "1 requests, found: false, again: false"},
		"404 from a proxy": {respond(404, "Not Found"), "2 requests, found: false, again: false"},
		"not readable":     {failure(403, 20003), "2 requests, found: false, again: false"},
		"Twilio's failure": {failure(500, 20500), "2 requests, found: false, again: false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			d := newData(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				test.handler(w, r)
			})
			found := func() bool {
				s, err := d.Service(t.Context(), serviceSID)
				return err == nil && s.AccountSID == accountSID
			}
			first, second := found(), found()
			outcome.Expect(t, fmt.Sprintf("%d requests, found: %t, again: %t", requests.Load(), first, second), test.want)
		})
	}
}

// TestProviderData_ServiceConcurrent makes callers wait for one request, and one of them stop
// waiting.
func TestProviderData_ServiceConcurrent(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	proceed := make(chan struct{})
	d := newData(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		<-proceed
		respond(200, map[string]any{"sid": serviceSID})(w, r)
	})
	var callers sync.WaitGroup
	for range 5 {
		callers.Go(func() {
			if service, err := d.Service(t.Context(), serviceSID); err != nil || service.SID != serviceSID {
				t.Errorf("got %v, %v", service, err)
			}
		})
	}
	for requests.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if service, err := d.Service(ctx, serviceSID); service != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that stops waiting got %v, %v", service, err)
	}
	close(proceed)
	callers.Wait()
	if requests.Load() != 1 {
		t.Errorf("%d requests, want 1", requests.Load())
	}
}

func TestProviderData_KeepService(t *testing.T) {
	t.Parallel()
	d := newData(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	d.KeepService(&client.Service{Common: client.Common{SID: serviceSID}, FriendlyName: "New"})
	if service, err := d.Service(t.Context(), serviceSID); err != nil || service.FriendlyName != "New" {
		t.Errorf("got %v, %v", service, err)
	}
}

// TestLogHandler_Levels checks that records go to Terraform's log with their attributes as fields.
func TestLogHandler_Levels(t *testing.T) {
	t.Parallel()
	var output strings.Builder
	ctx := tflogtest.RootLogger(t.Context(), &output)
	logger := slog.New(LogHandler{})
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		logger.Log(ctx, level, "request", slog.Int("status", 200))
	}
	entries, err := tflogtest.MultilineJSONDecode(strings.NewReader(output.String()))
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	for _, entry := range entries {
		got = append(got, entry["@level"], entry["@message"], entry["status"])
	}
	want := []any{"debug", "request", 200.0, "info", "request", 200.0, "warn", "request", 200.0, "warn", "request", 200.0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
