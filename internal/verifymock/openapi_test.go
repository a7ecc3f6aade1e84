// SPDX-License-Identifier: MPL-2.0

package verifymock_test

import (
	"crypto/elliptic"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

const (
	services   = "/v2/Services"
	service    = services + "/" + verifymock.DefaultServiceSID
	entities   = service + "/Entities"
	entity     = entities + "/Robot-Account-0001"
	factors    = entity + "/Factors"
	challenges = entity + "/Challenges"
	webhooks   = service + "/Webhooks"
	tokens     = service + "/AccessTokens"
	limits     = service + "/RateLimits"
	messaging  = service + "/MessagingConfigurations"

	page = "?PageSize=1&Page=0&PageToken=PT0"
	hex  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

	dates = "; date_created=2026-03-01T12:00:15Z; date_updated=2026-03-01T12:00:15Z; url=http://example.com"
)

// TestDocument expects that every object has the values that were sent. If Twilio's OpenAPI document is
// available, it compares the mock with it in both directions: the document allows what the mock accepts
// and returns, and the mock accepts and returns everything in the document for the paths that it serves.
func TestDocument(t *testing.T) {
	t.Parallel()
	wrap := openapitest.Validator(t)
	if os.Getenv(openapitest.Variable) != "" {
		used := openapitest.NewCoverage(t)
		validate := wrap
		wrap = func(mock http.Handler) http.Handler { return used.Record(validate(mock)) }
		t.Cleanup(func() { // after the subtests
			for _, missing := range used.Missing(served) {
				if !strings.HasSuffix(missing, " FactorType=passkeys") { // which Twilio refuses at this path, with error 60369
					t.Errorf("the mock does not have, or this test does not use, %s", missing)
				}
			}
		})
	}
	verifymock.Lives(t, wrap)
	for _, test := range []func(*testing.T, *verifymock.Server, http.Handler){
		documentFactors, documentServices, documentContents, documentChallengesAndTokens,
	} {
		mock := verifymock.Frozen(verifymock.Config{})
		test(t, mock, wrap(mock))
	}
}

// served reports whether the mock has the path, for any method.
func served(path string) bool {
	mock := verifymock.New(verifymock.Config{})
	r := httptest.NewRequest(http.MethodGet, strings.NewReplacer("{", "", "}", "").Replace(path), http.NoBody)
	r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
	mock.ServeHTTP(httptest.NewRecorder(), r)
	return mock.Requests()[0].Route != ""
}

// created creates an object with these values, and returns its path.
func created(t *testing.T, api http.Handler, path, form, values string) string {
	t.Helper()
	sid, _ := verifymock.Expect(t, api, "POST "+path+" "+form, "201 account_sid="+verifymock.DefaultAccountSID+values).Body["sid"].(string)
	return path + "/" + sid
}

// sidOf returns the SID at the end of a path.
func sidOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// own returns the values that follow from the path of an object.
func own(path string) string { return "; sid=" + sidOf(path) + dates + path }

func documentFactors(t *testing.T, mock *verifymock.Server, api http.Handler) {
	t.Helper()
	push := func(pairs ...string) string { // with a new key
		_, key := verifymock.NewKey(t, elliptic.P256())
		return verifymock.PushForm(key, pairs...).Encode()
	}
	totp := created(t, api, factors, "FactorType=totp&FriendlyName=John’s Account Name&Metadata={\"os\":\"<Android>\"}"+
		"&Config.Alg=sha256&Config.CodeLength=8&Config.Skew=2&Config.TimeStep=60&Binding.Secret="+verifymock.Secret,
		"; options=null; binding.secret="+verifymock.Secret+"; binding.uri=otpauth://totp/Verify%20Mock:John%E2%80%99s%20Account%20Name"+
			"?secret="+verifymock.Secret+"&issuer=Verify%20Mock&algorithm=SHA256&digits=8&period=60")
	phone := created(t, api, factors, push(), "; metadata=null")
	mock.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", FactorType: "passkeys", Config: map[string]any{"a": 1}})
	verifymock.Expect(t, api,
		"GET "+totp, "200 only "+verifymock.Owned+"; identity=Robot-Account-0001; friendly_name=John’s Account Name; status=unverified"+
			`; factor_type=totp; config={"alg":"sha256","code_length":8,"skew":2,"time_step":60}; metadata={"os":"<Android>"}`+
			"; options=missing; binding=missing; entity_sid="+mock.Entities()[0].SID+own(totp),
		"GET "+phone, "200", "GET "+factors, "200", "GET "+factors+"?PageSize=1&Page=1&PageToken=PT1", "200",
		"POST "+totp+" FriendlyName=x&Config.Skew=0", "200",
		"POST "+totp+" AuthPayload=00000000", "200",
		"POST "+totp+" Config.Alg=sha512&Config.CodeLength=6&Config.TimeStep=30", "200",
		"POST "+totp+" Config.Alg=sha1", "200", "POST "+totp+" Config.Alg=sha256", "200",
		"POST "+phone+" Config.NotificationPlatform=apn&Config.NotificationToken="+hex, "200",
		"POST "+phone+" Config.NotificationPlatform=fcm&Config.SdkVersion=1.1", "200",
		"POST "+phone+" Config.NotificationPlatform=none", "200",
		"POST "+factors+" FactorType=totp&FriendlyName=x&Config.Alg=sha1", "201",
		"POST "+factors+" FactorType=totp&FriendlyName=x&Config.Alg=sha512", "201",
		"POST "+factors+" "+push("Config.NotificationPlatform", "apn"), "201",
		"POST "+factors+" "+push("Config.NotificationPlatform", "none", "Config.NotificationToken", "-"), "201",
		"POST "+factors+" FactorType=push&FriendlyName=x", "400 20001 Binding.PublicKey",
		"POST "+totp+" Config.TimeStep=61", "400 60200 Config.TimeStep",
		"DELETE "+totp, "204", "DELETE "+totp, "404 20404", "GET "+totp, "404 20404")
}

func documentServices(t *testing.T, _ *verifymock.Server, api http.Handler) {
	t.Helper()
	full := created(t, api, services, verifymock.FullService, "")
	verifymock.Expect(t, api,
		"GET "+full, "200 only friendly_name=My Service; account_sid="+verifymock.DefaultAccountSID+"; code_length=4; lookup_enabled=true"+
			"; skip_sms_to_landlines=true; dtmf_input_required=false; tts_name=name; psd2_enabled=true; do_not_share_warning_enabled=true"+
			"; custom_code_enabled=true; verify_event_subscription_enabled=true; default_template_sid=HJ"+hex+
			`; push={"apn_credential_sid":"CR`+hex+`","fcm_credential_sid":"CR`+hex+`","include_date":true}`+
			`; totp={"code_length":3,"issuer":"test-issuer","skew":0,"time_step":40}`+
			`; whatsapp={"from":"whatsapp:+1234567890","msg_service_sid":"MG`+hex+`"}`+
			`; passkeys.relying_party={"id":"www.mydomain.com","name":"My domain","origins":["www.mydomain.com","www.login.mydomain.com"]}`+
			"; passkeys.authenticator_attachment=; passkeys.discoverable_credentials=required; passkeys.user_verification=discouraged"+
			own(full)+"; links="+strings.ReplaceAll(`{"access_tokens":"*/AccessTokens","entities":"*/Entities","messaging_configurations":`+
			`"*/MessagingConfigurations","rate_limits":"*/RateLimits","verification_checks":"*/VerificationCheck",`+
			`"verifications":"*/Verifications","webhooks":"*/Webhooks"}`, "*", "http://example.com"+full),
		"GET "+service, "200", "POST "+services+" FriendlyName=Another", "201",
		"GET "+services+"?PageSize=1", "200", "GET "+services+"?PageSize=1&Page=1&PageToken=PT1", "200",
		"POST "+full, "200", "POST "+full+" "+verifymock.FullService, "200", "POST "+full+" FriendlyName=x&Totp.Skew=1", "200",
		"POST "+full+" DefaultTemplateSid=&Push.ApnCredentialSid=&Passkeys.UserVerification=", "200",
		"POST "+full+" CodeLength=11", "400 60200 CodeLength", "DELETE "+full, "204", "DELETE "+full, "404 20404")
}

// documentContents uses entities and templates, and what the lives of other nouns leave out.
func documentContents(t *testing.T, mock *verifymock.Server, api http.Handler) {
	t.Helper()
	const hook = "WebhookUrl=https://owlbank.com&FriendlyName=n"
	webhook := created(t, api, webhooks, hook+"&EventTypes=factor.verified&Status=enabled&Version=v2", "")
	limit := created(t, api, limits, "UniqueName=unique.name&Description=Description", "")
	created(t, api, entities, "Identity=Robot-Account-0001", "")
	for range 2 {
		mock.AddObject(verifymock.Templates, nil)
	}
	verifymock.Expect(t, api,
		"GET "+entity, "200 only sid="+mock.Entities()[0].SID+"; identity=Robot-Account-0001; "+verifymock.Owned+dates+entity+
			"; links="+strings.ReplaceAll(`{"challenges":"*/Challenges","factors":"*/Factors","new_factors":"*/Factors"}`, "*", "http://example.com"+entity),
		"POST "+entities+" Identity=Robot-Account-0001", "409 60301", "GET "+entities+page, "200",
		"DELETE "+entity, "204", "DELETE "+entity, "404 20404", "GET "+webhooks, "200",
		"POST "+webhooks+" EventTypes=*&Status=disabled&Version=v1&"+hook, "201", "POST "+webhook+" Status=enabled&Version=v2", "200",
		"POST "+limit+" Description=", "200", "POST "+limits+" UniqueName=unique.name", "400 60208",
		"POST "+messaging+" Country=all&MessagingServiceSid=MG"+hex, "201", "POST "+messaging+"/all MessagingServiceSid=MG"+hex, "200",
		"GET /v2/Templates"+page+"&FriendlyName=Template+1", "200", "GET /v2/Templates", "200")
}

func documentChallengesAndTokens(t *testing.T, mock *verifymock.Server, api http.Handler) {
	t.Helper()
	totp := mock.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", Status: "verified"}).SID
	push := mock.AddFactor(verifymock.Factor{
		Identity: "Robot-Account-0001", Status: "verified", FactorType: "push", NotificationPlatform: "fcm",
	}).SID
	code := created(t, api, challenges, "FactorSid="+totp, "")
	phone := created(t, api, challenges, "FactorSid="+push+`&Details.Message=Log in?&HiddenDetails={"ip": "172.168.1.234"}`+
		`&Details.Fields={"label":"Action","value":"Sign up"}&Details.Fields={"label":"Place","value":"<California>"}`+
		"&ExpirationDate=2026-03-01T12:30:00Z", "")
	token := created(t, api, tokens, "Identity=Robot-Account-0001&FactorType=push&FactorFriendlyName=John Doe iPhone&Ttl=300", "")
	verifymock.Expect(t, api,
		"GET "+code, "200", "POST "+code+" AuthPayload=12345678", "200",
		"POST "+challenges+" AuthPayload=12345678&FactorSid="+totp, "201",
		"GET "+phone, "200 only "+verifymock.Owned+"; entity_sid="+mock.Entities()[0].SID+"; identity=Robot-Account-0001; factor_sid="+push+
			"; factor_type=push; status=pending; responded_reason=none; date_responded=null; expiration_date=2026-03-01T12:30:00Z"+
			`; details={"fields":[{"label":"Action","value":"Sign up"},{"label":"Place","value":"<California>"}],"message":"Log in?"}`+
			`; hidden_details={"ip":"172.168.1.234"}; metadata=null`+own(phone)+
			`; links={"notifications":"http://example.com`+phone+`/Notifications"}`,
		"POST "+phone+` Metadata={"os":"Android"}`, "200", "POST "+phone+" AuthPayload=not a token", "400 60200 AuthPayload",
		"GET "+challenges, "200", "GET "+challenges+page+"&Status=approved&Order=asc", "200",
		"GET "+challenges+"?Status=denied", "200", "GET "+challenges+"?Status=expired", "200",
		"GET "+challenges+"?Status=pending&Order=desc&PageSize=1&FactorSid="+push, "200",
		"POST "+phone+"/Notifications Ttl=150", "201",
		"GET "+token, "200 only "+verifymock.Owned+"; sid="+sidOf(token)+"; token="+mock.Objects(verifymock.AccessTokens)[0].Text("token")+
			"; entity_identity=Robot-Account-0001; factor_type=push; factor_friendly_name=John Doe iPhone"+
			"; ttl=300; date_created=2026-03-01T12:00:15Z; url=http://example.com"+token,
		"GET "+tokens+"/YK"+hex, "404 20404")
}
