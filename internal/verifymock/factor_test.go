// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFactor_CreatePush(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	mock := New(Config{})
	got := mustCreate(t, mock, pushForm(key, "Binding.Alg", "-"))
	stored, _ := mock.Factor(got.text("sid"))
	wantMatch(t, "credential_sid", stored.CredentialSID, "^CR[0-9a-f]{32}$")
	wantOutcome(t, got, `201 binding={"alg":"ES256","public_key":"`+key+`"}; metadata=null; config={"app_id":"com.example.app","credential_sid":"`+
		stored.CredentialSID+`","notification_platform":"fcm","notification_token":"`+strings.Repeat("t", 32)+`","sdk_version":"1.0"}`)
}

func TestFactor_Secrets(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	first, second := mustCreate(t, mock, totpForm()).value("binding.secret"), mustCreate(t, mock, totpForm()).value("binding.secret")
	wantMatch(t, "secret", first, `^[A-Z2-7]{32}$`)
	if first == second {
		t.Error("the same secret twice")
	}
	for _, secret := range []string{"gezdgnbvgy3tqojqge", "GEZDGNBVGY3TQOJQGE======"} { // the URI has the normal spelling
		got := mustCreate(t, New(Config{}), totpForm("Binding.Secret", secret))
		if !strings.Contains(got.value("binding.uri"), "secret=GEZDGNBVGY3TQOJQGE&") || got.value("binding.secret") != secret {
			t.Errorf("%s: got %s", secret, got.Raw)
		}
	}
	const refused = "400 60200 Binding.Secret"
	const padded = "GEZDGNBVGY3TQOJQGE%3D%3D%3D%3D%3D%3D"
	request := "POST " + factorsPath + " FactorType=totp&FriendlyName=x&Binding.Secret="
	expect(t, New(Config{StrictSecrets: true}),
		request+strings.ToLower(testSecret), refused, request+padded, refused, request+"GEZDGNBV", refused,
		request+testSecret, "201", "POST "+factorsPath+" FactorType=totp&FriendlyName=x", "201")
	_, key := newKey(t, elliptic.P256())
	mustCreate(t, mock, pushForm(key))
	expect(t, mock,
		request+"GEZDGNBVGY3TQOJQGE", "201", request+"GEZDGNBVGY3TQOJQGE", "409 60317", request+"gezdgnbvgy3tqojqge", "409 60317",
		request+padded, "409 60317", "POST "+factorsPath+" "+pushForm(key).Encode(), "409 60317",
		strings.Replace(request, testIdentity, "another-robot", 1)+"GEZDGNBVGY3TQOJQGE", "201")
}

func TestFactor_ServiceDefaults(t *testing.T) {
	t.Parallel()
	account := defaultAccount()
	account.Services[0].TOTP = TOTPDefaults{Issuer: "A & B", CodeLength: new(7), Skew: new(0), TimeStep: new(60)}
	mock := New(Config{Accounts: []Account{account}})
	got := mustCreate(t, mock, totpForm())
	wantOutcome(t, got, `201 config={"alg":"sha1","code_length":7,"skew":0,"time_step":60}`)
	wantMatch(t, "uri", got.value("binding.uri"),
		`^otpauth://totp/A%20%26%20B:Robot%201\?secret=[A-Z2-7]{32}&issuer=A%20%26%20B&algorithm=SHA1&digits=7&period=60$`)
	got = mustCreate(t, mock, totpForm("Config.Alg", "sha512", "Config.Skew", "2", "Config.CodeLength", "8", "Config.TimeStep", "20"))
	wantOutcome(t, got, `201 config={"alg":"sha512","code_length":8,"skew":2,"time_step":20}`)
	wantOutcome(t, mustCreate(t, New(Config{ConfigNumbersAsStrings: true}), totpForm()),
		`201 config={"alg":"sha1","code_length":"6","skew":"1","time_step":"30"}`)
}

