// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

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

// ask is the request for a challenge, with a message for a push factor.
func ask(f Factor) string {
	request := "POST " + challengesPath + " FactorSid=" + f.SID
	if f.FactorType == "push" {
		request += "&Details.Message=m"
	}
	return request
}

// challengeOf creates a challenge and returns its path.
func challengeOf(t *testing.T, mock *Server, f Factor) string {
	t.Helper()
	return challengesPath + "/" + expect(t, mock, ask(f), "201 status=pending").text("sid")
}

func TestChallenge_CreatePush(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedPush(mock, "key")
	fetched := expect(t, mock, "GET "+challengeOf(t, mock, f), "200")
	wantMatch(t, "signature fields", fetched.Header.Get("Twilio-Verify-Signature-Fields"), `^sid,([a-z_]+,)*factor_sid,`)
	mock.UpdateService(DefaultServiceSID, func(v *Service) { v.Push.IncludeDate = new(true) })
	expect(t, mock, ask(f), "201 details.date=2026-03-01T12:00:15Z")
}

func TestChallenge_CreateTOTP(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedTOTP(mock, 6)
	payload := "AuthPayload=" + code(t, f, start)
	expect(t, mock, ask(f)+"&"+payload,
		"201 status=approved; date_responded=2026-03-01T12:00:15Z; details=null; expiration_date=2026-03-01T12:05:15Z")
	pending := expect(t, mock, ask(f), "201 status=pending")
	if fields := pending.Header.Get(signatureFieldsHeader); fields != "" {
		t.Errorf("got the signature fields %s", fields)
	}
	path := challengesPath + "/" + pending.text("sid")
	expect(t, mock, "POST "+path+" "+payload, "200 status=approved", "POST "+path+" "+payload, "403 60322")
}

func TestChallenge_CreateRules(t *testing.T) {
	t.Parallel()
	field := func(label, value int) string {
		return `{"label":"` + strings.Repeat("l", label) + `","value":"` + strings.Repeat("v", value) + `"}`
	}
	checkRules(t, http.StatusCreated, func(mock *Server) (string, url.Values) {
		return challengesPath, url.Values{"FactorSid": {verifiedTOTP(mock, 6).SID}}
	}, rules{
		"FactorSid": {nil, {"-", "YF1"}}, "AuthPayload": {{"-"}, {"12", "123456789"}}, "Metadata": {nil, {"{}"}},
		"ExpirationDate": { // up to an hour later
			{"2026-03-01T13:00:15Z"}, {"2026-03-01T13:00:16Z", "2026-03-01T12:00:15Z", "tomorrow", "2026-03-01T14:00:15+02:00"},
		},
	})
	checkRules(t, http.StatusCreated, func(mock *Server) (string, url.Values) {
		return challengesPath, url.Values{"FactorSid": {verifiedPush(mock, "key").SID}, "Details.Message": {"m"}}
	}, rules{
		"Details.Message": {{strings.Repeat("é", 256)}, {"-", strings.Repeat("m", 257)}}, "AuthPayload": {nil, {"123456"}},
		"Details.Fields": {{field(36, 128), ""}, {field(37, 1), field(1, 129), "[" + field(1, 1) + "]", `{"label":"l","value":"v","x":"y"}`}},
		"HiddenDetails":  {nil, {`{"n":1}`}},
	})
	const missing = "YF00000000000000000000000000000000"
	mock := New(Config{})
	form := url.Values{"FactorSid": {verifiedPush(mock, "key").SID}, "Details.Message": {"m"}}
	for i := range maxDetailsFields + 1 {
		form.Add("Details.Fields", `{"label":"l`+strconv.Itoa(i)+`","value":"v"}`)
	}
	expect(t, mock, "POST "+challengesPath+" "+form.Encode(), "400 60200 Details.Fields")
	form["Details.Fields"] = form["Details.Fields"][1:]
	expect(t, mock, "POST "+challengesPath+" "+form.Encode(), "201",
		ask(Factor{SID: missing}), "404 20404", ask(mock.AddFactor(Factor{Identity: testIdentity})), "403 60318",
		ask(mock.AddFactor(Factor{Status: "verified"})), "404 20404") // of another entity
	expect(t, New(Config{}), ask(Factor{SID: missing}), "404 20404")
}

