// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const challengesPath = entityPath + "/Challenges"

// verifiedTOTP returns a verified TOTP factor of the test's entity.
func verifiedTOTP(mock *Server, digits int) Factor {
	return mock.AddFactor(Factor{
		Identity: testIdentity, Status: "verified", Secret: testSecret, Alg: "sha1", CodeLength: digits, Skew: 1, TimeStep: 30,
	})
}

// verifiedPush returns a verified push factor of the test's entity.
func verifiedPush(mock *Server, publicKey string) Factor {
	return mock.AddFactor(Factor{
		Identity: testIdentity, FactorType: "push", Status: "verified", PublicKey: publicKey, NotificationPlatform: "fcm",
		NotificationToken: strings.Repeat("t", 32),
	})
}

func challengeOf(t *testing.T, mock *Server, f Factor, pairs ...string) result {
	t.Helper()
	return send(t, mock, http.MethodPost, challengesPath, with(url.Values{"FactorSid": {f.SID}}, pairs...))
}

func respondTo(t *testing.T, mock *Server, sid, payload string) result {
	t.Helper()
	return send(t, mock, http.MethodPost, challengesPath+"/"+sid, url.Values{"AuthPayload": {payload}})
}

func TestChallenge_CreatePush(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedPush(mock, "key")
	form := url.Values{
		"FactorSid": {f.SID}, "Details.Message": {"Hi! Mr. John Doe, would you like to sign up?"},
		"Details.Fields": {`{"label":"Action","value":"Sign up in portal"}`, `{"label":"Location","value":"<California>"}`},
		"HiddenDetails":  {`{"ip": "172.168.1.234"}`}, "ExpirationDate": {"2026-03-01T12:30:00Z"},
	}
	got := send(t, mock, http.MethodPost, challengesPath, form)
	wantStatus(t, got, http.StatusCreated)
	wantMatch(t, "sid", got.text("sid"), "^YC[0-9a-f]{32}$")
	base := "http://example.com" + challengesPath + "/" + got.text("sid")
	want := map[string]any{
		"sid": got.text("sid"), "account_sid": DefaultAccountSID, "service_sid": DefaultServiceSID, "entity_sid": f.EntitySID,
		"identity": testIdentity, "factor_sid": f.SID, "factor_type": "push", "status": "pending", "responded_reason": "none",
		"date_created": "2026-03-01T12:00:15Z", "date_updated": "2026-03-01T12:00:15Z", "date_responded": nil,
		"expiration_date": "2026-03-01T12:30:00Z",
		"details": map[string]any{
			"message": "Hi! Mr. John Doe, would you like to sign up?",
			"fields": []any{
				map[string]any{"label": "Action", "value": "Sign up in portal"},
				map[string]any{"label": "Location", "value": "<California>"},
			},
		},
		"hidden_details": map[string]any{"ip": "172.168.1.234"}, "metadata": nil,
		"url": base, "links": map[string]any{"notifications": base + "/Notifications"},
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	fetched := send(t, mock, http.MethodGet, challengesPath+"/"+got.text("sid"), nil)
	if diff := cmp.Diff(want, fetched.Body); diff != "" {
		t.Errorf("fetched: %s", diff)
	}
	wantMatch(t, "signature fields", fetched.Header.Get("Twilio-Verify-Signature-Fields"), `^sid,([a-z_]+,)*factor_sid,`)
}

func TestChallenge_IncludeDate(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	mock.UpdateService(DefaultServiceSID, func(v *Service) { v.Push.IncludeDate = new(true) })
	got := challengeOf(t, mock, verifiedPush(mock, "key"), "Details.Message", "m")
	if got.object("details")["date"] != "2026-03-01T12:00:15Z" {
		t.Errorf("got %s", got.Raw)
	}
}

func TestChallenge_CreateTOTP(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedTOTP(mock, 6)
	got := challengeOf(t, mock, f, "AuthPayload", code(t, f, start))
	wantStatus(t, got, http.StatusCreated)
	if got.text("status") != "approved" || got.text("date_responded") != "2026-03-01T12:00:15Z" || got.Body["details"] != nil ||
		got.text("expiration_date") != "2026-03-01T12:05:15Z" {
		t.Errorf("got %s", got.Raw)
	}
	pending := challengeOf(t, mock, f)
	if pending.text("status") != "pending" || pending.Header.Get(signatureFieldsHeader) != "" {
		t.Errorf("got %s", pending.Raw)
	}
	approved := respondTo(t, mock, pending.text("sid"), code(t, f, start))
	if approved.Status != http.StatusOK || approved.text("status") != "approved" {
		t.Errorf("got %s", approved.Raw)
	}
	wantError(t, respondTo(t, mock, pending.text("sid"), code(t, f, start)), 403, 60322)
}

func TestChallenge_CreateRules(t *testing.T) {
	t.Parallel()
	field := func(label, value int) string {
		return `{"label":"` + strings.Repeat("l", label) + `","value":"` + strings.Repeat("v", value) + `"}`
	}
	tests := map[string]struct {
		push    bool
		pairs   []string
		status  int
		code    int
		blaming string
	}{
		"totp":                 {false, nil, 201, 0, ""},
		"no factor":            {false, []string{"FactorSid", "-"}, 400, 20001, "FactorSid"},
		"bad factor SID":       {false, []string{"FactorSid", "YF1"}, 400, 60200, "FactorSid"},
		"code too short":       {false, []string{"AuthPayload", "12"}, 400, 60200, "AuthPayload"},
		"code too long":        {false, []string{"AuthPayload", "123456789"}, 400, 60200, "AuthPayload"},
		"push without message": {true, nil, 400, 20001, "Details.Message"},
		"push with code":       {true, []string{"Details.Message", "m", "AuthPayload", "123456"}, 400, 60200, "AuthPayload"},
		"longest message":      {true, []string{"Details.Message", strings.Repeat("é", 256)}, 201, 0, ""},
		"message too long":     {true, []string{"Details.Message", strings.Repeat("m", 257)}, 400, 60200, "Details.Message"},
		"longest field":        {true, []string{"Details.Message", "m", "Details.Fields", field(36, 128)}, 201, 0, ""},
		"label too long":       {true, []string{"Details.Message", "m", "Details.Fields", field(37, 1)}, 400, 60200, "Details.Fields"},
		"value too long":       {true, []string{"Details.Message", "m", "Details.Fields", field(1, 129)}, 400, 60200, "Details.Fields"},
		"empty field":          {true, []string{"Details.Message", "m", "Details.Fields", ""}, 201, 0, ""},
		"fields as one array": {
			true,
			[]string{"Details.Message", "m", "Details.Fields", "[" + field(1, 1) + "]"},
			400, 60200,
			"Details.Fields",
		},
		"field with another key": {
			true,
			[]string{"Details.Message", "m", "Details.Fields", `{"label":"l","value":"v","x":"y"}`},
			400, 60200,
			"Details.Fields",
		},
		"hidden number":           {true, []string{"Details.Message", "m", "HiddenDetails", `{"n":1}`}, 400, 60200, "HiddenDetails"},
		"expires in an hour":      {false, []string{"ExpirationDate", "2026-03-01T13:00:15Z"}, 201, 0, ""},
		"expires after that":      {false, []string{"ExpirationDate", "2026-03-01T13:00:16Z"}, 400, 60200, "ExpirationDate"},
		"expired already":         {false, []string{"ExpirationDate", "2026-03-01T12:00:15Z"}, 400, 60200, "ExpirationDate"},
		"expires on a bad date":   {false, []string{"ExpirationDate", "tomorrow"}, 400, 60200, "ExpirationDate"},
		"expires in another zone": {false, []string{"ExpirationDate", "2026-03-01T14:00:15+02:00"}, 400, 60200, "ExpirationDate"},
		"metadata":                {false, []string{"Metadata", `{}`}, 400, 60200, "Metadata"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := frozen(Config{})
			f := verifiedTOTP(mock, 6)
			if test.push {
				f = verifiedPush(mock, "key")
			}
			checkVerdict(t, challengeOf(t, mock, f, test.pairs...), test.status, test.code, test.blaming)
			if created := len(mock.Challenges()) == 1; created != (test.code == 0) {
				t.Errorf("created is %v", created)
			}
		})
	}
}

