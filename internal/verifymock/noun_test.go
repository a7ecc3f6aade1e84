// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	hexA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

	// FullService sets every parameter of a service, with the values in Twilio's example.
	FullService = "FriendlyName=My Service&CodeLength=4&LookupEnabled=true&SkipSmsToLandlines=true&DtmfInputRequired=false&TtsName=name" +
		"&Psd2Enabled=true&DoNotShareWarningEnabled=true&CustomCodeEnabled=true&VerifyEventSubscriptionEnabled=true" +
		"&DefaultTemplateSid=HJ" + hexA + "&Push.IncludeDate=true&Push.ApnCredentialSid=CR" + hexA + "&Push.FcmCredentialSid=CR" + hexA +
		"&Totp.Issuer=test-issuer&Totp.TimeStep=40&Totp.CodeLength=3&Totp.Skew=0" +
		"&Whatsapp.MsgServiceSid=MG" + hexA + "&Whatsapp.From=%2B1234567890" +
		"&Passkeys.RelyingParty.Id=www.mydomain.com&Passkeys.RelyingParty.Name=My domain" +
		"&Passkeys.RelyingParty.Origins=www.mydomain.com,www.login.mydomain.com" +
		"&Passkeys.AuthenticatorAttachment=&Passkeys.DiscoverableCredentials=required&Passkeys.UserVerification=discouraged"

	messagingSID = "MG00000000000000000000000000000001"

	// webhookForm is the form in Twilio's example.
	webhookForm = "FriendlyName=name&EventTypes=factor.deleted&EventTypes=challenge.denied&WebhookUrl=https://owlbank.twilio.com"
)

// nounTest is what a test of every kind needs to know about one of them.
type nounTest struct {
	kind          Kind
	list          string // path
	form, want    string // of a create, and the values in the response
	change, after string // of an update
	rules         rules  // of the form of a create
}

const (
	limitSID    = "RK" + hexA // of the rate limit that contains the buckets
	bucketsPath = limitsPath + "/" + limitSID + "/Buckets"
)

// nounTests are the kinds that can be created, changed, and deleted through the API.
var nounTests = []nounTest{
	{
		Webhooks, webhooksPath, webhookForm, `friendly_name=name; event_types=["factor.deleted","challenge.denied"]; webhook_method=POST` +
			"; webhook_url=https://owlbank.twilio.com; status=enabled; version=v2; service_sid=" + DefaultServiceSID,
		"FriendlyName=other&EventTypes=*&WebhookUrl=https://example.com/x&Status=disabled&Version=v1",
		`friendly_name=other; event_types=["*"]; webhook_url=https://example.com/x; status=disabled; version=v1`,
		rules{
			"FriendlyName": {nil, {"-", ""}}, "EventTypes": {nil, {"-", "factor.changed", "factor.created,factor.deleted"}},
			"WebhookUrl": {{"http://a.com"}, {"-", "/events", "ftp://a.com"}}, "Status": {nil, {"paused"}}, "Version": {nil, {"v3"}},
			"WebhookMethod": {nil, {"GET"}},
		},
	},
	{
		RateLimits, limitsPath, "UniqueName=login.end_user-1",
		"unique_name=login.end_user-1; description=; service_sid=" + DefaultServiceSID, "Description=by user", "description=by user",
		rules{"UniqueName": {{"a.b_c-1"}, {"-"}}, "Description": {{""}}},
	},
	{
		Buckets, bucketsPath, "Max=5&Interval=60",
		"max=5; interval=60; rate_limit_sid=" + limitSID + "; service_sid=" + DefaultServiceSID, "Max=6&Interval=2", "max=6; interval=2",
		rules{"Max": {nil, {"-", "0", "05"}}, "Interval": {{"2"}, {"-", "minute"}}, "Description": {nil, {"x"}}},
	},
	{
		MessagingConfigurations, servicePath + "/MessagingConfigurations", "Country=US&MessagingServiceSid=" + messagingSID,
		"country=US; messaging_service_sid=" + messagingSID + "; service_sid=" + DefaultServiceSID,
		"MessagingServiceSid=MG" + hexA, "messaging_service_sid=MG" + hexA,
		rules{"Country": {{"all"}, {"-", "us", "USA"}}, "MessagingServiceSid": {nil, {DefaultServiceSID}}},
	},
	{
		Credentials, "/v1/Credentials", "Type=apn&FriendlyName=iOS&Certificate=PEM&PrivateKey=key&Sandbox=true",
		`type=apn; friendly_name=iOS; sandbox="true"`,
		"Type=fcm&Secret={}&FriendlyName=", "type=fcm; friendly_name=",
		rules{
			"Type": {{"fcm"}, {"-", "wns"}}, "Sandbox": {{"-"}, {"yes"}}, "Secret": {nil, {""}}, "ApiKey": {nil, {"x"}},
			"FriendlyName": {{"-", strings.Repeat("é", 64)}, {strings.Repeat("n", 65)}}, "Certificate": {{"-"}}, "PrivateKey": {{"-"}},
		},
	},
}