func TestFactor_CreateRules(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	_, wrongCurve := newKey(t, elliptic.P384())
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaDER, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(n int) string { return strings.Repeat("é", n) }
	ascii := func(n int) string { return strings.Repeat("a", n) }
	create := func(form url.Values) func(*Server) (string, url.Values) { return to(factorsPath, form.Encode()) }
	checkRules(t, http.StatusCreated, create(totpForm()), rules{
		"FactorType": {nil, {"-", "sms", "passkeys"}}, "FriendlyName": {{text(64)}, {"-", "", text(65), "\xff"}}, // passkeys have another path
		"Config.Color": {nil, {"red"}}, "friendlyName": {nil, {"x"}}, "AuthPayload": {nil, {"123456"}},
		"Binding.Secret": {
			{testSecret, "GEZDGNBVGY3TQOJQGE======", "GEZDGNBVGY3TQOJQGE", strings.ToLower(testSecret)},
			{"GEZDGNBVGY3TQOJQGE===", "0189", "GEZD GNBV", "GEZ", ""},
		},
		"Config.Alg": {{"sha512"}, {"SHA1"}}, "Config.CodeLength": {{"3", "8"}, {"2", "9", "06", ""}},
		"Config.Skew": {{"0", "2"}, {"3", "-1"}}, "Config.TimeStep": {{"20", "60"}, {"19", "61", "30.0"}},
		"Binding.Alg": {nil, {"ES256"}}, "Binding.PublicKey": {nil, {key}}, "Config.AppId": {nil, {"a"}}, "Config.SdkVersion": {nil, {"1"}},
		"Config.NotificationPlatform": {nil, {"none"}}, "Config.NotificationToken": {nil, {ascii(32)}},
		"Metadata": {
			{`{"os":"Android"}`, "{}", `{"k":"` + text(1024-8) + `"}`},
			{`{"k":"` + text(1024-7) + `"}`, `{"k":1}`, `{"k":null}`, "null", `["k"]`, `{"k":"v"}}`, ""},
		},
	})
	checkRules(t, http.StatusCreated, create(pushForm(key)), rules{
		"Binding.PublicKey": {
			{key}, {"-", "***", key[:64] + "\n" + key[64:], "dGVzdF9rZXk=", wrongCurve, base64.StdEncoding.EncodeToString(rsaDER)},
		},
		"Config.AppId": {{ascii(100)}, {"-", "", ascii(101)}}, "Config.NotificationPlatform": {nil, {"-", "gcm"}},
		"Config.NotificationToken": {{ascii(255)}, {"-", ascii(31), ascii(256)}}, "Config.SdkVersion": {nil, {"-", ""}},
		"Binding.Alg": {{"-"}, {"RS256"}}, "Binding.Secret": {nil, {testSecret}}, "Config.Alg": {nil, {"sha1"}},
		"Config.CodeLength": {nil, {"6"}}, "Config.Skew": {nil, {"1"}}, "Config.TimeStep": {nil, {"30"}},
	})
	checkRules(t, http.StatusCreated, create(pushForm(key, "Config.NotificationPlatform", "none")), rules{
		"Config.NotificationToken": {{"-"}, {ascii(32)}},
	})
	expect(t, New(Config{}), "POST "+factorsPath, "400 20001 FriendlyName",
		"POST "+factorsPath+" FactorType=totp&FriendlyName=a&FriendlyName=b", "400 60200 FriendlyName")
}

