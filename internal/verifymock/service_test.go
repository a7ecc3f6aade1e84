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

const servicesPath = "/v2/Services"

// fullServiceForm sets every parameter of a service, with the values in Twilio's example.
func fullServiceForm() url.Values {
	return url.Values{
		"FriendlyName": {"My Service"}, "CodeLength": {"4"}, "LookupEnabled": {"true"}, "SkipSmsToLandlines": {"true"},
		"DtmfInputRequired": {"false"}, "TtsName": {"name"}, "Psd2Enabled": {"true"}, "DoNotShareWarningEnabled": {"true"},
		"CustomCodeEnabled": {"true"}, "VerifyEventSubscriptionEnabled": {"true"},
		"DefaultTemplateSid": {"HJ" + strings.Repeat("a", 32)},
		"Push.IncludeDate":   {"true"}, "Push.ApnCredentialSid": {"CR" + strings.Repeat("a", 32)},
		"Push.FcmCredentialSid": {"CR" + strings.Repeat("b", 32)},
		"Totp.Issuer":           {"test-issuer"}, "Totp.TimeStep": {"40"}, "Totp.CodeLength": {"3"}, "Totp.Skew": {"0"},
		"Whatsapp.MsgServiceSid": {"MG" + strings.Repeat("a", 32)}, "Whatsapp.From": {"+1234567890"},
		"Passkeys.RelyingParty.Id": {"www.mydomain.com"}, "Passkeys.RelyingParty.Name": {"My domain"},
		"Passkeys.RelyingParty.Origins":    {"www.mydomain.com,www.login.mydomain.com"},
		"Passkeys.AuthenticatorAttachment": {""}, "Passkeys.UserVerification": {"discouraged"},
	}
}

func mustCreateService(t *testing.T, mock *Server, pairs ...string) result {
	t.Helper()
	got := send(t, mock, http.MethodPost, servicesPath, with(url.Values{"FriendlyName": {"My Service"}}, pairs...))
	wantStatus(t, got, http.StatusCreated)
	return got
}

func TestService_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	got := send(t, mock, http.MethodPost, servicesPath, fullServiceForm())
	wantStatus(t, got, http.StatusCreated)
	wantMatch(t, "sid", got.text("sid"), "^VA[0-9a-f]{32}$")
	base := "http://example.com/v2/Services/" + got.text("sid")
	want := map[string]any{
		"sid": got.text("sid"), "account_sid": DefaultAccountSID, "friendly_name": "My Service", "code_length": 4.0,
		"lookup_enabled": true, "skip_sms_to_landlines": true, "dtmf_input_required": false, "tts_name": "name",
		"psd2_enabled": true, "do_not_share_warning_enabled": true, "custom_code_enabled": true,
		"verify_event_subscription_enabled": true, "default_template_sid": "HJ" + strings.Repeat("a", 32),
		"push": map[string]any{
			"include_date": true, "apn_credential_sid": "CR" + strings.Repeat("a", 32),
			"fcm_credential_sid": "CR" + strings.Repeat("b", 32),
		},
		"totp":     map[string]any{"issuer": "test-issuer", "time_step": 40.0, "code_length": 3.0, "skew": 0.0},
		"whatsapp": map[string]any{"msg_service_sid": "MG" + strings.Repeat("a", 32), "from": "whatsapp:+1234567890"},
		"passkeys": map[string]any{
			"relying_party": map[string]any{
				"id": "www.mydomain.com", "name": "My domain", "origins": []any{"www.mydomain.com", "www.login.mydomain.com"},
			},
			"authenticator_attachment": "", "discoverable_credentials": nil, "user_verification": "discouraged",
		},
		"date_created": "2026-03-01T12:00:15Z", "date_updated": "2026-03-01T12:00:15Z", "url": base,
		"links": map[string]any{
			"verification_checks": base + "/VerificationCheck", "verifications": base + "/Verifications",
			"rate_limits": base + "/RateLimits", "messaging_configurations": base + "/MessagingConfigurations",
			"entities": base + "/Entities", "webhooks": base + "/Webhooks", "access_tokens": base + "/AccessTokens",
		},
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	fetched := send(t, mock, http.MethodGet, servicesPath+"/"+got.text("sid"), nil)
	if diff := cmp.Diff(want, fetched.Body); diff != "" {
		t.Errorf("fetched: %s", diff)
	}
}

func TestService_Defaults(t *testing.T) {
	t.Parallel()
	for null, totp := range map[bool]map[string]any{
		false: {"issuer": "My Service", "time_step": 30.0, "code_length": 6.0, "skew": 1.0},
		true:  {"issuer": nil, "time_step": nil, "code_length": nil, "skew": nil},
	} {
		got := mustCreateService(t, New(Config{NullTOTPDefaults: null}))
		if diff := cmp.Diff(totp, got.object("totp")); diff != "" {
			t.Error(diff)
		}
		if got.Body["code_length"] != 6.0 || got.Body["lookup_enabled"] != false || got.Body["dtmf_input_required"] != true ||
			got.Body["tts_name"] != nil || got.Body["default_template_sid"] != nil {
			t.Errorf("got %s", got.Raw)
		}
	}
}

