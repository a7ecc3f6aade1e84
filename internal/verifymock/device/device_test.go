// SPDX-License-Identifier: MPL-2.0

package device_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/device"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

const (
	identity = "robot-account-0001"
	service  = verifymock.DefaultServiceSID
	entity   = "/v2/Services/" + service + "/Entities/" + identity
)

var account = device.Credentials{User: verifymock.DefaultAccountSID, Password: verifymock.DefaultAuthToken}

// serve returns a mock, its URL, and a device that is not registered.
func serve(t *testing.T) (mock *verifymock.Server, base string, d *device.Device) {
	t.Helper()
	mock = verifymock.New(verifymock.Config{})
	server := httptest.NewServer(openapitest.Validator(t)(mock))
	t.Cleanup(server.Close)
	return mock, server.URL, newDevice(t, server.URL)
}

func newDevice(t *testing.T, base string) *device.Device {
	t.Helper()
	d, err := device.New(base)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func register(t *testing.T, d *device.Device) {
	t.Helper()
	if err := d.Register(t.Context(), account, service, identity, "Phone"); err != nil {
		t.Fatal(err)
	}
}

// post sends a request with the credentials, decodes the response, and returns its status.
func post(t *testing.T, target string, credentials device.Credentials, form url.Values, result any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(credentials.User, credentials.Password)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(result); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// challenge creates a push challenge for the device and returns its SID.
func challenge(t *testing.T, base string, d *device.Device) string {
	t.Helper()
	var created struct{ SID, Message string }
	status := post(t, base+entity+"/Challenges", account, url.Values{
		"FactorSid": {d.Factor.SID}, "Details.Message": {"Log in <here>?"}, "HiddenDetails": {`{"ip":"172.168.1.234"}`},
		"Details.Fields": {`{"label":"Action","value":"Log in"}`, `{"label":"Place","value":"Zürich"}`},
	}, &created)
	if status != http.StatusCreated {
		t.Fatalf("got %d %+v", status, created)
	}
	return created.SID
}

func wantCode(t *testing.T, err error, code int) {
	t.Helper()
	var apiError *device.Error
	if !errors.As(err, &apiError) || apiError.Code != code {
		t.Errorf("got %v, want error %d", err, code)
	}
}

func wantText(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want %s", err, text)
	}
}

// wantStatus expects that a factor or a challenge has a status.
func wantStatus(t *testing.T, mock *verifymock.Server, kind verifymock.Kind, sid, status string) {
	t.Helper()
	got, _ := mock.Object(kind, sid)
	responded := kind == verifymock.Challenges && status != "pending"
	if got["status"] != status || responded != (got["date_responded"] != nil) {
		t.Errorf("got %v, want status %s", got, status)
	}
}

func TestDevice_RegisterAndRespond(t *testing.T) {
	t.Parallel()
	mock, base, d := serve(t)
	_, err := d.Pending(t.Context())
	wantText(t, err, "register it first")
	mock.AdvanceClock(-24 * time.Hour) // the device follows the server's clock
	register(t, d)
	f, _ := mock.Factor(d.Factor.SID)
	if f.Status != "verified" || f.FactorType != "push" || f.CredentialSID == "" || d.Factor.CredentialSID != f.CredentialSID {
		t.Fatalf("got %+v, the device has %+v", f, d.Factor)
	}
	first, second := challenge(t, base, d), challenge(t, base, d)
	waiting, err := d.Pending(t.Context())
	if err != nil || len(waiting) != 2 || waiting[0].SID != first {
		t.Fatalf("got %+v, %v", waiting, err)
	}
	if details := waiting[0].Details; details.Message != "Log in <here>?" || len(details.Fields) != 2 || details.Fields[1].Value != "Zürich" {
		t.Errorf("got %+v", details)
	}
	if err := errors.Join(d.Approve(t.Context(), first), d.Deny(t.Context(), second)); err != nil {
		t.Error(err)
	}
	wantStatus(t, mock, verifymock.Challenges, first, "approved")
	wantStatus(t, mock, verifymock.Challenges, second, "denied")
	wantText(t, d.Approve(t.Context(), second), `"denied"`)
	if waiting, err := d.Pending(t.Context()); err != nil || len(waiting) != 0 {
		t.Errorf("got %+v, %v", waiting, err)
	}
}

func TestDevice_RegisterWithAccessToken(t *testing.T) {
	t.Parallel()
	mock, base, d := serve(t)
	var token struct{ Token string }
	post(t, base+"/v2/Services/"+service+"/AccessTokens", account, url.Values{"Identity": {identity}, "FactorType": {"push"}}, &token)
	credentials := device.AccessToken(token.Token)
	wantCode(t, d.Register(t.Context(), credentials, service, "another-robot", "Phone"), 20003)
	if err := d.Register(t.Context(), credentials, service, identity, "Phone"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, mock, verifymock.Factors, d.Factor.SID, "verified")
	var refused device.Error
	post(t, base+entity+"/Challenges", credentials, url.Values{"FactorSid": {d.Factor.SID}}, &refused)
	if refused.Status != http.StatusForbidden {
		t.Errorf("an access token created a challenge: %+v", refused)
	}
}

func TestDevice_Attach(t *testing.T) {
	t.Parallel()
	mock, base, d := serve(t)
	publicKey, err := d.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	f := mock.AddFactor(verifymock.Factor{Identity: identity, FactorType: "push", PublicKey: publicKey, NotificationPlatform: "none"})
	for range 2 { // the second time, the factor is verified
		if err := d.Attach(t.Context(), account, f.ServiceSID, identity, f.SID); err != nil {
			t.Fatal(err)
		}
	}
	wantStatus(t, mock, verifymock.Factors, f.SID, "verified")
	wantCode(t, newDevice(t, base).Attach(t.Context(), account, f.ServiceSID, identity, "YF"+strings.Repeat("0", 32)), 20404)
}

// TestDevice_WrongKey checks that a device can access neither the factor nor the challenges of
// another device.
func TestDevice_WrongKey(t *testing.T) {
	t.Parallel()
	mock, base, d := serve(t)
	register(t, d)
	sid := challenge(t, base, d)
	thief, other := newDevice(t, base), newDevice(t, base)
	thief.Factor = d.Factor
	wantCode(t, thief.Approve(t.Context(), sid), 20003)
	_, err := thief.Pending(t.Context())
	wantText(t, err, "register it again")
	register(t, other)
	wantCode(t, other.Approve(t.Context(), sid), 20404)
	wantStatus(t, mock, verifymock.Challenges, sid, "pending")
}

func TestDevice_Wait(t *testing.T) {
	t.Parallel()
	mock, base, d := serve(t)
	register(t, d)
	for name, faults := range map[string][]verifymock.Fault{
		"between requests": nil,
		"in a request":     {{Operation: verifymock.OperationChallengeList, Hang: true}},
	} {
		mock.Inject(faults...)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := d.Wait(ctx)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no challenge is pending") {
			t.Errorf("%s: got %v", name, err)
		}
		mock.ClearFaults()
	}
	created := make(chan string, 1)
	timer := time.AfterFunc(50*time.Millisecond, func() { created <- challenge(t, base, d) })
	t.Cleanup(func() { timer.Stop() })
	got, err := d.Wait(t.Context())
	if err != nil || got.SID != <-created || got.Status != "pending" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDevice_SaveAndLoad(t *testing.T) {
	t.Parallel()
	_, base, d := serve(t)
	register(t, d)
	name := filepath.Join(t.TempDir(), "phone.json")
	for range 2 {
		if err := d.Save(name); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	loaded, err := device.Load(name)
	if err != nil || loaded.Factor != d.Factor || loaded.BaseURL != base || !loaded.Key.Equal(d.Key) {
		t.Fatalf("got %+v, %v", loaded, err)
	}
	if err := loaded.Approve(t.Context(), challenge(t, base, loaded)); err != nil {
		t.Error(err)
	}
	if _, err := device.Load(name + ".missing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(name, []byte(`{"key":"AAAA"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := device.Load(name); err == nil {
		t.Error("loaded a broken file")
	}
}

// TestDevice_SendsNoCredentialsInTheClear expects an error before anything is sent.
func TestDevice_SendsNoCredentialsInTheClear(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://192.0.2.1:8421", "http://mock.example.com", "http://localhost.example.com"} {
		wantText(t, newDevice(t, base).Register(t.Context(), account, service, identity, "Phone"), "use https")
	}
}