func TestFactor_UpdateRules(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	token := strings.Repeat("u", 40)
	update := func(created url.Values) func(*Server) (string, url.Values) {
		return func(mock *Server) (string, url.Values) {
			return factorsPath + "/" + mustCreate(t, mock, created).text("sid"), nil
		}
	}
	checkRules(t, http.StatusOK, update(totpForm()), rules{
		"FriendlyName": {{"-", "x"}, {strings.Repeat("x", 65)}}, "FactorType": {nil, {"totp"}}, "Metadata": {nil, {"{}"}},
		"Binding.Secret": {nil, {testSecret}}, "Status": {nil, {"verified"}}, "AuthPayload": {nil, {""}}, "Config.TimeStep": {nil, {"61"}},
		"Config.Skew": {{"0"}}, "Config.CodeLength": {nil, {"9"}}, "Config.Alg": {nil, {"md5"}}, "Config.SdkVersion": {nil, {"2"}},
		"Config.NotificationToken": {nil, {token}}, "Config.NotificationPlatform": {nil, {"none"}},
	})
	checkRules(t, http.StatusOK, update(pushForm(key)), rules{
		"FriendlyName": {{"x"}}, "Config.AppId": {nil, {"b"}}, "Binding.PublicKey": {nil, {key}}, "Binding.Alg": {nil, {"ES256"}},
		"Config.TimeStep": {nil, {"30"}}, "Config.NotificationPlatform": {{"apn"}, {"x"}}, "Config.NotificationToken": {nil, {"short"}},
		"Config.SdkVersion": {nil, {""}},
	})
	none := pushForm(key, "Config.NotificationPlatform", "none", "Config.NotificationToken", "-")
	checkRules(t, http.StatusOK, update(none), rules{"Config.NotificationToken": {nil, {token}}})
	const missing = "400 20001 Config.NotificationToken"
	check := func(strict bool, created url.Values, form, want string) {
		mock := New(Config{RequireTokenOnPushUpdate: strict})
		expect(t, mock, "POST "+factorsPath+"/"+mustCreate(t, mock, created).text("sid")+" "+form, want)
	}
	check(false, none, "Config.NotificationPlatform=fcm", missing)
	check(false, none, "Config.NotificationPlatform=fcm&Config.NotificationToken="+token, "200")
	check(true, none, "FriendlyName=x", "200")
	check(true, pushForm(key), "FriendlyName=x", missing)
	check(true, pushForm(key), "Config.NotificationToken="+token, "200")
	check(true, pushForm(key), "Config.NotificationPlatform=none", "200")
}

