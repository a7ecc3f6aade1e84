// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/elliptic"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFactor_CreateTOTP(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	got := mustCreate(t, mock, totpForm("FriendlyName", "John’s Account Name", "Binding.Secret", testSecret, "Metadata", `{"os":"<Android>"}`))

	wantMatch(t, "sid", got.text("sid"), `^YF[0-9a-f]{32}$`)
	wantMatch(t, "entity_sid", got.text("entity_sid"), `^YE[0-9a-f]{32}$`)
	want := map[string]any{
		"sid": got.text("sid"), "entity_sid": got.text("entity_sid"),
		"account_sid": DefaultAccountSID, "service_sid": DefaultServiceSID, "identity": testIdentity,
		"friendly_name": "John’s Account Name", "status": "unverified", "factor_type": "totp",
		"date_created": "2026-03-01T12:00:15Z", "date_updated": "2026-03-01T12:00:15Z",
		"config":   map[string]any{"alg": "sha1", "skew": 1.0, "code_length": 6.0, "time_step": 30.0},
		"metadata": map[string]any{"os": "<Android>"},
		"options":  nil,
		"binding": map[string]any{
			"secret": testSecret,
			"uri": "otpauth://totp/Verify%20Mock:John%E2%80%99s%20Account%20Name?secret=" + testSecret +
				"&issuer=Verify%20Mock&algorithm=SHA1&digits=6&period=30",
		},
		"url": "http://example.com" + factorsPath + "/" + got.text("sid"),
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}

	fetched := send(t, mock, http.MethodGet, factorsPath+"/"+got.text("sid"), nil)
	delete(want, "binding")
	delete(want, "options")
	if diff := cmp.Diff(want, fetched.Body); diff != "" {
		t.Errorf("fetched: %s", diff)
	}
}

func TestFactor_CreatePush(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	mock := New(Config{})
	got := mustCreate(t, mock, pushForm(key, "Binding.Alg", "-"))
	stored, _ := mock.Factor(got.text("sid"))
	wantMatch(t, "credential_sid", stored.CredentialSID, "^CR[0-9a-f]{32}$")
	if diff := cmp.Diff(map[string]any{"alg": "ES256", "public_key": key}, got.object("binding")); diff != "" {
		t.Error(diff)
	}
	want := map[string]any{
		"sdk_version": "1.0", "app_id": "com.example.app",
		"notification_platform": "fcm", "notification_token": strings.Repeat("t", 32), "credential_sid": stored.CredentialSID,
	}
	if diff := cmp.Diff(want, got.object("config")); diff != "" {
		t.Error(diff)
	}
	if value, ok := got.Body["metadata"]; !ok || value != nil {
		t.Errorf("metadata is %v, want null", value)
	}
}

func TestFactor_GeneratedSecrets(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	first := mustCreate(t, mock, totpForm()).object("binding")["secret"].(string)
	second := mustCreate(t, mock, totpForm()).object("binding")["secret"].(string)
	wantMatch(t, "secret", first, `^[A-Z2-7]{32}$`)
	if first == second {
		t.Error("the same secret twice")
	}
}

func TestFactor_ServiceDefaults(t *testing.T) {
	t.Parallel()
	seven, zero, sixty := 7, 0, 60
	account := defaultAccount()
	account.Services[0].TOTP = TOTPDefaults{Issuer: "A & B", CodeLength: &seven, Skew: &zero, TimeStep: &sixty}
	mock := New(Config{Accounts: []Account{account}})

	got := mustCreate(t, mock, totpForm())
	want := map[string]any{"alg": "sha1", "skew": 0.0, "code_length": 7.0, "time_step": 60.0}
	if diff := cmp.Diff(want, got.object("config")); diff != "" {
		t.Error(diff)
	}
	wantMatch(t, "uri", got.object("binding")["uri"].(string),
		`^otpauth://totp/A%20%26%20B:Robot%201\?secret=[A-Z2-7]{32}&issuer=A%20%26%20B&algorithm=SHA1&digits=7&period=60$`)

	got = mustCreate(t, mock, totpForm("Config.Alg", "sha512", "Config.Skew", "2", "Config.CodeLength", "8", "Config.TimeStep", "20"))
	want = map[string]any{"alg": "sha512", "skew": 2.0, "code_length": 8.0, "time_step": 20.0}
	if diff := cmp.Diff(want, got.object("config")); diff != "" {
		t.Error(diff)
	}
}

func TestConfig_NumbersAsStrings(t *testing.T) {
	t.Parallel()
	got := mustCreate(t, New(Config{ConfigNumbersAsStrings: true}), totpForm())
	want := map[string]any{"alg": "sha1", "skew": "1", "code_length": "6", "time_step": "30"}
	if diff := cmp.Diff(want, got.object("config")); diff != "" {
		t.Error(diff)
	}
}

