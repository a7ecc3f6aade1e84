// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// verify sends the payload and returns the response.
func verify(t *testing.T, mock *Server, sid, payload string) result {
	t.Helper()
	return send(t, mock, http.MethodPost, factorsPath+"/"+sid, url.Values{"AuthPayload": {payload}})
}

func TestFactor_UpdateTOTP(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	sid := mustCreate(t, mock, totpForm("Metadata", `{"a":"b"}`)).text("sid")
	mock.AdvanceClock(time.Hour)

	got := send(t, mock, http.MethodPost, factorsPath+"/"+sid, url.Values{
		"FriendlyName": {"Robot 2"}, "Config.Alg": {"sha256"}, "Config.CodeLength": {"8"}, "Config.Skew": {"0"}, "Config.TimeStep": {"60"},
	})
	wantStatus(t, got, http.StatusOK)
	want := map[string]any{"alg": "sha256", "skew": 0.0, "code_length": 8.0, "time_step": 60.0}
	if diff := cmp.Diff(want, got.object("config")); diff != "" {
		t.Error(diff)
	}
	if got.text("friendly_name") != "Robot 2" || got.text("status") != "unverified" || got.object("metadata")["a"] != "b" {
		t.Errorf("got %s", got.Raw)
	}
	if got.text("date_created") != "2026-03-01T12:00:15Z" || got.text("date_updated") != "2026-03-01T13:00:15Z" {
		t.Errorf("got dates %s and %s", got.text("date_created"), got.text("date_updated"))
	}
	if strings.Contains(got.Raw, "binding") {
		t.Errorf("an update returns the binding: %s", got.Raw)
	}
}

func TestFactor_UpdatePush(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	mock := New(Config{})
	sid := mustCreate(t, mock, pushForm(key)).text("sid")

	got := send(t, mock, http.MethodPost, factorsPath+"/"+sid,
		url.Values{"Config.NotificationPlatform": {"none"}, "Config.SdkVersion": {"2.0"}})
	stored, _ := mock.Factor(sid)
	want := map[string]any{
		"sdk_version": "2.0", "app_id": "com.example.app", "notification_platform": "none", "notification_token": nil,
		"credential_sid": stored.CredentialSID,
	}
	if diff := cmp.Diff(want, got.object("config")); diff != "" {
		t.Error(diff)
	}
}

func TestFactor_VerifyTOTP(t *testing.T) {
	t.Parallel()
	step := 30 * time.Second
	tests := map[string]struct {
		pairs  []string
		offset time.Duration // of the code's time, relative to the server's clock
		status string
	}{
		"now":                   {nil, 0, "verified"},
		"one step early":        {nil, -step, "verified"},
		"one step late":         {nil, step, "verified"},
		"two steps early":       {nil, -2 * step, "unverified"},
		"two steps late":        {nil, 2 * step, "unverified"},
		"skew 0":                {[]string{"Config.Skew", "0"}, step, "unverified"},
		"skew 0, now":           {[]string{"Config.Skew", "0"}, 0, "verified"},
		"skew 2":                {[]string{"Config.Skew", "2"}, -2 * step, "verified"},
		"sha256":                {[]string{"Config.Alg", "sha256"}, 0, "verified"},
		"sha512, 8 digits, 60s": {[]string{"Config.Alg", "sha512", "Config.CodeLength", "8", "Config.TimeStep", "60"}, 0, "verified"},
		"8 digits, 20s":         {[]string{"Config.CodeLength", "8", "Config.TimeStep", "20"}, 20 * time.Second, "verified"},
		"lower-case secret":     {[]string{"Binding.Secret", strings.ToLower(testSecret), "Config.CodeLength", "3"}, 0, "verified"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := frozen(Config{})
			form := totpForm("Binding.Secret", testSecret, "Config.CodeLength", "8")
			sid := mustCreate(t, mock, with(form, test.pairs...)).text("sid")
			f, _ := mock.Factor(sid)
			got := verify(t, mock, sid, code(t, f, start.Add(test.offset)))
			wantStatus(t, got, http.StatusOK)
			if got.text("status") != test.status {
				t.Errorf("got status %s, want %s", got.text("status"), test.status)
			}
		})
	}
}

