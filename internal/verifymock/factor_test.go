// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFactor_Delete(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	path := factorsPath + "/" + mustCreate(t, mock, totpForm()).text("sid")
	got := send(t, mock, http.MethodDelete, path, nil)
	if got.Status != http.StatusNoContent || got.Raw != "" {
		t.Errorf("got %d %q", got.Status, got.Raw)
	}
	wantError(t, send(t, mock, http.MethodDelete, path, nil), 404, 20404)
	wantError(t, send(t, mock, http.MethodGet, path, nil), 404, 20404)
	wantStatus(t, send(t, mock, http.MethodGet, factorsPath, nil), http.StatusOK) // the entity still exists
}

func TestFactor_NotFoundElsewhere(t *testing.T) {
	t.Parallel()
	const otherService = "VA00000000000000000000000000000002"
	account := defaultAccount()
	account.Services = append(account.Services, Service{SID: otherService})
	mock := New(Config{Accounts: []Account{account}})
	path := factorsPath + "/" + mustCreate(t, mock, totpForm()).text("sid")
	for _, wrong := range []string{
		strings.Replace(path, DefaultServiceSID, otherService, 1),
		strings.Replace(path, testIdentity, "another-robot", 1),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			wantError(t, send(t, mock, method, wrong, nil), 404, 20404)
		}
	}
	encoded := strings.Replace(path, "Robot-", "%52obot%2D", 1)
	wantStatus(t, send(t, mock, http.MethodGet, encoded, nil), http.StatusOK)
}

func TestFactor_UnverifiedExpires(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config Config
		ttl    time.Duration
	}{
		"default":    {Config{}, 24 * time.Hour},
		"configured": {Config{UnverifiedTTL: time.Hour}, time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := frozen(test.config)
			first := mustCreate(t, mock, totpForm()).text("sid")
			kept := mustCreate(t, mock, totpForm()).text("sid")
			f, _ := mock.Factor(kept)
			verify(t, mock, kept, code(t, f, start))
			mock.AdvanceClock(test.ttl - 2*time.Second)
			second := mustCreate(t, mock, totpForm()).text("sid")
			wantStatus(t, send(t, mock, http.MethodGet, factorsPath+"/"+first, nil), http.StatusOK)

			mock.AdvanceClock(2 * time.Second)
			wantError(t, send(t, mock, http.MethodGet, factorsPath+"/"+first, nil), 404, 20404)
			wantStatus(t, send(t, mock, http.MethodGet, factorsPath+"/"+second, nil), http.StatusOK)

			mock.AdvanceClock(test.ttl)
			if _, ok := mock.Factor(second); ok {
				t.Error("the second factor is still there")
			}
			if left := mock.Factors(); len(left) != 1 || left[0].SID != kept {
				t.Errorf("%d factors are left", len(left))
			}
		})
	}
}

func TestAddFactor_Defaults(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	got := mock.AddFactor(Factor{})
	wantMatch(t, "SID", got.SID, `^YF[0-9a-f]{32}$`)
	wantMatch(t, "EntitySID", got.EntitySID, `^YE[0-9a-f]{32}$`)
	wantMatch(t, "Identity", got.Identity, identityPattern.String())
	wantMatch(t, "Secret", got.Secret, `^[A-Z2-7]{32}$`)
	want := Factor{
		SID: got.SID, EntitySID: got.EntitySID, Identity: got.Identity, Secret: got.Secret,
		AccountSID: DefaultAccountSID, ServiceSID: DefaultServiceSID, FriendlyName: "Factor 1",
		FactorType: "totp", Status: "unverified", Alg: "sha1", CodeLength: 6, Skew: 1, TimeStep: 30,
		DateCreated: start.Truncate(time.Second), DateUpdated: start.Truncate(time.Second),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	path := strings.Replace(factorsPath, testIdentity, got.Identity, 1) + "/" + got.SID
	wantStatus(t, send(t, mock, http.MethodGet, path, nil), http.StatusOK)

	given := mock.AddFactor(Factor{Identity: strings.ToUpper(got.Identity), Alg: "sha512", CodeLength: 8, TimeStep: 60})
	if given.Identity != got.Identity || given.EntitySID != got.EntitySID || given.Alg != "sha512" || given.Skew != 0 {
		t.Errorf("got %+v", given)
	}
}

// TestAddFactor_PartOfTOTPConfig checks that missing parts of a config are filled in.
func TestAddFactor_PartOfTOTPConfig(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]Factor{
		"alg": {Alg: "sha512"}, "code length": {CodeLength: 8}, "time step": {TimeStep: 60}, "skew": {Skew: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			given.Identity = testIdentity
			f := mock.AddFactor(given)
			if f.Alg == "" || f.CodeLength == 0 || f.TimeStep == 0 || f.Skew != given.Skew {
				t.Fatalf("got %+v", f)
			}
			got := send(t, mock, http.MethodPost, factorsPath+"/"+f.SID, url.Values{"AuthPayload": {"000"}})
			if got.Status == 0 || got.Status >= http.StatusInternalServerError {
				t.Errorf("a code is checked with status %d: %s", got.Status, got.Raw)
			}
		})
	}
}