// TestNoun_EveryKind compares nounTests with the declared kinds.
func TestNoun_EveryKind(t *testing.T) {
	t.Parallel()
	tested := []Kind{Services, Entities, Factors, Challenges, AccessTokens, Templates} // by tests of their own
	for _, n := range nounTests {
		tested = append(tested, n.kind)
	}
	for _, k := range kinds {
		if !slices.Contains(tested, k.name) {
			t.Errorf("nounTests has no %s", k.name)
		}
	}
}

// eachNoun runs a test for each of these kinds. The server has a rate limit for the buckets.
func eachNoun(t *testing.T, config Config, test func(*testing.T, *Server, nounTest)) {
	t.Helper()
	for _, n := range nounTests {
		t.Run(string(n.kind), func(t *testing.T) {
			t.Parallel()
			mock := frozen(config)
			addLimit(mock)
			test(t, mock, n)
		})
	}
}

func addLimit(mock *Server) {
	mock.AddObject(RateLimits, Object{"sid": limitSID, "unique_name": "of-buckets"})
}

// create creates the noun's object and returns its path.
func (n nounTest) create(t *testing.T, api http.Handler, want string) string {
	t.Helper()
	created := expect(t, api, "POST "+n.list+" "+n.form, want)
	return strings.TrimPrefix(created.text("url"), "http://example.com")
}

// Lives creates, changes, lists, and deletes an object of each of these kinds, on servers in wrap.
func Lives(t *testing.T, wrap func(http.Handler) http.Handler) {
	t.Helper()
	eachNoun(t, Config{}, func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		n.live(t, mock, wrap(mock))
	})
}

func (n nounTest) live(t *testing.T, mock *Server, api http.Handler) {
	t.Helper()
	const date = "; account_sid=" + DefaultAccountSID + "; date_created=2026-03-01T12:00:15Z; date_updated=2026-03-01T12:"
	k, path := kindOf(n.kind), n.create(t, api, "201 "+n.want+date+"00:15Z")
	last, values := "US", "200 only "+n.want+date+"00:15Z; url=http://example.com"+path
	if k.prefix != "" {
		last, values = k.prefix+"[0-9a-f]{32}", values+"; sid="+path[len(n.list)+1:]
	}
	if k.name == RateLimits {
		values += `; links={"buckets":"http://example.com` + path + `/Buckets"}`
	}
	wantMatch(t, "path", path, "^"+n.list+"/"+last+"$")
	expect(t, api, "GET "+path, values)
	mock.AdvanceClock(time.Minute)
	if n.kind != MessagingConfigurations { // whose updates have a required parameter
		expect(t, api, "POST "+path, values)
	}
	changed := expect(t, api, "POST "+path+" "+n.change, "200 "+n.after+date+"01:15Z")
	fetched := expect(t, api, "GET "+path, "200")
	listed := expect(t, api, "GET "+n.list+"?PageSize=2&Page=0&PageToken=PT0", "200 meta.key="+k.listKey)
	objects, _ := listed.Body[k.listKey].([]any)
	if len(objects) == 0 || !cmp.Equal(objects[len(objects)-1], any(changed.Body)) || !cmp.Equal(changed.Body, fetched.Body) {
		t.Errorf("updated %s, but fetched %s and listed %s", changed.Raw, fetched.Raw, listed.Raw)
	}
	expect(t, api, "DELETE "+path, "204", "GET "+path, "404 20404", "POST "+path, "404 20404", "DELETE "+path, "404 20404")
	requests := mock.Requests()
	for i, verb := range []string{"delete", "update", "fetch", "delete", "list", "fetch", "update"} {
		if got := requests[len(requests)-1-i].Operation; got != n.kind.Operation(verb) {
			t.Errorf("the request %d before the last is %q, want %s", i, got, verb)
		}
	}
}

