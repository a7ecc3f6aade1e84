// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
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
)

func TestService_Defaults(t *testing.T) {
	t.Parallel()
	const defaults = "; code_length=6; lookup_enabled=false; dtmf_input_required=true; tts_name=null; default_template_sid=null"
	account := defaultAccount()
	account.Services[0].TOTP = TOTPDefaults{Issuer: "Example", CodeLength: new(8)}
	for _, test := range []struct {
		config        Config
		request, want string
	}{
		{Config{}, "POST " + servicesPath + " FriendlyName=x", `201 totp={"code_length":6,"issuer":"x","skew":1,"time_step":30}` + defaults},
		{
			Config{NullTOTPDefaults: true},
			"POST " + servicesPath + " FriendlyName=x",
			`201 totp={"code_length":null,"issuer":null,"skew":null,"time_step":null}` + defaults,
		},
		{
			Config{Accounts: []Account{account}}, "GET " + servicePath, // which exists from the start
			`200 totp={"code_length":8,"issuer":"Example","skew":1,"time_step":30}; sid=` + DefaultServiceSID +
				"; account_sid=" + DefaultAccountSID + "; friendly_name=" + defaultServiceName,
		},
	} {
		expect(t, New(test.config), test.request, test.want)
	}
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
	unchanged := expect(t, mock, "POST "+path, "200")
	if diff := cmp.Diff(created.Body, unchanged.Body); diff != "" {
		t.Error(diff)
	}
	got := expect(t, mock, "POST "+path+" FriendlyName=Other&Totp.Skew=2", "200")
	want := created.Body
	want["friendly_name"], want["date_updated"], created.object("totp")["skew"] = "Other", "2026-03-01T13:00:15Z", 2.0
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
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
