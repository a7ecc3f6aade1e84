// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEntity_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	got := expect(t, mock, "POST "+entitiesPath+" Identity="+testIdentity, "201")
	wantMatch(t, "sid", got.text("sid"), "^YE[0-9a-f]{32}$")
	const base = "http://example.com" + entityPath
	fetched := expect(t, mock, "GET "+entitiesPath+"/"+strings.ToUpper(testIdentity), "200 identity="+testIdentity+
		"; "+owned+"; date_created=2026-03-01T12:00:15Z"+
		"; date_updated=2026-03-01T12:00:15Z; url="+base+
		`; links={"challenges":"`+base+`/Challenges","factors":"`+base+`/Factors","new_factors":"`+base+`/Factors"}`)
	if diff := cmp.Diff(got.Body, fetched.Body); diff != "" {
		t.Error(diff)
	}
	wantOutcome(t, mustCreate(t, mock, totpForm()), "201 entity_sid="+got.text("sid"))
	expect(t, mock, "POST "+entitiesPath+" Identity="+testIdentity, "409 60301",
		"POST "+entitiesPath+" Identity="+strings.ToLower(testIdentity), "409 60301")
	if n := len(mock.Entities()); n != 1 {
		t.Errorf("%d entities", n)
	}
	checkRules(t, http.StatusCreated, to(entitiesPath, "Identity="+testIdentity), rules{
		"Identity": {nil, {"-", "1234567", "under_score", strings.Repeat("x", 65)}}, "FriendlyName": {nil, {"x"}},
	})
}

func TestEntity_KeepsCase(t *testing.T) {
	t.Parallel()
	for lowercase, identity := range map[bool]string{false: testIdentity, true: strings.ToLower(testIdentity)} {
		mock := New(Config{LowercaseIdentity: lowercase})
		first := mustCreate(t, mock, totpForm())
		want := " identity=" + identity + "; entity_sid=" + mock.Entities()[0].SID
		wantOutcome(t, first, "201"+want)
		path := strings.Replace(factorsPath, testIdentity, strings.ToUpper(testIdentity), 1)
		expect(t, mock, "POST "+path+" "+totpForm().Encode(), "201"+want, "GET "+path+"/"+first.text("sid"), "200"+want)
	}
}

func TestEntity_List(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	mock.AddEntity(Entity{ServiceSID: mock.AddService(Service{}).SID})
	want := []string{mock.AddEntity(Entity{}).SID, mock.AddEntity(Entity{}).SID, mock.AddEntity(Entity{}).SID}
	first := expect(t, mock, "GET "+entitiesPath+"?PageSize=2", "200")
	second := expect(t, mock, "GET "+first.value("meta.next_page_url"), "200")
	if diff := cmp.Diff(want, slices.Concat(sidsOf(first, "entities"), sidsOf(second, "entities"))); diff != "" {
		t.Error(diff)
	}
}

func TestEntity_DeleteRemovesFactorsAndChallenges(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	f := mock.AddFactor(Factor{Identity: testIdentity, Status: "verified"})
	expect(t, mock, "POST "+challengesPath+" FactorSid="+f.SID, "201", "DELETE "+entityPath, "204", "GET "+factorsPath+"/"+f.SID, "404 20404")
	if left := snapshot(mock); len(left) != 1 {
		t.Errorf("more than the service is left: %v", left)
	}
	if created := expect(t, mock, "POST "+entitiesPath+" Identity="+testIdentity, "201"); created.text("sid") == f.EntitySID {
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