// TestNoun_ChangesFromOutside uses the functions for tests with every kind.
func TestNoun_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		mock := New(Config{})
		if k.parent != nil && k.parent != serviceKind {
			mock.AddObject(k.parent.name, nil)
		}
		before := len(mock.Objects(k.name))
		added := mock.AddObject(k.name, nil)
		if k.parent == entityKind && added.Text("identity") != mock.Entities()[0].Identity {
			t.Errorf("%s: it is in the entity %q", k.name, added.Text("identity"))
		}
		id := k.id(added)
		updated := mock.UpdateObject(k.name, id, func(o Object) { o["friendly_name"], o["sid"], o["account_sid"] = "Drifted", "other", "other" })
		got, ok := mock.Object(k.name, id)
		if !updated || !ok || got.Text("friendly_name") != "Drifted" || got.Text("sid") != added.Text("sid") ||
			got.Text("account_sid") != DefaultAccountSID {
			t.Errorf("%s: got %v", k.name, got)
		}
		if all := mock.Objects(k.name); len(all) != before+1 || !cmp.Equal(all[before], got) {
			t.Errorf("%s: got %v", k.name, all)
		}
		if !mock.DeleteObject(k.name, id) || mock.DeleteObject(k.name, id) {
			t.Errorf("%s: want the first deletion to succeed and the second to fail", k.name)
		}
	}
}

func TestNoun_AddNeedsContainer(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(*Server){
		"unknown service": func(s *Server) { s.AddWebhook(Webhook{ServiceSID: "VAunknown"}) },
		"unknown account": func(s *Server) { s.AddService(Service{AccountSID: "ACunknown"}) },
		"no rate limit":   func(s *Server) { s.AddObject(Buckets, nil) },
		"unknown kind":    func(s *Server) { s.AddObject("color", nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it did not panic", name)
				}
			}()
			add(New(Config{}))
		}()
	}
}

func TestNoun_AddToContainer(t *testing.T) {
	t.Parallel()
	config := twoAccounts()
	slices.Reverse(config.Accounts)
	mock := New(config)
	own := mock.AddObject(Services, nil).Text("sid")
	if got := mock.AddObject(Webhooks, nil); got.Text("service_sid") != own || got.Text("account_sid") != otherAccountSID {
		t.Errorf("got %v", got)
	}
	first := mock.AddObject(RateLimits, Object{"service_sid": DefaultServiceSID})
	second := mock.AddObject(RateLimits, Object{"service_sid": DefaultServiceSID})
	if got := mock.AddObject(Buckets, Object{"service_sid": DefaultServiceSID}); got.Text("rate_limit_sid") != first.Text("sid") {
		t.Errorf("got %v", got)
	}
	got := mock.AddObject(Buckets, Object{"rate_limit_sid": second.Text("sid"), "max": 1})
	if got.Text("service_sid") != DefaultServiceSID || got.Text("account_sid") != DefaultAccountSID || got["max"] != 1 {
		t.Errorf("got %v", got)
	}
}