func TestChallenge_TooManyFields(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	form := url.Values{"FactorSid": {verifiedPush(mock, "key").SID}, "Details.Message": {"m"}}
	for i := range maxDetailsFields + 1 {
		form.Add("Details.Fields", `{"label":"l`+strconv.Itoa(i)+`","value":"v"}`)
	}
	wantError(t, send(t, mock, http.MethodPost, challengesPath, form), 400, 60200)
	form["Details.Fields"] = form["Details.Fields"][1:]
	wantStatus(t, send(t, mock, http.MethodPost, challengesPath, form), http.StatusCreated)
}

func TestChallenge_FactorMustBeVerified(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	wantError(t, challengeOf(t, mock, Factor{SID: "YF" + strings.Repeat("0", 32)}), 404, 20404)
	wantError(t, challengeOf(t, mock, mock.AddFactor(Factor{Identity: testIdentity})), 403, 60318)
	wantError(t, challengeOf(t, mock, mock.AddFactor(Factor{Status: "verified"})), 404, 20404) // of another entity
}

func TestChallenge_WrongCodes(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		mock := frozen(Config{RefuseWrongChallengePayload: refuse})
		f := verifiedTOTP(mock, 6)
		wrong := wrongCode(t, f, start)
		sid := challengeOf(t, mock, f).text("sid")
		for attempt := range maxChecks {
			got := respondTo(t, mock, sid, wrong)
			if refuse {
				wantError(t, got, 403, 60324)
			} else if got.Status != http.StatusOK || got.text("status") != "pending" || got.Body["date_responded"] != nil {
				t.Errorf("attempt %d: got %s", attempt, got.Raw)
			}
		}
		wantError(t, respondTo(t, mock, sid, code(t, f, start)), 429, 60308)
		if r, _ := mock.Challenge(sid); r.Status != "pending" || r.Attempts != maxChecks {
			t.Errorf("got %+v", r)
		}
		got := challengeOf(t, mock, f, "AuthPayload", wrong)
		if refuse {
			wantError(t, got, 403, 60324)
		} else if got.Status != http.StatusCreated || got.text("status") != "pending" {
			t.Errorf("got %s", got.Raw)
		}
	}
}

