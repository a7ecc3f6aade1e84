// SPDX-License-Identifier: MPL-2.0

package device_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
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
	entity   = "/v2/Services/" + verifymock.DefaultServiceSID + "/Entities/" + identity
)

var account = device.Credentials{User: verifymock.DefaultAccountSID, Password: verifymock.DefaultAuthToken}

// serve returns a mock and its URL.
func serve(t *testing.T, config verifymock.Config) (mock *verifymock.Server, base string) {
	t.Helper()
	mock = verifymock.New(config)
	server := httptest.NewServer(openapitest.Validator(t)(mock))
	t.Cleanup(server.Close)
	return mock, server.URL
}

func newDevice(t *testing.T, base string) *device.Device {
	t.Helper()
	d, err := device.New(base)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func registered(t *testing.T, base string) *device.Device {
	t.Helper()
	d := newDevice(t, base)
	if err := d.Register(t.Context(), account, verifymock.DefaultServiceSID, identity, "Phone"); err != nil {
		t.Fatal(err)
	}
	return d
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
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, result); err != nil {
		t.Fatalf("%v in %s", err, body)
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

func TestDevice_RegisterAndRespond(t *testing.T) {
	t.Parallel()
	mock, base := serve(t, verifymock.Config{})
	d := registered(t, base)
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
	if err := d.Approve(t.Context(), first); err != nil {
		t.Error(err)
	}
	if err := d.Deny(t.Context(), second); err != nil {
		t.Error(err)
	}
	for sid, status := range map[string]string{first: "approved", second: "denied"} {
		if got, _ := mock.Challenge(sid); got.Status != status || got.DateResponded.IsZero() {
			t.Errorf("got %+v", got)
		}
	}
	if err := d.Approve(t.Context(), second); err == nil || !strings.Contains(err.Error(), `"denied"`) {
		t.Errorf("got %v", err)
	}
	if waiting, err := d.Pending(t.Context()); err != nil || len(waiting) != 0 {
		t.Errorf("got %+v, %v", waiting, err)
	}
}

func TestDevice_RegisterWithAccessToken(t *testing.T) {
	t.Parallel()
	mock, base := serve(t, verifymock.Config{})
	var token struct{ Token string }
	post(t, base+"/v2/Services/"+verifymock.DefaultServiceSID+"/AccessTokens", account,
		url.Values{"Identity": {identity}, "FactorType": {"push"}}, &token)

	d := newDevice(t, base)
	wantCode(t, d.Register(t.Context(), device.AccessToken(token.Token), verifymock.DefaultServiceSID, "another-robot", "Phone"), 20003)
	if err := d.Register(t.Context(), device.AccessToken(token.Token), verifymock.DefaultServiceSID, identity, "Phone"); err != nil {
		t.Fatal(err)
	}
	if f, _ := mock.Factor(d.Factor.SID); f.Status != "verified" {
		t.Errorf("got %+v", f)
	}
	var refused device.Error
	post(t, base+entity+"/Challenges", device.AccessToken(token.Token), url.Values{"FactorSid": {d.Factor.SID}}, &refused)
	if refused.Status != http.StatusForbidden {
		t.Errorf("an access token created a challenge: %+v", refused)
	}
}

func TestDevice_Attach(t *testing.T) {
	t.Parallel()
	mock, base := serve(t, verifymock.Config{})
	d := newDevice(t, base)
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
	if got, _ := mock.Factor(f.SID); got.Status != "verified" {
		t.Errorf("got %+v", got)
	}
	wantCode(t, newDevice(t, base).Attach(t.Context(), account, f.ServiceSID, identity, "YF"+strings.Repeat("0", 32)), 20404)
}

// TestDevice_WrongKey checks that a device can access neither the factor nor the challenges of
// another device.
func TestDevice_WrongKey(t *testing.T) {
	t.Parallel()
	mock, base := serve(t, verifymock.Config{})
	d := registered(t, base)
	sid := challenge(t, base, d)
	thief := newDevice(t, base)
	thief.Factor = d.Factor
	wantCode(t, thief.Approve(t.Context(), sid), 20003)
	if _, err := thief.Pending(t.Context()); err == nil || !strings.Contains(err.Error(), "register it again") {
		t.Errorf("another device lists the challenges, or is not told to register: %v", err)
	}

	other := newDevice(t, base)
	if err := other.Register(t.Context(), account, verifymock.DefaultServiceSID, identity, "Other phone"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, other.Approve(t.Context(), sid), 20404)
	if got, _ := mock.Challenge(sid); got.Status != "pending" {
		t.Errorf("got %+v", got)
	}
	unregistered := newDevice(t, base)
	if _, err := unregistered.Pending(t.Context()); err == nil || !strings.Contains(err.Error(), "register it first") {
		t.Errorf("got %v", err)
	}
}

func TestDevice_AdjustsToServerClock(t *testing.T) {
	t.Parallel()
	mock, base := serve(t, verifymock.Config{})
	mock.AdvanceClock(-24 * time.Hour)
	d := registered(t, base)
	if err := d.Approve(t.Context(), challenge(t, base, d)); err != nil {
		t.Error(err)
	}
}

func TestDevice_Wait(t *testing.T) {
	t.Parallel()
	_, base := serve(t, verifymock.Config{})
	d := registered(t, base)
	created := make(chan string, 1)
	timer := time.AfterFunc(50*time.Millisecond, func() { created <- challenge(t, base, d) })
	t.Cleanup(func() { timer.Stop() })
	got, err := d.Wait(t.Context())
	if err != nil || got.SID != <-created || got.Status != "pending" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDevice_WaitEnds(t *testing.T) {
	t.Parallel()
	mock, base := serve(t, verifymock.Config{})
	d := registered(t, base)
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
}

func TestDevice_SaveAndLoad(t *testing.T) {
	t.Parallel()
	_, base := serve(t, verifymock.Config{})
	d := registered(t, base)
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
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Factor != d.Factor || loaded.BaseURL != base || !loaded.Key.Equal(d.Key) {
		t.Errorf("got %+v", loaded)
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
	for _, url := range []string{"http://192.0.2.1:8421", "http://mock.example.com", "http://localhost.example.com"} {
		d, err := device.New(url)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Register(t.Context(), device.Credentials{User: "AC1", Password: "token"}, verifymock.DefaultServiceSID, "robot-account-0001",
			"Phone")
		if err == nil || !strings.Contains(err.Error(), "use https") {
			t.Errorf("%s: got %v", url, err)
		}
	}
}