func TestAddFactor_Passkeys(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	config := map[string]any{"relying_party": map[string]any{"id": "example.com"}, "user_verification": "preferred"}
	f := mock.AddFactor(Factor{Identity: testIdentity, FactorType: "passkeys", Config: config})
	got := send(t, mock, http.MethodGet, factorsPath+"/"+f.SID, nil)
	if diff := cmp.Diff(config, got.object("config")); diff != "" || got.text("factor_type") != "passkeys" {
		t.Errorf("%s: %s", got.Raw, diff)
	}
}

func TestFactor_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	sid := mustCreate(t, mock, totpForm()).text("sid")
	before, _ := mock.Factor(sid)
	if !mock.UpdateFactor(sid, func(f *Factor) {
		f.FriendlyName, f.TimeStep, f.SID = "drifted", 60, "YFother"
		f.Metadata = `{"by":"hand"}`
		f.Config = map[string]any{"credential_sid": "CR1"}
	}) {
		t.Fatal("the factor was not found")
	}
	got := send(t, mock, http.MethodGet, factorsPath+"/"+sid, nil)
	if got.text("friendly_name") != "drifted" || got.object("config")["time_step"] != 60.0 ||
		got.object("config")["credential_sid"] != "CR1" || got.object("metadata")["by"] != "hand" {
		t.Errorf("got %s", got.Raw)
	}
	if before.FriendlyName != "Robot 1" {
		t.Error("a copy changed with the factor")
	}
	if !mock.DeleteFactor(sid) || mock.DeleteFactor(sid) || mock.UpdateFactor(sid, func(*Factor) {}) {
		t.Error("want the first deletion to succeed, and a second deletion and an update to fail")
	}
	wantError(t, send(t, mock, http.MethodGet, factorsPath+"/"+sid, nil), 404, 20404)
}

func TestFactor_OrderOfCreation(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	var want, got []string
	for i := range 50 {
		identity := []string{"robot-01", "robot-02", "robot-03"}[i%3]
		want = append(want, mock.AddFactor(Factor{Identity: identity}).SID)
	}
	for _, f := range mock.Factors() {
		got = append(got, f.SID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAddFactor_Expires(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	mock.Factors() // nothing to expire yet
	old := mock.AddFactor(Factor{DateCreated: start.Add(-48 * time.Hour)})
	kept := mock.AddFactor(Factor{DateCreated: start.Add(-48 * time.Hour), Status: "verified"})
	if _, ok := mock.Factor(old.SID); ok {
		t.Error("an old unverified factor was added and stayed")
	}
	if _, ok := mock.Factor(kept.SID); !ok {
		t.Fatal("an old verified factor was deleted")
	}
	mock.UpdateFactor(kept.SID, func(f *Factor) { f.Status = "unverified" })
	if left := mock.Factors(); len(left) != 0 {
		t.Error("an old factor became unverified and stayed")
	}
}