// TestNoun_OtherAccount expects that an account sees nothing of another one's.
func TestNoun_OtherAccount(t *testing.T) {
	t.Parallel()
	eachNoun(t, twoAccounts(), func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		path, listed := n.create(t, mock, "201"), "404 20404"
		if n.kind == Credentials {
			listed = "200 credentials=[]"
		}
		expectAs(t, mock, otherAccountSID, "other", "GET "+path, "404 20404", "DELETE "+path, "404 20404", "GET "+n.list, listed)
	})
}

func TestNoun_Rules(t *testing.T) {
	t.Parallel()
	eachNoun(t, Config{}, func(t *testing.T, _ *Server, n nounTest) {
		t.Helper()
		checkRules(t, http.StatusCreated, func(mock *Server) (string, url.Values) {
			addLimit(mock)
			return to(n.list, n.form)(mock)
		}, n.rules)
	})
	mock := New(Config{RefuseHTTPWebhooks: true, SortEventTypes: true})
	limit := limitsPath + "/" + mock.AddObject(RateLimits, nil).Text("sid")
	mock.AddObject(MessagingConfigurations, nil)
	const country = servicePath + "/MessagingConfigurations/US"
	expect(t, mock, "POST "+limitsPath+" UniqueName=a b", "400 60209 UniqueName", "POST "+limitsPath+" UniqueName=", "400 60209 UniqueName",
		// What identifies an object cannot be changed.
		"POST "+limit+" UniqueName=other", "400 60200 UniqueName", "POST "+country, "400 20001 MessagingServiceSid",
		"POST "+country+" Country=FR&MessagingServiceSid="+messagingSID, "400 60200 Country",
		"POST "+webhooksPath+" FriendlyName=x&EventTypes=*&WebhookUrl=http://127.0.0.1", "400 60200 WebhookUrl",
		"POST "+webhooksPath+" "+webhookForm, `201 event_types=["challenge.denied","factor.deleted"]`)
}

// TestNoun_Taken creates two objects with the same natural key.
func TestNoun_Taken(t *testing.T) {
	t.Parallel()
	codes := map[Kind]int{RateLimits: 60208, Buckets: 60211, MessagingConfigurations: 60213}
	eachNoun(t, Config{}, func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		again := "201"
		if codes[n.kind] != 0 {
			again = fmt.Sprint("400 ", codes[n.kind])
		}
		expect(t, mock, "POST "+n.create(t, mock, "201")+" Color=red", "400 60200 Color")
		n.create(t, mock, again) // if this is refused, codes needs its code
		elsewhere := strings.Replace(n.list, DefaultServiceSID, mock.AddService(Service{}).SID, 1)
		if n.kind == Credentials { // which no service contains
			return
		}
		if n.kind == Buckets {
			elsewhere = limitsPath + "/" + mock.AddObject(RateLimits, nil).Text("sid") + "/Buckets"
		}
		expect(t, mock, "POST "+elsewhere+" "+n.form, "201")
		listed := send(t, mock, http.MethodGet, elsewhere, nil) // without the objects of the first container
		if objects, _ := listed.Body[kindOf(n.kind).listKey].([]any); len(objects) != 1 {
			t.Errorf("got %s", listed.Raw)
		}
	})
	mock := New(Config{})
	limit := limitsPath + "/" + mock.AddObject(RateLimits, nil).Text("sid")
	mock.AddObject(Buckets, Object{"interval": 60})
	bucket := limit + "/Buckets/" + mock.AddObject(Buckets, Object{"interval": 3600}).Text("sid")
	expect(t, mock, "POST "+bucket+" Interval=60", "400 60211", "POST "+bucket+" Interval=3600&Max=1", "200")
}