func TestChallenge_LimitsPerFactor(t *testing.T) {
	t.Parallel()
	for digits, want := range map[int]struct{ hour, day int }{4: {10, 10}, 6: {50, 100}} {
		mock := frozen(Config{})
		f := verifiedTOTP(mock, digits)
		created := func() int {
			n := 0
			for challengeOf(t, mock, f).Status == http.StatusCreated {
				n++
			}
			wantError(t, challengeOf(t, mock, f), 429, 60312)
			return n
		}
		if n := created(); n != want.hour {
			t.Errorf("%d digits: %d challenges in an hour", digits, n)
		}
		mock.AdvanceClock(time.Hour)
		if n := created(); want.hour+n != want.day {
			t.Errorf("%d digits: %d challenges in the second hour", digits, n)
		}
		mock.AdvanceClock(24 * time.Hour)
		if n := created(); n != want.hour {
			t.Errorf("%d digits: %d challenges on the next day", digits, n)
		}
	}
}

func TestChallenge_Expires(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedTOTP(mock, 6)
	sid := challengeOf(t, mock, f).text("sid")
	mock.AdvanceClock(5*time.Minute - time.Second)
	if r, _ := mock.Challenge(sid); r.Status != "pending" {
		t.Errorf("got %+v", r)
	}
	mock.AdvanceClock(time.Second)
	got := send(t, mock, http.MethodGet, challengesPath+"/"+sid, nil)
	if got.text("status") != "expired" || got.Body["date_responded"] != nil {
		t.Errorf("got %s", got.Raw)
	}
	wantError(t, respondTo(t, mock, sid, code(t, f, start.Add(5*time.Minute))), 403, 60323)
}

func TestChallenge_Metadata(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	path := challengesPath + "/" + challengeOf(t, mock, verifiedTOTP(mock, 6)).text("sid")
	got := send(t, mock, http.MethodPost, path, url.Values{"Metadata": {`{"os": "Android"}`}})
	if diff := cmp.Diff(map[string]any{"os": "Android"}, got.object("metadata")); diff != "" || got.text("status") != "pending" {
		t.Errorf("%s: %s", got.Raw, diff)
	}
	wantError(t, send(t, mock, http.MethodPost, path, url.Values{"Metadata": {"x"}}), 400, 60200)
	wantStatus(t, send(t, mock, http.MethodPost, path, nil), http.StatusOK)
}