func TestFactor_VerifyByServerClock(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	sid := mustCreate(t, mock, totpForm()).text("sid")
	mock.AdvanceClock(time.Hour)
	f, _ := mock.Factor(sid)
	got := verify(t, mock, sid, code(t, f, start.Add(time.Hour)))
	if got.text("status") != "verified" {
		t.Errorf("got %s", got.Raw)
	}
	if want := start.Add(time.Hour).Format(http.TimeFormat); got.Header.Get("Date") != want {
		t.Errorf("got Date %s, want %s", got.Header.Get("Date"), want)
	}
}

func TestFactor_VerifyFiveAttempts(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		mock := frozen(Config{RefuseWrongPayload: refuse})
		sid := mustCreate(t, mock, totpForm("Config.CodeLength", "8")).text("sid")
		f, _ := mock.Factor(sid)
		for attempt := range maxAttempts {
			payload := []string{wrongCode(t, f, start), "1", "letters", " " + code(t, f, start), "-1234567"}[attempt]
			got := verify(t, mock, sid, payload)
			if refuse {
				wantError(t, got, 403, 60311)
			} else if got.Status != http.StatusOK || got.text("status") != "unverified" {
				t.Errorf("attempt %d: got %d %s", attempt, got.Status, got.Raw)
			}
			if now, _ := mock.Factor(sid); now.Attempts != attempt+1 {
				t.Errorf("attempt %d: counted %d", attempt, now.Attempts)
			}
		}
		wantError(t, verify(t, mock, sid, code(t, f, start)), 429, 60310)
		if now, _ := mock.Factor(sid); now.Status != "unverified" || now.Attempts != maxAttempts {
			t.Errorf("got %s after %d attempts", now.Status, now.Attempts)
		}
	}
}

func TestFactor_VerifyWithUpdate(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	sid := mustCreate(t, mock, totpForm()).text("sid")
	f, _ := mock.Factor(sid)
	f.CodeLength = 8
	got := send(t, mock, http.MethodPost, factorsPath+"/"+sid,
		url.Values{"AuthPayload": {code(t, f, start)}, "FriendlyName": {"new"}, "Config.CodeLength": {"8"}})
	if got.text("status") != "verified" || got.text("friendly_name") != "new" {
		t.Errorf("got %s", got.Raw)
	}
}

func TestFactor_VerifyAgain(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		mock := frozen(Config{RefuseSecondVerification: refuse})
		sid := mustCreate(t, mock, totpForm()).text("sid")
		f, _ := mock.Factor(sid)
		verify(t, mock, sid, code(t, f, start))
		got := verify(t, mock, sid, code(t, f, start))
		if refuse {
			wantError(t, got, 403, 60311)
		} else if got.Status != http.StatusOK || got.text("status") != "verified" {
			t.Errorf("got %d %s", got.Status, got.Raw)
		}
	}
}

func TestFactor_VerifyPush(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, elliptic.P256())
	otherKey, _ := newKey(t, elliptic.P256())
	mock := New(Config{})
	sid := mustCreate(t, mock, pushForm(public)).text("sid")
	sign := func(key *ecdsa.PrivateKey, text string) string {
		digest := sha256.Sum256([]byte(text))
		signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(signature)
	}
	wrong := []string{"not base64", "bm90IERFUg==", sign(otherKey, sid), sign(key, sid+" ")}
	for _, payload := range wrong {
		if got := verify(t, mock, sid, payload); got.Status != http.StatusOK || got.text("status") != "unverified" {
			t.Errorf("%q: got %d %s", payload, got.Status, got.Raw)
		}
	}
	if got := verify(t, mock, sid, sign(key, sid)); got.text("status") != "verified" {
		t.Errorf("got %s", got.Raw)
	}
}