func TestEntity_KeepsCase(t *testing.T) {
	t.Parallel()
	tests := map[bool]string{false: testIdentity, true: strings.ToLower(testIdentity)}
	for lowercase, want := range tests {
		mock := New(Config{LowercaseIdentity: lowercase})
		first := mustCreate(t, mock, totpForm())
		path := strings.Replace(factorsPath, testIdentity, strings.ToUpper(testIdentity), 1)
		second := send(t, mock, http.MethodPost, path, totpForm())
		fetched := send(t, mock, http.MethodGet, path+"/"+first.text("sid"), nil)
		for _, got := range []result{first, second, fetched} {
			if got.text("identity") != want || got.text("entity_sid") != first.text("entity_sid") {
				t.Errorf("got %s", got.Raw)
			}
		}
	}
}

func TestFactor_DuplicateBinding(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	mock := New(Config{})
	mustCreate(t, mock, totpForm("Binding.Secret", "GEZDGNBVGY3TQOJQGE"))
	mustCreate(t, mock, pushForm(key))

	for _, secret := range []string{"GEZDGNBVGY3TQOJQGE", "gezdgnbvgy3tqojqge", "GEZDGNBVGY3TQOJQGE======"} {
		wantError(t, send(t, mock, http.MethodPost, factorsPath, totpForm("Binding.Secret", secret)), 409, 60317)
	}
	wantError(t, send(t, mock, http.MethodPost, factorsPath, pushForm(key)), 409, 60317)

	other := servicePath + "/Entities/another-robot/Factors"
	wantStatus(t, send(t, mock, http.MethodPost, other, totpForm("Binding.Secret", "GEZDGNBVGY3TQOJQGE")), http.StatusCreated)
}

// TestFactor_URIHasNormalSecret creates factors with a secret in other spellings.
func TestFactor_URIHasNormalSecret(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"gezdgnbvgy3tqojqge", "GEZDGNBVGY3TQOJQGE======"} {
		binding := mustCreate(t, New(Config{}), totpForm("Binding.Secret", secret)).object("binding")
		uri, _ := binding["uri"].(string)
		if binding["secret"] != secret || !strings.Contains(uri, "secret=GEZDGNBVGY3TQOJQGE&") {
			t.Errorf("%s: got %v", secret, binding)
		}
	}
}

func TestFactor_Limits(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	for i := range maxTOTPFactors {
		mock.AddFactor(Factor{Identity: testIdentity})
		if i < maxPushFactors {
			mock.AddFactor(Factor{Identity: testIdentity, FactorType: "push", PublicKey: strconv.Itoa(i)})
		}
	}
	_, key := newKey(t, elliptic.P256())
	wantError(t, send(t, mock, http.MethodPost, factorsPath, totpForm()), 400, 60315)
	wantError(t, send(t, mock, http.MethodPost, factorsPath, pushForm(key)), 400, 60315)

	factors := mock.Factors()
	mock.DeleteFactor(factors[0].SID)
	mock.DeleteFactor(factors[1].SID)
	mustCreate(t, mock, totpForm())
	mustCreate(t, mock, pushForm(key))
}

func TestFactor_CreatesPerDay(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	create := func() result { return send(t, mock, http.MethodPost, factorsPath, totpForm()) }
	for range maxCreates {
		got := create()
		wantStatus(t, got, http.StatusCreated)
		send(t, mock, http.MethodDelete, factorsPath+"/"+got.text("sid"), nil)
	}
	wantError(t, create(), 429, 60326)
	mock.AdvanceClock(23 * time.Hour)
	wantError(t, create(), 429, 60326)
	mock.AdvanceClock(time.Hour)
	wantStatus(t, create(), http.StatusCreated)
}

// TestFactor_ConfigIsReturned sends every Config parameter of each factor type and expects its
// value in the response.
func TestFactor_ConfigIsReturned(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	_, key := newKey(t, elliptic.P256())
	values := []string{"sha256", "8", "2", "60", "ES256", "fcm", "{}", key, strings.Repeat("t", minTokenChars)}
	for _, factorType := range []string{typeTOTP, typePush} {
		form := url.Values{"FactorType": {factorType}}
		for _, p := range factorParameters {
			name := camelCase(p.name)
			if p.useFor(factorType, p.create) == refused || form.Has(name) {
				continue
			}
			i := slices.IndexFunc(values, p.valid)
			if i < 0 {
				t.Fatalf("none of the values is valid for %s; add one", name)
			}
			form.Set(name, values[i])
		}
		config := mustCreate(t, mock, form).object("config")
		for name := range form {
			if field, ok := strings.CutPrefix(name, "Config."); ok {
				field = strings.ToLower(wordStart.ReplaceAllString(field, "${1}_${2}"))
				if got := fmt.Sprint(config[field]); got != form.Get(name) {
					t.Errorf("%s %q is accepted, and %s is returned as %q", name, form.Get(name), field, got)
				}
			}
		}
	}
}

var wordStart = regexp.MustCompile(`([a-z])([A-Z])`)