func TestChallenge_List(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	first, second := verifiedTOTP(mock, 6), verifiedPush(mock, "key")
	var all []string
	for range 2 {
		all = append(all, challengeOf(t, mock, first).text("sid"), challengeOf(t, mock, second, "Details.Message", "m").text("sid"))
	}
	respondTo(t, mock, all[0], code(t, first, start))
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	for query, want := range map[string][]string{
		"":                         all,
		"?Order=asc":               all,
		"?Order=desc":              reversed,
		"?Order=desc&PageSize=3":   reversed,
		"?PageSize=1":              all,
		"?Status=approved":         all[:1],
		"?Status=denied":           nil,
		"?FactorSid=" + second.SID: {all[1], all[3]},
		"?FactorSid=" + first.SID + "&Order=desc&PageSize=1&Status=pending": {all[2]},
		"?FactorSid=" + second.SID + "&Order=desc&PageSize=1":               {all[3], all[1]},
	} {
		var got []string
		for page := challengesPath + query; page != ""; {
			list := send(t, mock, http.MethodGet, page, nil)
			wantStatus(t, list, http.StatusOK)
			got = append(got, sidsOf(list, "challenges")...)
			page, _ = list.object("meta")["next_page_url"].(string)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	for _, query := range []string{"?Order=up", "?Status=new", "?FactorSid=YF1", "?Identity=x"} {
		wantError(t, send(t, mock, http.MethodGet, challengesPath+query, nil), 400, 60200)
	}
}

func TestChallenge_OfDeletedFactor(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedTOTP(mock, 6)
	sid := challengeOf(t, mock, f).text("sid")
	mock.DeleteFactor(f.SID)
	wantStatus(t, send(t, mock, http.MethodGet, challengesPath+"/"+sid, nil), http.StatusOK)
	wantError(t, respondTo(t, mock, sid, code(t, f, start)), 404, 20404)
}

func TestChallenge_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	sid := challengeOf(t, mock, verifiedPush(mock, "key"), "Details.Message", "m").text("sid")
	if !mock.UpdateChallenge(sid, func(r *Challenge) { r.Status, r.DateResponded = "denied", start }) {
		t.Fatal("the challenge was not found")
	}
	got := send(t, mock, http.MethodGet, challengesPath+"/"+sid, nil)
	if got.text("status") != "denied" || got.text("date_responded") != "2026-03-01T12:00:15Z" || got.Header.Get(signatureFieldsHeader) != "" {
		t.Errorf("got %s", got.Raw)
	}
	if n := len(mock.Challenges()); n != 1 {
		t.Errorf("%d challenges", n)
	}
}

func TestNotification_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedPush(mock, "key")
	challenge := challengeOf(t, mock, f, "Details.Message", "m")
	path := challengesPath + "/" + challenge.text("sid") + "/Notifications"
	got := send(t, mock, http.MethodPost, path, url.Values{"Ttl": {"150"}})
	wantStatus(t, got, http.StatusCreated)
	want := map[string]any{
		"sid": got.text("sid"), "account_sid": DefaultAccountSID, "service_sid": DefaultServiceSID, "entity_sid": f.EntitySID,
		"identity": testIdentity, "challenge_sid": challenge.text("sid"), "date_created": "2026-03-01T12:00:15Z",
		"priority": "high", "ttl": 150.0,
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	wantError(t, send(t, mock, http.MethodPost, path, url.Values{"Ttl": {"301"}}), 400, 60200)
	if second := send(t, mock, http.MethodPost, path, nil); second.Body["ttl"] != 300.0 {
		t.Errorf("got %s", second.Raw)
	}
	wantStatus(t, send(t, mock, http.MethodPost, path, nil), http.StatusCreated)
	wantError(t, send(t, mock, http.MethodPost, path, nil), 429, 60309)

	mock.UpdateFactor(f.SID, func(f *Factor) { f.NotificationPlatform = "none" })
	silent := challengeOf(t, mock, f, "Details.Message", "m").text("sid")
	wantError(t, send(t, mock, http.MethodPost, challengesPath+"/"+silent+"/Notifications", nil), 400, 60307)
	mock.AdvanceClock(time.Hour)
	wantError(t, send(t, mock, http.MethodPost, path, nil), 403, 60323)
}
