// SPDX-License-Identifier: MPL-2.0

package verifymock_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

const (
	services   = "/v2/Services"
	service    = services + "/" + verifymock.DefaultServiceSID
	entities   = service + "/Entities"
	entity     = entities + "/robot-account-0001"
	factors    = entity + "/Factors"
	challenges = entity + "/Challenges"
	webhooks   = service + "/Webhooks"
	tokens     = service + "/AccessTokens"

	secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// step is a request and the status that it gets.
type step struct {
	method, path string
	form         url.Values
	status       int
}

// TestDocument compares the mock with Twilio's OpenAPI document in both directions: the document
// allows what the mock accepts and returns, and the mock accepts and returns everything in the
// document for the paths that it serves.
func TestDocument(t *testing.T) {
	t.Parallel()
	if os.Getenv(openapitest.Variable) == "" {
		t.Skip("there is nothing to check against: " + openapitest.Variable + " is not set")
	}
	used := openapitest.NewCoverage(t)
	t.Cleanup(func() { // after the subtests
		for _, missing := range used.Missing(func(path string) bool { return served(t, path) }) {
			if !strings.HasSuffix(missing, " FactorType=passkeys") { // which Twilio refuses at this path, with error 60369
				t.Errorf("the mock does not have, or this test does not use, %s", missing)
			}
		}
	})
	for name, test := range map[string]func(*testing.T, *verifymock.Server, http.Handler){
		"factors": documentFactors, "services": documentServices,
		"rate limits, messaging, and templates": documentModule,
		"entities and webhooks":                 documentEntitiesAndWebhooks, "challenges and tokens": documentChallengesAndTokens,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := verifymock.New(verifymock.Config{})
			test(t, mock, used.Record(openapitest.Validator(t)(mock)))
		})
	}
}

// served reports whether the mock has the path, for any method.
func served(t *testing.T, path string) bool {
	t.Helper()
	mock := verifymock.New(verifymock.Config{})
	respond(t, mock, http.MethodGet, strings.NewReplacer("{", "", "}", "").Replace(path), nil)
	return mock.Requests()[0].Route != ""
}

func take(t *testing.T, api http.Handler, steps []step) {
	t.Helper()
	for _, step := range steps {
		if got := respond(t, api, step.method, step.path, step.form); got.Code != step.status {
			t.Errorf("%s %s: got %d %s", step.method, step.path, got.Code, got.Body)
		}
	}
}

func documentFactors(t *testing.T, mock *verifymock.Server, api http.Handler) {
	t.Helper()
	totp := created(t, api, factors, url.Values{
		"FactorType": {"totp"}, "FriendlyName": {"Robot 1"}, "Metadata": {`{"os":"Android"}`},
		"Config.Alg": {"sha256"}, "Config.CodeLength": {"8"}, "Config.Skew": {"2"}, "Config.TimeStep": {"60"},
	})
	push := created(t, api, factors, pushFactor(t, "fcm", strings.Repeat("t", 32)))
	mock.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FactorType: "passkeys", Config: map[string]any{"a": 1}})
	take(t, api, []step{
		{http.MethodGet, factors + "/" + totp, nil, 200},
		{http.MethodGet, factors + "/" + push, nil, 200},
		{http.MethodGet, factors, nil, 200},
		{http.MethodGet, factors + "?PageSize=1&Page=1&PageToken=PT1", nil, 200},
		{http.MethodPost, factors + "/" + totp, url.Values{"FriendlyName": {"x"}, "Config.Skew": {"0"}}, 200},
		{http.MethodPost, factors + "/" + totp, url.Values{"AuthPayload": {"00000000"}}, 200},
		{http.MethodPost, factors + "/" + totp, url.Values{"Config.Alg": {"sha512"}, "Config.CodeLength": {"6"}, "Config.TimeStep": {"30"}}, 200},
		{http.MethodPost, factors + "/" + totp, url.Values{"Config.Alg": {"sha1"}}, 200},
		{http.MethodPost, factors + "/" + totp, url.Values{"Config.Alg": {"sha256"}}, 200},
		{http.MethodPost, factors + "/" + push, url.Values{
			"Config.NotificationPlatform": {"apn"},
			"Config.NotificationToken":    {strings.Repeat("u", 32)},
		}, 200},
		{http.MethodPost, factors + "/" + push, url.Values{"Config.NotificationPlatform": {"fcm"}, "Config.SdkVersion": {"1.1"}}, 200},
		{http.MethodPost, factors + "/" + push, url.Values{"Config.NotificationPlatform": {"none"}}, 200},
		{
			http.MethodPost, factors,
			url.Values{"FactorType": {"totp"}, "FriendlyName": {"x"}, "Config.Alg": {"sha1"}, "Binding.Secret": {secret}},
			201,
		},
		{http.MethodPost, factors, url.Values{"FactorType": {"totp"}, "FriendlyName": {"x"}, "Config.Alg": {"sha512"}}, 201},
		{http.MethodPost, factors, pushFactor(t, "apn", strings.Repeat("t", 32)), 201},
		{http.MethodPost, factors, pushFactor(t, "none", ""), 201},
		{http.MethodPost, factors, url.Values{"FactorType": {"push"}, "FriendlyName": {"x"}}, 400},
		{http.MethodPost, factors + "/" + totp, url.Values{"Config.TimeStep": {"61"}}, 400},
		{http.MethodDelete, factors + "/" + totp, nil, 204},
		{http.MethodDelete, factors + "/" + totp, nil, 404},
		{http.MethodGet, factors + "/" + totp, nil, 404},
	})
}