func TestService_DefaultExistsFromTheStart(t *testing.T) {
	t.Parallel()
	eight := 8
	account := defaultAccount()
	account.Services[0].TOTP = TOTPDefaults{Issuer: "Example", CodeLength: &eight}
	got := send(t, New(Config{Accounts: []Account{account}}), http.MethodGet, servicePath, nil)
	wantStatus(t, got, http.StatusOK)
	want := map[string]any{"issuer": "Example", "code_length": 8.0, "skew": 1.0, "time_step": 30.0}
	if diff := cmp.Diff(want, got.object("totp")); diff != "" {
		t.Error(diff)
	}
	if got.text("sid") != DefaultServiceSID || got.text("account_sid") != DefaultAccountSID ||
		got.text("friendly_name") != defaultServiceName {
		t.Errorf("got %s", got.Raw)
	}
}

func TestService_CreateRules(t *testing.T) {
	t.Parallel()
	named := func(pairs ...string) url.Values { return with(url.Values{"FriendlyName": {"My Service"}}, pairs...) }
	tests := map[string]struct {
		form    url.Values
		code    int
		blaming string
	}{
		"nothing":               {url.Values{}, 20001, "FriendlyName"},
		"all":                   {fullServiceForm(), 0, ""},
		"empty name":            {named("FriendlyName", ""), 60200, "FriendlyName"},
		"longest name":          {named("FriendlyName", strings.Repeat("é", 32)), 0, ""},
		"name too long":         {named("FriendlyName", strings.Repeat("n", 33)), 60200, "FriendlyName"},
		"code length 3":         {named("CodeLength", "3"), 60200, "CodeLength"},
		"code length 10":        {named("CodeLength", "10"), 0, ""},
		"code length 11":        {named("CodeLength", "11"), 60200, "CodeLength"},
		"code length empty":     {named("CodeLength", ""), 60200, "CodeLength"},
		"lookup 1":              {named("LookupEnabled", "1"), 60200, "LookupEnabled"},
		"lookup empty":          {named("LookupEnabled", ""), 60200, "LookupEnabled"},
		"landlines, no lookup":  {named("SkipSmsToLandlines", "true"), 60200, "SkipSmsToLandlines"},
		"time step 19":          {named("Totp.TimeStep", "19"), 60200, "Totp.TimeStep"},
		"time step 61":          {named("Totp.TimeStep", "61"), 60200, "Totp.TimeStep"},
		"TOTP length 2":         {named("Totp.CodeLength", "2"), 60200, "Totp.CodeLength"},
		"TOTP length 9":         {named("Totp.CodeLength", "9"), 60200, "Totp.CodeLength"},
		"skew 3":                {named("Totp.Skew", "3"), 60200, "Totp.Skew"},
		"template SID":          {named("DefaultTemplateSid", "HJ1"), 60200, "DefaultTemplateSid"},
		"credential SID":        {named("Push.ApnCredentialSid", "CR1"), 60200, "Push.ApnCredentialSid"},
		"messaging service":     {named("Whatsapp.MsgServiceSid", "VA1"), 60200, "Whatsapp.MsgServiceSid"},
		"sender with prefix":    {named("Whatsapp.From", "whatsapp:+1234567890"), 0, ""},
		"sender not a number":   {named("Whatsapp.From", "Twilio"), 60200, "Whatsapp.From"},
		"origins with a gap":    {named("Passkeys.RelyingParty.Origins", "a.com,,b.com"), 60200, "Passkeys.RelyingParty.Origins"},
		"attachment":            {named("Passkeys.AuthenticatorAttachment", "any"), 0, ""},
		"unknown attachment":    {named("Passkeys.AuthenticatorAttachment", "usb"), 60200, "Passkeys.AuthenticatorAttachment"},
		"unknown preference":    {named("Passkeys.UserVerification", "maybe"), 60200, "Passkeys.UserVerification"},
		"unknown discoverable":  {named("Passkeys.DiscoverableCredentials", "any"), 60200, "Passkeys.DiscoverableCredentials"},
		"unknown parameter":     {named("Color", "red"), 60200, "Color"},
		"friendly name, twice":  {url.Values{"FriendlyName": {"a", "b"}}, 60200, "FriendlyName"},
		"subscription not bool": {named("VerifyEventSubscriptionEnabled", "yes"), 60200, "VerifyEventSubscriptionEnabled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			got := send(t, mock, http.MethodPost, servicesPath, test.form)
			checkVerdict(t, got, http.StatusCreated, test.code, test.blaming)
			if created := len(mock.Services()) == 2; created != (test.code == 0) {
				t.Errorf("created is %v", created)
			}
		})
	}
}