func TestFactor_IdentityRules(t *testing.T) {
	t.Parallel()
	for identity, status := range map[string]string{
		"12345678": "201", "a-b-c-d-": "201", strings.Repeat("x", 64): "201", "%41bcdefgh": "201",
		"1234567": "400", strings.Repeat("x", 65): "400", "under_score": "400", "with%20space": "400", "with%2Fslash": "400",
		"%C3%BCmlaute-": "400", "robot-01%0A": "400", "..%2F..%2Fv2%2FServices%2Frobo": "400", "nested/robot-01": "404",
	} {
		if got := send(t, New(Config{}), http.MethodPost, entitiesPath+"/"+identity+"/Factors", totpForm()); fmt.Sprint(got.Status) != status {
			t.Errorf("%s: got %s, want %s", identity, got.outcome(), status)
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
	totp, push := "POST "+factorsPath+" "+totpForm().Encode(), "POST "+factorsPath+" "+pushForm(key).Encode()
	expect(t, mock, totp, "400 60315", push, "400 60315")
	factors := mock.Factors()
	mock.DeleteFactor(factors[0].SID)
	mock.DeleteFactor(factors[1].SID)
	expect(t, mock, totp, "201", push, "201")
}

func TestFactor_CreatesPerDay(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	for range maxCreates {
		expect(t, mock, "DELETE "+factorsPath+"/"+mustCreate(t, mock, totpForm()).text("sid"), "204")
	}
	create := "POST " + factorsPath + " " + totpForm().Encode()
	expect(t, mock, create, "429 60326")
	mock.AdvanceClock(23 * time.Hour)
	expect(t, mock, create, "429 60326")
	mock.AdvanceClock(time.Hour)
	expect(t, mock, create, "201")
}

func TestFactor_Update(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	mock := frozen(Config{})
	totp := factorsPath + "/" + mustCreate(t, mock, totpForm("Metadata", `{"a":"b"}`)).text("sid")
	push := mustCreate(t, mock, pushForm(key)).text("sid")
	stored, _ := mock.Factor(push)
	mock.AdvanceClock(time.Hour)
	expect(t, mock,
		"POST "+totp+" FriendlyName=Robot 2&Config.Alg=sha256&Config.CodeLength=8&Config.Skew=0&Config.TimeStep=60",
		`200 config={"alg":"sha256","code_length":8,"skew":0,"time_step":60}; friendly_name=Robot 2; status=unverified; metadata={"a":"b"}`+
			"; date_created=2026-03-01T12:00:15Z; date_updated=2026-03-01T13:00:15Z; binding=missing",
		"POST "+factorsPath+"/"+push+" Config.NotificationPlatform=none&Config.SdkVersion=2.0",
		`200 config={"app_id":"com.example.app","credential_sid":"`+stored.CredentialSID+
			`","notification_platform":"none","notification_token":null,"sdk_version":"2.0"}`)
}

// verify sends a payload for a factor, and compares the outcome.
func verify(t *testing.T, mock *Server, f Factor, payload, want string) {
	t.Helper()
	expect(t, mock, "POST "+factorsPath+"/"+f.SID+" "+url.Values{"AuthPayload": {payload}}.Encode(), want)
}

// newTOTP creates a TOTP factor.
func newTOTP(t *testing.T, mock *Server, pairs ...string) Factor {
	t.Helper()
	f, _ := mock.Factor(mustCreate(t, mock, totpForm(pairs...)).text("sid"))
	return f
}

func TestFactor_VerifyTOTP(t *testing.T) {
	t.Parallel()
	const step, verified = 30 * time.Second, "200 status=verified"
	check := func(offset time.Duration, want string, pairs ...string) { // of the code's time, relative to the server's clock
		mock := frozen(Config{})
		f := newTOTP(t, mock, append([]string{"Binding.Secret", testSecret, "Config.CodeLength", "8"}, pairs...)...)
		verify(t, mock, f, code(t, f, start.Add(offset)), want)
	}
	check(0, verified)
	check(-step, verified)
	check(step, verified)
	check(-2*step, "200 status=unverified")
	check(2*step, "200 status=unverified")
	check(step, "200 status=unverified", "Config.Skew", "0")
	check(0, verified, "Config.Skew", "0")
	check(-2*step, verified, "Config.Skew", "2")
	check(0, verified, "Config.Alg", "sha256")
	check(0, verified, "Config.Alg", "sha512", "Config.TimeStep", "60")
	check(20*time.Second, verified, "Config.TimeStep", "20")
	check(0, verified, "Binding.Secret", strings.ToLower(testSecret), "Config.CodeLength", "3")
	mock := frozen(Config{})
	f := newTOTP(t, mock)
	mock.AdvanceClock(time.Hour)
	verify(t, mock, f, code(t, f, start.Add(time.Hour)), "200 status=verified")
	f = newTOTP(t, mock)
	f.CodeLength = 8
	form := url.Values{"AuthPayload": {code(t, f, start.Add(time.Hour))}, "FriendlyName": {"new"}, "Config.CodeLength": {"8"}}
	expect(t, mock, "POST "+factorsPath+"/"+f.SID+" "+form.Encode(), "200 status=verified; friendly_name=new")
}

func TestFactor_VerifyAgain(t *testing.T) {
	t.Parallel()
	for refuse, want := range map[bool]string{false: "200 status=unverified", true: "403 60311"} {
		mock := frozen(Config{RefuseWrongPayload: refuse})
		f := newTOTP(t, mock, "Config.CodeLength", "8")
		right := code(t, f, start)
		for attempt, payload := range []string{wrongCode(t, f, start), "1", "letters", " " + right, "-1234567"} {
			verify(t, mock, f, payload, want)
			if now, _ := mock.Factor(f.SID); now.Attempts != attempt+1 {
				t.Errorf("attempt %d: counted %d", attempt, now.Attempts)
			}
		}
		verify(t, mock, f, right, "429 60310")
		if now, _ := mock.Factor(f.SID); now.Status != "unverified" || now.Attempts != maxAttempts {
			t.Errorf("got %s after %d attempts", now.Status, now.Attempts)
		}
	}
	for refuse, want := range map[bool]string{false: "200 status=verified", true: "403 60311"} { // again
		mock := frozen(Config{RefuseSecondVerification: refuse})
		f := newTOTP(t, mock)
		verify(t, mock, f, code(t, f, start), "200 status=verified")
		verify(t, mock, f, code(t, f, start), want)
	}
}

func TestFactor_VerifyPush(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, elliptic.P256())
	otherKey, _ := newKey(t, elliptic.P256())
	mock := New(Config{})
	f := Factor{SID: mustCreate(t, mock, pushForm(public)).text("sid")}
	sign := func(key *ecdsa.PrivateKey, text string) string {
		digest := sha256.Sum256([]byte(text))
		signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(signature)
	}
	for _, payload := range []string{"not base64", "bm90IERFUg==", sign(otherKey, f.SID), sign(key, f.SID+" ")} {
		verify(t, mock, f, payload, "200 status=unverified")
	}
	verify(t, mock, f, sign(key, f.SID), "200 status=verified")
}

func TestFactor_Delete(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	factor := factorsPath + "/" + mustCreate(t, mock, totpForm()).text("sid")
	for _, wrong := range []string{
		strings.Replace(factor, DefaultServiceSID, mock.AddService(Service{}).SID, 1), strings.Replace(factor, testIdentity, "another-robot", 1),
	} {
		expect(t, mock, "GET "+wrong, "404 20404", "POST "+wrong, "404 20404", "DELETE "+wrong, "404 20404")
	}
	last := expect(t, mock, "GET "+strings.Replace(factor, "Robot-", "%52obot%2D", 1), "200", "DELETE "+factor, "204")
	if last.Raw != "" {
		t.Errorf("got %q", last.Raw)
	}
	expect(t, mock, "DELETE "+factor, "404 20404", "GET "+factor, "404 20404", "GET "+factorsPath, "200") // the entity still exists
}

func TestFactor_UnverifiedExpires(t *testing.T) {
	t.Parallel()
	for ttl, config := range map[time.Duration]Config{24 * time.Hour: {}, time.Hour: {UnverifiedTTL: time.Hour}} {
		mock := frozen(config)
		first, kept := newTOTP(t, mock), newTOTP(t, mock)
		verify(t, mock, kept, code(t, kept, start), "200 status=verified")
		mock.AdvanceClock(ttl - 2*time.Second)
		second := newTOTP(t, mock)
		expect(t, mock, "GET "+factorsPath+"/"+first.SID, "200")
		mock.AdvanceClock(2 * time.Second)
		expect(t, mock, "GET "+factorsPath+"/"+first.SID, "404 20404", "GET "+factorsPath+"/"+second.SID, "200")
		mock.AdvanceClock(ttl)
		if _, ok := mock.Factor(second.SID); ok {
			t.Error("the second factor is still there")
		}
		if left := mock.Factors(); len(left) != 1 || left[0].SID != kept.SID {
			t.Errorf("%d factors are left", len(left))
		}
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
	expect(t, mock, "GET "+entitiesPath+"/"+got.Identity+"/Factors/"+got.SID, "200")
	given := mock.AddFactor(Factor{Identity: strings.ToUpper(got.Identity), Alg: "sha512", CodeLength: 8, TimeStep: 60})
	if given.Identity != got.Identity || given.EntitySID != got.EntitySID || given.Alg != "sha512" || given.Skew != 0 {
		t.Errorf("got %+v", given)
	}
	config := map[string]any{"relying_party": map[string]any{"id": "example.com"}, "user_verification": "preferred"}
	f := mock.AddFactor(Factor{Identity: testIdentity, FactorType: "passkeys", Config: config})
	expect(t, mock, "GET "+factorsPath+"/"+f.SID,
		`200 factor_type=passkeys; config={"relying_party":{"id":"example.com"},"user_verification":"preferred"}`)
}

// TestAddFactor_PartOfTOTPConfig checks that missing parts of a config are filled in, so a code can be
// checked.
func TestAddFactor_PartOfTOTPConfig(t *testing.T) {
	t.Parallel()
	for _, given := range []Factor{{Alg: "sha512"}, {CodeLength: 8}, {TimeStep: 60}, {Skew: 2}} {
		mock := New(Config{})
		given.Identity = testIdentity
		f := mock.AddFactor(given)
		if f.Alg == "" || f.CodeLength == 0 || f.TimeStep == 0 || f.Skew != given.Skew {
			t.Fatalf("got %+v", f)
		}
		verify(t, mock, f, "000", "200 status=unverified")
	}
}

func TestFactor_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	before := newTOTP(t, mock)
	mock.UpdateFactor(before.SID, func(f *Factor) {
		f.FriendlyName, f.TimeStep, f.SID, f.Metadata = "drifted", 60, "YFother", `{"by":"hand"}`
		f.Config = map[string]any{"credential_sid": "CR1"}
	})
	expect(t, mock, "GET "+factorsPath+"/"+before.SID,
		"200 friendly_name=drifted; config.time_step=60; config.credential_sid=CR1; metadata.by=hand")
	if before.FriendlyName != "Robot 1" {
		t.Error("a copy changed with the factor")
	}
	if !mock.DeleteFactor(before.SID) || mock.UpdateFactor(before.SID, func(*Factor) {}) {
		t.Error("want the deletion to succeed, and an update of the deleted factor to fail")
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