func documentServices(t *testing.T, _ *verifymock.Server, api http.Handler) {
	t.Helper()
	form := url.Values{
		"FriendlyName": {"My Service"}, "CodeLength": {"4"}, "LookupEnabled": {"true"}, "SkipSmsToLandlines": {"true"},
		"DtmfInputRequired": {"false"}, "TtsName": {"name"}, "Psd2Enabled": {"true"}, "DoNotShareWarningEnabled": {"true"},
		"CustomCodeEnabled": {"true"}, "VerifyEventSubscriptionEnabled": {"true"}, "Push.IncludeDate": {"true"},
		"DefaultTemplateSid":     {"HJ" + strings.Repeat("a", 32)},
		"Push.ApnCredentialSid":  {"CR" + strings.Repeat("a", 32)},
		"Push.FcmCredentialSid":  {"CR" + strings.Repeat("b", 32)},
		"Whatsapp.MsgServiceSid": {"MG" + strings.Repeat("a", 32)}, "Whatsapp.From": {"+1234567890"},
		"Totp.Issuer": {"test-issuer"}, "Totp.TimeStep": {"40"}, "Totp.CodeLength": {"3"}, "Totp.Skew": {"0"},
		"Passkeys.RelyingParty.Id": {"example.com"}, "Passkeys.RelyingParty.Name": {"Example"},
		"Passkeys.RelyingParty.Origins":    {"example.com,login.example.com"},
		"Passkeys.AuthenticatorAttachment": {"any"}, "Passkeys.DiscoverableCredentials": {"required"},
		"Passkeys.UserVerification": {"preferred"},
	}
	full := services + "/" + created(t, api, services, form)
	take(t, api, []step{
		{http.MethodGet, service, nil, 200},
		{http.MethodGet, full, nil, 200},
		{http.MethodPost, services, url.Values{"FriendlyName": {"Another"}}, 201},
		{http.MethodGet, services + "?PageSize=1", nil, 200},
		{http.MethodGet, services + "?PageSize=1&Page=1&PageToken=PT1", nil, 200},
		{http.MethodPost, full, nil, 200},
		{http.MethodPost, full, form, 200},
		{http.MethodPost, full, url.Values{"FriendlyName": {"x"}, "Totp.Skew": {"1"}}, 200},
		{http.MethodPost, full, url.Values{"DefaultTemplateSid": {""}, "Push.ApnCredentialSid": {""}, "Passkeys.UserVerification": {""}}, 200},
		{http.MethodPost, full, url.Values{"CodeLength": {"11"}}, 400},
		{http.MethodDelete, full, nil, 204},
		{http.MethodDelete, full, nil, 404},
	})
}