func TestChallenge_WrongCodes(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		mock := frozen(Config{RefuseWrongChallengePayload: refuse})
		f := verifiedTOTP(mock, 6)
		wrong, update, create := "AuthPayload="+wrongCode(t, f, start), "200 status=pending; date_responded=null", "201 status=pending"
		if refuse {
			update, create = "403 60324", "403 60324"
		}
		path := challengeOf(t, mock, f)
		for range maxChecks {
			expect(t, mock, "POST "+path+" "+wrong, update)
		}
		expect(t, mock, "POST "+path+" AuthPayload="+code(t, f, start), "429 60308", ask(f)+"&"+wrong, create)
		if r := mock.Challenges()[0]; r.Status != "pending" || r.Attempts != maxChecks {
			t.Errorf("got %+v", r)
		}
	}
}

func TestChallenge_LimitsPerFactor(t *testing.T) {
	t.Parallel()
	for digits, want := range map[int][3]int{4: {10, 0, 10}, 6: {50, 50, 50}} { // in the first and second hour, and on the next day
		mock := frozen(Config{})
		f := verifiedTOTP(mock, digits)
		for i, wait := range []time.Duration{0, time.Hour, 24 * time.Hour} {
			mock.AdvanceClock(wait)
			for range want[i] {
				challengeOf(t, mock, f)
			}
			expect(t, mock, ask(f), "429 60312")
		}
	}
}

func TestChallenge_Expires(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedTOTP(mock, 6)
	path := challengeOf(t, mock, f)
	mock.AdvanceClock(5*time.Minute - time.Second)
	if r := mock.Challenges()[0]; r.Status != "pending" {
		t.Errorf("got %+v", r)
	}
	mock.AdvanceClock(time.Second)
	expect(t, mock, "GET "+path, "200 status=expired; date_responded=null",
		"POST "+path+" AuthPayload="+code(t, f, start.Add(5*time.Minute)), "403 60323")
}

func TestChallenge_Metadata(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	path := challengeOf(t, mock, verifiedTOTP(mock, 6))
	expect(t, mock, "POST "+path+` Metadata={"os": "Android"}`, `200 metadata={"os":"Android"}; status=pending`,
		"POST "+path+" Metadata=x", "400 60200 Metadata", "POST "+path, "200")
}