func TestNoun_Limits(t *testing.T) {
	t.Parallel()
	mock := New(Config{MaxRateLimits: 2, MaxBuckets: 1})
	buckets := limitsPath + "/" + expect(t, mock, "POST "+limitsPath+" UniqueName=a", "201").text("sid") + "/Buckets"
	expect(t, mock, "POST "+limitsPath+" UniqueName=b", "201", "POST "+limitsPath+" UniqueName=c", "400 60207",
		"POST "+buckets+" Max=1&Interval=1", "201", "POST "+buckets+" Max=1&Interval=2", "400 60210")
}

// TestNoun_DeletedWithContainer deletes a rate limit and then the service.
func TestNoun_DeletedWithContainer(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	kept, limit := mock.AddObject(RateLimits, nil).Text("sid"), mock.AddObject(RateLimits, nil).Text("sid")
	mock.AddObject(Buckets, Object{"rate_limit_sid": kept})
	mock.AddObject(Buckets, Object{"rate_limit_sid": limit})
	mock.AddObject(MessagingConfigurations, nil)
	mock.AddObject(Credentials, nil)
	buckets := limitsPath + "/" + limit + "/Buckets"
	expect(t, mock, "DELETE "+limitsPath+"/"+limit, "204", "GET "+buckets, "404 20404", "POST "+buckets+" Max=1&Interval=1", "404 20404")
	if left := mock.Objects(Buckets); len(left) != 1 || left[0].Text("rate_limit_sid") != kept {
		t.Errorf("got %v", left)
	}
	expect(t, mock, "DELETE "+servicePath, "204")
	if left := snapshot(mock); len(left) != 1 || len(mock.Objects(Credentials)) != 1 {
		t.Errorf("not only the credential is left: %v", left)
	}
}

func TestTemplate_List(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	first, second := mock.AddObject(Templates, nil).Text("sid"), mock.AddObject(Templates, Object{"friendly_name": "Second"}).Text("sid")
	if diff := cmp.Diff([]string{first, second}, sidsOf(expect(t, mock, "GET /v2/Templates", "200"), "templates")); diff != "" {
		t.Error(diff)
	}
	expect(t, mock, "GET /v2/Templates?FriendlyName=Second", `200 templates=[{"account_sid":"`+DefaultAccountSID+
		`","channels":["sms","voice"],"friendly_name":"Second","sid":"`+second+`","translations":{"en":{"is_default_translation":true,`+
		`"locale":"en","status":"approved","text":"Your {{friendly_name}} code is {{code}}."}}}]`,
		"POST /v2/Templates", "405 20004", "GET /v2/Templates/"+first, "404 20404")
}

// TestCredential_Secrets expects that the server stores secrets and never returns them.
func TestCredential_Secrets(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	got := expect(t, mock, "POST /v1/Credentials Type=apn&Certificate=canary-1&PrivateKey=canary-2&Secret=canary-3", "201 sandbox=null")
	raw := got.Raw + expect(t, mock, "GET /v1/Credentials/"+got.text("sid"), "200").Raw + expect(t, mock, "GET /v1/Credentials", "200").Raw
	if strings.Contains(raw, "canary") {
		t.Errorf("got %s", raw)
	}
	if o, _ := mock.Object(Credentials, got.text("sid")); o["certificate"] != "canary-1" || o["private_key"] != "canary-2" ||
		o["secret"] != "canary-3" {
		t.Errorf("stored %v", o)
	}
	expect(t, mock, "GET /v1/Credentials?PageSize=100", "200", "GET /v1/Credentials?PageSize=101", "400 60200 PageSize")
}

