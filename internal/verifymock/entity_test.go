// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	entitiesPath = servicePath + "/Entities"
	entityPath   = entitiesPath + "/" + testIdentity
)

func TestEntity_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	got := send(t, mock, http.MethodPost, entitiesPath, url.Values{"Identity": {testIdentity}})
	wantStatus(t, got, http.StatusCreated)
	wantMatch(t, "sid", got.text("sid"), "^YE[0-9a-f]{32}$")
	base := "http://example.com" + entityPath
	want := map[string]any{
		"sid": got.text("sid"), "identity": testIdentity, "account_sid": DefaultAccountSID, "service_sid": DefaultServiceSID,
		"date_created": "2026-03-01T12:00:15Z", "date_updated": "2026-03-01T12:00:15Z", "url": base,
		"links": map[string]any{"factors": base + "/Factors", "new_factors": base + "/Factors", "challenges": base + "/Challenges"},
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	fetched := send(t, mock, http.MethodGet, entitiesPath+"/"+strings.ToUpper(testIdentity), nil)
	if diff := cmp.Diff(want, fetched.Body); diff != "" {
		t.Errorf("fetched: %s", diff)
	}
	if factor := mustCreate(t, mock, totpForm()); factor.text("entity_sid") != got.text("sid") {
		t.Errorf("got %s", factor.Raw)
	}
}

func TestEntity_Taken(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	mustCreate(t, mock, totpForm())
	for _, identity := range []string{testIdentity, strings.ToLower(testIdentity)} {
		wantError(t, send(t, mock, http.MethodPost, entitiesPath, url.Values{"Identity": {identity}}), 409, 60301)
	}
	if n := len(mock.Entities()); n != 1 {
		t.Errorf("%d entities", n)
	}
}

func TestEntity_CreateRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		form url.Values
		code int
	}{
		"nothing":    {nil, 20001},
		"too short":  {url.Values{"Identity": {"1234567"}}, 60200},
		"underscore": {url.Values{"Identity": {"under_score"}}, 60200},
		"too long":   {url.Values{"Identity": {strings.Repeat("x", 65)}}, 60200},
		"more":       {url.Values{"Identity": {testIdentity}, "FriendlyName": {"x"}}, 60200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, send(t, New(Config{}), http.MethodPost, entitiesPath, test.form), 400, test.code)
		})
	}
}

func TestEntity_List(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	other := mock.AddService(Service{})
	mock.AddEntity(Entity{ServiceSID: other.SID})
	var want []string
	for range 3 {
		want = append(want, mock.AddEntity(Entity{}).SID)
	}
	got := send(t, mock, http.MethodGet, entitiesPath+"?PageSize=2", nil)
	next, _ := got.object("meta")["next_page_url"].(string)
	all := append(sidsOf(got, "entities"), sidsOf(send(t, mock, http.MethodGet, next, nil), "entities")...)
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
}

func TestEntity_DeleteRemovesFactorsAndChallenges(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	f := mock.AddFactor(Factor{Identity: testIdentity, Status: "verified"})
	wantStatus(t, send(t, mock, http.MethodPost, challengesPath, url.Values{"FactorSid": {f.SID}}), http.StatusCreated)
	wantStatus(t, send(t, mock, http.MethodDelete, entityPath, nil), http.StatusNoContent)
	if len(mock.Entities())+len(mock.Factors())+len(mock.Challenges()) != 0 {
		t.Error("objects of the deleted entity are left")
	}
	wantError(t, send(t, mock, http.MethodGet, factorsPath+"/"+f.SID, nil), 404, 20404)
	created := send(t, mock, http.MethodPost, entitiesPath, url.Values{"Identity": {testIdentity}})
	if created.Status != http.StatusCreated || created.text("sid") == f.EntitySID {
		t.Errorf("got %s", created.Raw)
	}
}

func TestEntity_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	e := mock.AddEntity(Entity{})
	wantMatch(t, "Identity", e.Identity, identityPattern.String())
	if got, ok := mock.Entity(DefaultServiceSID, strings.ToUpper(e.Identity)); !ok || got != e {
		t.Errorf("got %+v", got)
	}
	if !mock.DeleteEntity(DefaultServiceSID, e.Identity) || mock.DeleteEntity(DefaultServiceSID, e.Identity) {
		t.Error("want the first deletion to succeed and the second to fail")
	}
}