func TestChallenge_List(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	totp, push := verifiedTOTP(mock, 6), verifiedPush(mock, "key")
	var all []string
	for _, f := range []Factor{totp, push, totp, push} {
		all = append(all, strings.TrimPrefix(challengeOf(t, mock, f), challengesPath+"/"))
	}
	expect(t, mock, "POST "+challengesPath+"/"+all[0]+" AuthPayload="+code(t, totp, start), "200 status=approved")
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	for query, want := range map[string][]string{
		"": all, "?Order=asc": all, "?Order=desc": reversed, "?Order=desc&PageSize=3": reversed, "?PageSize=1": all,
		"?Status=approved": all[:1], "?Status=denied": nil, "?FactorSid=" + push.SID: {all[1], all[3]},
		"?FactorSid=" + totp.SID + "&Order=desc&PageSize=1&Status=pending": {all[2]},
		"?FactorSid=" + push.SID + "&Order=desc&PageSize=1":                {all[3], all[1]},
	} {
		if diff := cmp.Diff(want, slices.Concat(follow(t, mock, challengesPath+query, "challenges", "next_page_url")...)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	for _, query := range []string{"?Order=up", "?Status=new", "?FactorSid=YF1"} {
		name, _, _ := strings.Cut(query[1:], "=")
		expect(t, mock, "GET "+challengesPath+query, "400 60200 "+name)
	}
	expect(t, mock, "GET "+challengesPath+"?Identity=x", "400 60200 Identity")
}

func TestChallenge_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	path := challengeOf(t, mock, verifiedPush(mock, "key"))
	if !mock.UpdateChallenge(mock.Challenges()[0].SID, func(r *Challenge) { r.Status, r.DateResponded = "denied", start }) {
		t.Fatal("the challenge was not found")
	}
	got := expect(t, mock, "GET "+path, "200 status=denied; date_responded=2026-03-01T12:00:15Z")
	if fields := got.Header.Get(signatureFieldsHeader); fields != "" || len(mock.Challenges()) != 1 {
		t.Errorf("got the signature fields %s, and %d challenges", fields, len(mock.Challenges()))
	}
	f := verifiedTOTP(mock, 6)
	path = challengeOf(t, mock, f)
	mock.DeleteFactor(f.SID)
	expect(t, mock, "GET "+path, "200", "POST "+path+" AuthPayload="+code(t, f, start), "404 20404")
}

func TestNotification_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	f := verifiedPush(mock, "key")
	create := "POST " + challengeOf(t, mock, f) + "/Notifications"
	expect(t, mock, create+" Ttl=150", "201 "+owned+"; entity_sid="+f.EntitySID+
		"; identity="+testIdentity+"; challenge_sid="+mock.Challenges()[0].SID+"; date_created=2026-03-01T12:00:15Z; priority=high; ttl=150",
		create+" Ttl=301", "400 60200 Ttl", create, "201 ttl=300", create, "201", create, "429 60309")
	mock.UpdateFactor(f.SID, func(f *Factor) { f.NotificationPlatform = "none" })
	expect(t, mock, "POST "+challengeOf(t, mock, f)+"/Notifications", "400 60307")
	mock.AdvanceClock(time.Hour)
	expect(t, mock, create, "403 60323")
}

func TestAccessToken_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	const form = "Identity=" + testIdentity + "&FactorType=push"
	got := expect(t, mock, "POST "+tokensPath+" "+form+"&Ttl=300", "201")
	wantMatch(t, "token", got.text("token"), `^eyJ[\w-]+\.\.[\w-]{16}\.[\w-]{100,}\.[\w-]{22}$`)
	path := tokensPath + "/" + got.text("sid")
	mock.AdvanceClock(299 * time.Second)
	expect(t, mock, "GET "+path, "200 token="+got.text("token"))
	mock.AdvanceClock(time.Second)
	expect(t, mock, "GET "+path, "404 20404")
	expectAs(t, mock, "token", got.text("token"), "POST "+factorsPath, "401 20003")
	checkRules(t, http.StatusCreated, to(tokensPath, form), rules{
		"Identity": {nil, {"-", "x"}}, "FactorType": {nil, {"-", "totp"}}, "Ttl": {{"60"}, {"59", "301"}},
		"FactorFriendlyName": {nil, {strings.Repeat("n", 65)}},
	})
}

type object = map[string]any