func documentEntitiesAndWebhooks(t *testing.T, _ *verifymock.Server, api http.Handler) {
	t.Helper()
	created(t, api, entities, url.Values{"Identity": {"robot-account-0001"}})
	webhook := webhooks + "/" + created(t, api, webhooks, url.Values{
		"FriendlyName": {"name"}, "EventTypes": {"factor.deleted", "factor.verified"}, "WebhookUrl": {"https://owlbank.twilio.com"},
		"Status": {"enabled"}, "Version": {"v2"},
	})
	take(t, api, []step{
		{http.MethodPost, entities, url.Values{"Identity": {"robot-account-0001"}}, 409},
		{http.MethodGet, entity, nil, 200},
		{http.MethodGet, entities + "?PageSize=1", nil, 200},
		{http.MethodGet, webhook, nil, 200},
		{http.MethodGet, webhooks, nil, 200},
		{http.MethodGet, webhooks + "?PageSize=1&Page=0&PageToken=PT0", nil, 200},
		{http.MethodGet, entities + "?PageSize=1&Page=0&PageToken=PT0", nil, 200},
		{http.MethodPost, webhooks, url.Values{
			"FriendlyName": {"old"}, "EventTypes": {"*"}, "WebhookUrl": {"https://owlbank.twilio.com"}, "Status": {"disabled"}, "Version": {"v1"},
		}, 201},
		{http.MethodPost, webhook, url.Values{
			"FriendlyName": {"new"}, "WebhookUrl": {"https://owlbank.twilio.com/events"}, "Status": {"enabled"}, "Version": {"v2"},
		}, 200},
		{http.MethodPost, webhook, url.Values{"EventTypes": {"*"}, "Status": {"disabled"}, "Version": {"v1"}}, 200},
		{http.MethodPost, webhook, url.Values{"EventTypes": {"factor.changed"}}, 400},
		{http.MethodDelete, webhook, nil, 204},
		{http.MethodGet, webhook, nil, 404},
		{http.MethodDelete, entity, nil, 204},
		{http.MethodDelete, entity, nil, 404},
	})
}

// documentModule uses the rest of the module: rate limits with buckets, messaging configurations,
// and templates.
func documentModule(t *testing.T, mock *verifymock.Server, api http.Handler) {
	t.Helper()
	const page = "?PageSize=1&Page=0&PageToken=PT0"
	limits, messaging := service+"/RateLimits", service+"/MessagingConfigurations"
	limit := limits + "/" + created(t, api, limits, url.Values{"UniqueName": {"unique.name"}, "Description": {"Description"}})
	buckets := limit + "/Buckets"
	bucket := buckets + "/" + created(t, api, buckets, url.Values{"Max": {"5"}, "Interval": {"60"}})
	sender := url.Values{"MessagingServiceSid": {"MG" + strings.Repeat("a", 32)}}
	for range 2 {
		mock.AddObject(verifymock.Templates, nil)
	}
	take(t, api, []step{
		{http.MethodPost, limits, url.Values{"UniqueName": {"without.description"}}, 201},
		{http.MethodPost, limits, url.Values{"UniqueName": {"unique.name"}}, 400},
		{http.MethodGet, limit, nil, 200},
		{http.MethodGet, limits + page, nil, 200},
		{http.MethodPost, limit, url.Values{"Description": {"Other"}}, 200},
		{http.MethodPost, limit, url.Values{"Description": {""}}, 200},
		{http.MethodGet, bucket, nil, 200},
		{http.MethodGet, buckets + page, nil, 200},
		{http.MethodPost, bucket, url.Values{"Max": {"6"}, "Interval": {"3600"}}, 200},
		{http.MethodPost, buckets, url.Values{"Max": {"1"}, "Interval": {"3600"}}, 400},
		{http.MethodDelete, bucket, nil, 204},
		{http.MethodGet, bucket, nil, 404},
		{http.MethodDelete, limit, nil, 204},
		{http.MethodPost, messaging, url.Values{"Country": {"all"}, "MessagingServiceSid": sender["MessagingServiceSid"]}, 201},
		{http.MethodPost, messaging, url.Values{"Country": {"US"}, "MessagingServiceSid": sender["MessagingServiceSid"]}, 201},
		{http.MethodPost, messaging, url.Values{"Country": {"US"}, "MessagingServiceSid": sender["MessagingServiceSid"]}, 400},
		{http.MethodGet, messaging + "/US", nil, 200},
		{http.MethodGet, messaging + page, nil, 200},
		{http.MethodPost, messaging + "/all", sender, 200},
		{http.MethodDelete, messaging + "/US", nil, 204},
		{http.MethodGet, "/v2/Templates" + page + "&FriendlyName=Template+1", nil, 200},
		{http.MethodGet, "/v2/Templates", nil, 200},
	})
}