func TestEntity_Create(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	got := expect(t, mock, "POST "+entitiesPath+" Identity="+testIdentity, "201")
	expect(t, mock, "GET "+entitiesPath+"/"+strings.ToUpper(testIdentity), "200 sid="+got.text("sid"))
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

func TestEntity_Delete(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	f := mock.AddFactor(Factor{Identity: testIdentity, Status: "verified"})
	expect(t, mock, "POST "+challengesPath+" FactorSid="+f.SID, "201", "DELETE "+entityPath, "204", "GET "+factorsPath+"/"+f.SID, "404 20404")
	if left := snapshot(mock); len(left) != 1 {
		t.Errorf("more than the service is left: %v", left)
	}
	mock.AddEntity(Entity{ServiceSID: mock.AddService(Service{}).SID}) // which a list of the first service does not contain
	e := mock.AddEntity(Entity{})
	wantMatch(t, "Identity", e.Identity, identityPattern.String())
	if listed := sidsOf(expect(t, mock, "GET "+entitiesPath, "200"), "entities"); !slices.Equal(listed, []string{e.SID}) {
		t.Errorf("got %v", listed)
	}
	if got, _ := mock.Entity(DefaultServiceSID, strings.ToUpper(e.Identity)); got != e || !mock.DeleteEntity(e.ServiceSID, e.Identity) {
		t.Errorf("got %+v", got)
	}
	if created := expect(t, mock, "POST "+entitiesPath+" Identity="+testIdentity, "201"); created.text("sid") == f.EntitySID {
		t.Errorf("got %s", created.Raw)
	}
}

func TestService_Defaults(t *testing.T) {
	t.Parallel()
	const defaults = "; code_length=6; lookup_enabled=false; dtmf_input_required=true; tts_name=null; default_template_sid=null"
	const create = "POST " + servicesPath + " FriendlyName=x"
	expect(t, New(Config{}), create, `201 totp={"code_length":6,"issuer":"x","skew":1,"time_step":30}`+defaults)
	expect(t, New(Config{NullTOTPDefaults: true}), create, `201 totp={"code_length":null,"issuer":null,"skew":null,"time_step":null}`+defaults)
	account := defaultAccount()
	account.Services[0].TOTP = TOTPDefaults{Issuer: "Example", CodeLength: new(8)}
	expect(t, New(Config{Accounts: []Account{account}}), "GET "+servicePath, // which exists from the start
		`200 totp={"code_length":8,"issuer":"Example","skew":1,"time_step":30}; sid=`+DefaultServiceSID+
			"; account_sid="+DefaultAccountSID+"; friendly_name="+defaultServiceName)
}

func TestService_CreateRules(t *testing.T) {
	t.Parallel()
	checkRules(t, http.StatusCreated, to(servicesPath, "FriendlyName=x"), rules{
		"FriendlyName": {{strings.Repeat("é", 32)}, {"-", "", strings.Repeat("n", 33)}}, "CodeLength": {{"4", "10"}, {"3", "11", ""}},
		"LookupEnabled": {nil, {"1", ""}}, "SkipSmsToLandlines": {nil, {"true"}}, // which requires the lookup
		"Totp.TimeStep": {nil, {"19", "61"}}, "Totp.CodeLength": {nil, {"2", "9"}}, "Totp.Skew": {nil, {"3"}},
		"DefaultTemplateSid": {nil, {"HJ1"}}, "Push.ApnCredentialSid": {nil, {"CR1"}}, "Whatsapp.MsgServiceSid": {nil, {"VA1"}},
		"Whatsapp.From": {{"whatsapp:+1234567890"}, {"Twilio"}}, "Passkeys.RelyingParty.Origins": {nil, {"a.com,,b.com"}},
		"Passkeys.AuthenticatorAttachment": {{"any"}, {"usb"}}, "Passkeys.UserVerification": {nil, {"maybe"}},
		"Passkeys.DiscoverableCredentials": {nil, {"any"}}, "Color": {nil, {"red"}}, "VerifyEventSubscriptionEnabled": {nil, {"yes"}},
	})
	expect(t, New(Config{}), "POST "+servicesPath+" FriendlyName=a&FriendlyName=b", "400 60200 FriendlyName")
}

func TestService_UpdateKeepsTheRest(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	created := expect(t, mock, "POST "+servicesPath+" "+FullService, "201")
	path := servicesPath + "/" + created.text("sid")
	mock.AdvanceClock(time.Hour)
	changes := strings.NewReplacer(`"My Service"`, `"Other"`, `updated":"2026-03-01T12`, `updated":"2026-03-01T13`, `"skew":0`, `"skew":2`)
	for _, test := range [][2]string{{"", created.Raw}, {" FriendlyName=Other&Totp.Skew=2", changes.Replace(created.Raw)}} {
		if got := expect(t, mock, "POST "+path+test[0], "200"); got.Raw != test[1] {
			t.Errorf("got  %s\nwant %s", got.Raw, test[1])
		}
	}
	expect(t, mock, "POST "+path+" LookupEnabled=false", "400 60200 SkipSmsToLandlines", "POST "+path+" DefaultTemplateSid=&TtsName="+
		"&Push.ApnCredentialSid=&Push.FcmCredentialSid=&Passkeys.UserVerification=&Totp.Issuer=&Whatsapp.MsgServiceSid=&Whatsapp.From="+
		"&Passkeys.RelyingParty.Id=&Passkeys.RelyingParty.Name=&Passkeys.RelyingParty.Origins=",
		`200 default_template_sid=null; tts_name=null; push={"apn_credential_sid":null,"fcm_credential_sid":null,"include_date":true}`+
			`; passkeys.user_verification=; totp.issuer=Other; whatsapp={"from":null,"msg_service_sid":null}`+
			`; passkeys.relying_party={"id":null,"name":null,"origins":null}`)
}

func TestService_List(t *testing.T) {
	t.Parallel()
	mock := New(twoAccounts())
	foreign := servicesPath + "/" + mock.AddService(Service{AccountSID: otherAccountSID}).SID
	want := []string{DefaultServiceSID, mock.AddService(Service{}).SID, mock.AddService(Service{}).SID}
	first := expect(t, mock, "GET "+servicesPath+"?PageSize=2", "200 meta.key=services")
	second := expect(t, mock, "GET "+first.value("meta.next_page_url"), "200 meta.next_page_url=null")
	if diff := cmp.Diff(want, slices.Concat(sidsOf(first, "services"), sidsOf(second, "services"))); diff != "" {
		t.Error(diff)
	}
	expect(t, mock, "GET "+foreign, "404 20404", "POST "+foreign, "404 20404", "DELETE "+foreign, "404 20404")
}

func TestService_Delete(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	f := mock.AddFactor(Factor{Identity: testIdentity})
	webhook := mock.AddWebhook(Webhook{})
	expect(t, mock, "DELETE "+servicePath, "204", "DELETE "+servicePath, "404 20404")
	for _, path := range []string{servicePath, factorsPath, factorsPath + "/" + f.SID, entitiesPath, webhooksPath + "/" + webhook.SID} {
		expect(t, mock, "GET "+path, "404 20404")
	}
	if left := snapshot(mock); len(left)+len(mock.Services())+len(mock.Webhooks()) != 0 {
		t.Errorf("objects of the deleted service are left: %v", left)
	}
}

func TestService_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	added := mock.AddService(Service{FriendlyName: "Outside", Passkeys: PasskeysSettings{RelyingPartyOrigins: []string{"a.com"}}})
	added.Passkeys.RelyingPartyOrigins[0] = "changed"
	mock.UpdateService(added.SID, func(v *Service) { v.FriendlyName, v.SID = "Drifted", "VAother" })
	got, ok := mock.Service(added.SID)
	if !ok || got.FriendlyName != "Drifted" || got.Passkeys.RelyingPartyOrigins[0] != "a.com" || got.CodeLength != 6 {
		t.Errorf("got %+v", got)
	}
	if !mock.DeleteService(added.SID) || mock.UpdateService(added.SID, func(*Service) {}) {
		t.Error("want the deletion to succeed, and an update of the deleted service to fail")
	}
}