// token signs a JWT.
func token(t *testing.T, key *ecdsa.PrivateKey, header, claims object) string {
	t.Helper()
	var parts [2]string
	for i, o := range []object{header, claims} {
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = base64.RawURLEncoding.EncodeToString(b)
	}
	signed := parts[0] + "." + parts[1]
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// but returns the object with one value changed, or removed if it is nil.
func but(o object, name string, value any) object {
	changed := maps.Clone(o)
	changed[name] = value
	if value == nil {
		delete(changed, name)
	}
	return changed
}

func TestDeviceLogin_Tokens(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, elliptic.P256())
	otherKey, _ := newKey(t, elliptic.P256())
	mock := frozen(Config{})
	f := verifiedPush(mock, public)
	now, fetch := start.Unix(), "GET "+factorsPath+"/"+f.SID
	header := object{"typ": "JWT", "alg": "ES256", "cty": "twilio-pba;v=1", "kid": f.CredentialSID}
	claims := object{"sub": DefaultAccountSID, "nbf": now, "exp": now + 600}
	good := token(t, key, header, claims)
	for _, wrong := range []string{
		token(t, otherKey, header, claims), token(t, key, but(header, "alg", "none"), claims), token(t, key, but(header, "cty", nil), claims),
		token(t, key, but(header, "kid", "CR1"), claims), token(t, key, header, but(claims, "sub", "AC1")),
		token(t, key, header, but(claims, "nbf", now+1)), token(t, key, header, but(claims, "exp", now)),
		token(t, key, header, but(claims, "exp", nil)), good[:len(good)-4], good[:strings.LastIndex(good, ".")], "password",
	} {
		expectAs(t, mock, "token", wrong, fetch, "401 20003")
	}
	other := verifiedPush(mock, "other")
	challengeOf(t, mock, other)
	own := strings.TrimPrefix(challengeOf(t, mock, f), challengesPath+"/")
	expectAs(t, mock, "token", good, fetch, "200", "GET "+factorsPath, "403 20003", "POST "+challengesPath, "403 20003",
		"DELETE "+servicePath, "403 20003", "DELETE "+factorsPath+"/"+other.SID, "403 20003")
	if listed := expectAs(t, mock, "token", good, "GET "+challengesPath, "200"); !slices.Equal(sidsOf(listed, "challenges"), []string{own}) {
		t.Errorf("got %s", listed.Raw)
	}
	expectAs(t, mock, "token", good, "DELETE "+factorsPath+"/"+f.SID, "204", fetch, "401 20003")
}

func TestChallenge_PushPayloads(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, elliptic.P256())
	otherKey, _ := newKey(t, elliptic.P256())
	mock := frozen(Config{})
	f := verifiedPush(mock, public)
	header := object{"typ": "JWT", "alg": "ES256"}
	signed := func(claims object) string { return token(t, key, header, claims) }
	for name, test := range map[string]struct {
		token func(object) string // from the fields that the device of a new challenge signs
		want  string
	}{
		"approved":       {signed, "200 status=approved"},
		"other key":      {func(c object) string { return token(t, otherKey, header, c) }, "403 60324"},
		"no status":      {func(c object) string { return signed(but(c, "status", nil)) }, "403 60324"},
		"pending":        {func(c object) string { return signed(but(c, "status", "pending")) }, "403 60324"},
		"changed detail": {func(c object) string { return signed(but(c, "details", object{"message": "n"})) }, "403 60324"},
		"missing field":  {func(c object) string { return signed(but(c, "hidden_details", nil)) }, "403 60324"},
		"more claims":    {func(c object) string { return signed(but(c, "extra", "x")) }, "403 60324"},
		"more header":    {func(c object) string { return token(t, key, but(header, "kid", "x"), c) }, "403 60324"},
		"not a token":    {func(object) string { return "123456" }, "400 60200 AuthPayload"},
		"too long":       {func(object) string { return strings.Repeat("x", 5457) }, "400 60200 AuthPayload"},
	} {
		path := challengesPath + "/" + expect(t, mock, ask(f)+`&HiddenDetails={"a":"b"}`, "201").text("sid")
		fetched := expect(t, mock, "GET "+path, "200 status=pending")
		claims := object{"status": "approved"}
		for field := range strings.SplitSeq(fetched.Header.Get("Twilio-Verify-Signature-Fields"), ",") {
			claims[field] = fetched.Body[field]
		}
		t.Log(name)
		expect(t, mock, "POST "+path+" AuthPayload="+test.token(claims), test.want)
		if stored, _ := mock.Challenge(fetched.text("sid")); stored.Status == "approved" != (name == "approved") {
			t.Errorf("%s: the challenge is %s", name, stored.Status)
		}
	}
}