func documentChallengesAndTokens(t *testing.T, mock *verifymock.Server, api http.Handler) {
	t.Helper()
	totp := mock.AddFactor(verifymock.Factor{Identity: "robot-account-0001", Status: "verified"})
	push := mock.AddFactor(verifymock.Factor{
		Identity: "robot-account-0001", Status: "verified", FactorType: "push", NotificationPlatform: "fcm",
	})
	code := challenges + "/" + created(t, api, challenges, url.Values{"FactorSid": {totp.SID}})
	phone := challenges + "/" + created(t, api, challenges, url.Values{
		"FactorSid": {push.SID}, "Details.Message": {"Log in?"}, "HiddenDetails": {`{"ip":"172.168.1.234"}`},
		"Details.Fields": {`{"label":"Action","value":"Sign up"}`, `{"label":"Place","value":"Portal"}`},
		"ExpirationDate": {time.Now().UTC().Add(time.Minute).Format(time.RFC3339)},
	})
	token := tokens + "/" + created(t, api, tokens, url.Values{
		"Identity": {"robot-account-0001"}, "FactorType": {"push"}, "FactorFriendlyName": {"John Doe iPhone"}, "Ttl": {"300"},
	})
	take(t, api, []step{
		{http.MethodGet, code, nil, 200},
		{http.MethodPost, code, url.Values{"AuthPayload": {"12345678"}}, 200},
		{http.MethodPost, challenges, url.Values{"FactorSid": {totp.SID}, "AuthPayload": {"12345678"}}, 201},
		{http.MethodGet, phone, nil, 200},
		{http.MethodPost, phone, url.Values{"Metadata": {`{"os":"Android"}`}}, 200},
		{http.MethodPost, phone, url.Values{"AuthPayload": {"not a token"}}, 400},
		{http.MethodGet, challenges, nil, 200},
		{http.MethodGet, challenges + "?Status=approved&Order=asc&PageSize=1&Page=0&PageToken=PT0", nil, 200},
		{http.MethodGet, challenges + "?Status=denied", nil, 200},
		{http.MethodGet, challenges + "?Status=expired", nil, 200},
		{http.MethodGet, challenges + "?FactorSid=" + push.SID + "&Status=pending&Order=desc&PageSize=1", nil, 200},
		{http.MethodPost, phone + "/Notifications", url.Values{"Ttl": {"150"}}, 201},
		{http.MethodGet, token, nil, 200},
		{http.MethodGet, tokens + "/YK" + strings.Repeat("0", 32), nil, 404},
	})
}

func created(t *testing.T, api http.Handler, path string, form url.Values) string {
	t.Helper()
	w := respond(t, api, http.MethodPost, path, form)
	var f struct{ SID string }
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != http.StatusCreated {
		t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
	}
	return f.SID
}

func respond(t *testing.T, api http.Handler, method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

// pushFactor returns the form of a push factor with a new key.
func pushFactor(t *testing.T, platform, token string) url.Values {
	t.Helper()
	form := url.Values{
		"FactorType": {"push"}, "FriendlyName": {"Phone 1"}, "Binding.Alg": {"ES256"}, "Binding.PublicKey": {publicKey(t)},
		"Config.AppId": {"com.example.app"}, "Config.SdkVersion": {"1.0"}, "Config.NotificationPlatform": {platform},
	}
	if token != "" {
		form.Set("Config.NotificationToken", token)
	}
	return form
}

func publicKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}