func TestService_UpdateKeepsTheRest(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	created := send(t, mock, http.MethodPost, servicesPath, fullServiceForm())
	path := servicesPath + "/" + created.text("sid")
	mock.AdvanceClock(time.Hour)

	unchanged := send(t, mock, http.MethodPost, path, nil)
	if diff := cmp.Diff(created.Body, unchanged.Body); diff != "" {
		t.Error(diff)
	}
	got := send(t, mock, http.MethodPost, path, url.Values{"FriendlyName": {"Other"}, "Totp.Skew": {"2"}})
	wantStatus(t, got, http.StatusOK)
	want := created.Body
	want["friendly_name"], want["date_updated"] = "Other", "2026-03-01T13:00:15Z"
	want["totp"].(map[string]any)["skew"] = 2.0
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	wantError(t, send(t, mock, http.MethodPost, path, url.Values{"LookupEnabled": {"false"}}), 400, 60200)
}

func TestService_EmptyParameters(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	created := send(t, mock, http.MethodPost, servicesPath, fullServiceForm())
	got := send(t, mock, http.MethodPost, servicesPath+"/"+created.text("sid"), url.Values{
		"DefaultTemplateSid": {""}, "TtsName": {""}, "Push.ApnCredentialSid": {""}, "Push.FcmCredentialSid": {""},
		"Passkeys.UserVerification": {""},
		"Totp.Issuer":               {""}, "Whatsapp.MsgServiceSid": {""}, "Whatsapp.From": {""}, "Passkeys.RelyingParty.Id": {""},
		"Passkeys.RelyingParty.Name": {""}, "Passkeys.RelyingParty.Origins": {""},
	})
	wantStatus(t, got, http.StatusOK)
	party, _ := got.object("passkeys")["relying_party"].(map[string]any)
	if got.Body["default_template_sid"] != nil || got.Body["tts_name"] != nil ||
		got.object("push")["apn_credential_sid"] != nil || got.object("passkeys")["user_verification"] != "" ||
		got.object("totp")["issuer"] != "My Service" || got.object("whatsapp")["from"] != nil ||
		party["id"] != nil || party["origins"] != nil {
		t.Errorf("got %s", got.Raw)
	}
}

func TestService_List(t *testing.T) {
	t.Parallel()
	other := Account{SID: "AC00000000000000000000000000000002", AuthToken: "other"}
	mock := New(Config{Accounts: []Account{defaultAccount(), other}})
	want := []string{DefaultServiceSID, mustCreateService(t, mock).text("sid"), mustCreateService(t, mock).text("sid")}
	foreign := mock.AddService(Service{AccountSID: other.SID})

	first := send(t, mock, http.MethodGet, servicesPath+"?PageSize=2", nil)
	next, _ := first.object("meta")["next_page_url"].(string)
	second := send(t, mock, http.MethodGet, next, nil)
	if diff := cmp.Diff(want, append(sidsOf(first, "services"), sidsOf(second, "services")...)); diff != "" {
		t.Error(diff)
	}
	if first.object("meta")["key"] != "services" || second.object("meta")["next_page_url"] != nil {
		t.Errorf("got %s", second.Raw)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		wantError(t, send(t, mock, method, servicesPath+"/"+foreign.SID, nil), 404, 20404)
	}
}

func TestService_Delete(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	f := mock.AddFactor(Factor{Identity: testIdentity})
	webhook := mock.AddWebhook(Webhook{})
	wantStatus(t, send(t, mock, http.MethodDelete, servicePath, nil), http.StatusNoContent)
	for _, path := range []string{
		servicePath, factorsPath, factorsPath + "/" + f.SID, servicePath + "/Entities", servicePath + "/Webhooks/" + webhook.SID,
	} {
		wantError(t, send(t, mock, http.MethodGet, path, nil), 404, 20404)
	}
	wantError(t, send(t, mock, http.MethodDelete, servicePath, nil), 404, 20404)
	if len(mock.Services())+len(mock.Entities())+len(mock.Factors())+len(mock.Webhooks()) != 0 {
		t.Error("objects of the deleted service are left")
	}
}

func TestService_ChangesFromOutside(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	added := mock.AddService(Service{FriendlyName: "Outside", Passkeys: PasskeysSettings{RelyingPartyOrigins: []string{"a.com"}}})
	added.Passkeys.RelyingPartyOrigins[0] = "changed"
	if !mock.UpdateService(added.SID, func(v *Service) { v.FriendlyName, v.SID = "Drifted", "VAother" }) {
		t.Fatal("the service was not found")
	}
	got, ok := mock.Service(added.SID)
	if !ok || got.FriendlyName != "Drifted" || got.Passkeys.RelyingPartyOrigins[0] != "a.com" || got.CodeLength != 6 {
		t.Errorf("got %+v", got)
	}
	if !mock.DeleteService(added.SID) || mock.DeleteService(added.SID) || mock.UpdateService(added.SID, func(*Service) {}) {
		t.Error("want the first deletion to succeed, and a second deletion and an update to fail")
	}
}
