// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// documentedServiceJSON is a service as the API documents it, with a value for every field.
const documentedServiceJSON = `{
  "sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "friendly_name": "name",
  "code_length": 4,
  "lookup_enabled": false, "psd2_enabled": false, "skip_sms_to_landlines": false, "dtmf_input_required": true, "tts_name": "name",
  "do_not_share_warning_enabled": false, "custom_code_enabled": true,
  "push": {"include_date": false, "apn_credential_sid": "CRaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "fcm_credential_sid": null},
  "totp": {"issuer": "test-issuer", "time_step": 30, "code_length": 3, "skew": 0},
  "whatsapp": {"msg_service_sid": "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "from": "whatsapp:+1234567890"},
  "passkeys": {"relying_party": {"id": "example.com", "name": "Example", "origins": ["login.example.com", "www.example.com"]},
    "authenticator_attachment": "platform", "discoverable_credentials": "preferred", "user_verification": ""},
  "default_template_sid": "HJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "verify_event_subscription_enabled": false,
  "date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-30T20:00:00Z",
  "url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "links": {}
}`

func TestService_Decode(t *testing.T) {
	t.Parallel()
	expectDecoded(t, documentedServiceJSON, Service{
		Common: Common{
			SID: documentedService, AccountSID: documentedAccount,
			DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-30T20:00:00Z",
			URL: "https://verify.twilio.com/v2/Services/" + documentedService,
		},
		FriendlyName: "name", CodeLength: new(int64(4)),
		LookupEnabled: new(false), PSD2Enabled: new(false), SkipSMSToLandlines: new(false), DTMFInputRequired: new(true), TTSName: "name",
		DoNotShareWarningEnabled: new(false), CustomCodeEnabled: new(true), VerifyEventSubscriptionEnabled: new(false),
		Push:     &ServicePush{IncludeDate: new(false), APNCredentialSID: "CRaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		TOTP:     &ServiceTOTP{Issuer: "test-issuer", TimeStep: new(int64(30)), CodeLength: new(int64(3)), Skew: new(int64(0))},
		WhatsApp: &ServiceWhatsApp{MsgServiceSID: "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", From: "whatsapp:+1234567890"},
		Passkeys: &ServicePasskeys{
			RelyingParty: &ServiceRelyingParty{
				ID: "example.com", Name: "Example", Origins: Origins{"login.example.com", "www.example.com"},
			},
			AuthenticatorAttachment: "platform", DiscoverableCredentials: "preferred",
		},
		DefaultTemplateSID: "HJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	})
}

// expectDecoded checks what an object in JSON is decoded to.
func expectDecoded[T any](t *testing.T, text string, want T) {
	t.Helper()
	var got T
	if err := decode([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v, error %v\nwant %+v", text, got, err, want)
	}
}

func TestService_DecodeOrigins(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Origins{
		`null`: nil, `""`: nil, `[]`: {}, `["a","b"]`: {"a", "b"}, `"a,b"`: {"a", "b"},
	} {
		expectDecoded(t, text, want)
	}
	if err := json.Unmarshal([]byte(`1`), new(Origins)); err == nil {
		t.Error("a number is accepted as origins")
	}
}

// documentedWebhookJSON is the webhook in Twilio's API reference.
const documentedWebhookJSON = `{
  "url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Webhooks/YWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "sid": "YWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "friendly_name": "name", "event_types": ["factor.deleted", "factor.verified"], "webhook_method": "POST",
  "webhook_url": "https://owlbank.twilio.com",
  "status": "enabled", "version": "v2", "date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-31T20:00:00Z"
}`

const (
	webhooksPath      = "/v2/Services/" + documentedService + "/Webhooks"
	documentedWebhook = "YWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

func TestWebhook_Decode(t *testing.T) {
	t.Parallel()
	expectDecoded(t, documentedWebhookJSON, Webhook{
		Common: Common{
			SID: documentedWebhook, AccountSID: documentedAccount,
			DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-31T20:00:00Z",
			URL: "https://verify.twilio.com" + webhooksPath + "/" + documentedWebhook,
		},
		ServiceSID: documentedService, FriendlyName: "name", EventTypes: []string{"factor.deleted", "factor.verified"}, Status: "enabled",
		Version: "v2", WebhookURL: "https://owlbank.twilio.com", WebhookMethod: "POST",
	})
}

// TestKind_Form sends repeated, empty, and escaped values.
func TestKind_Form(t *testing.T) {
	t.Parallel()
	c, server := newScript(t, respond(http.StatusOK, documentedWebhookJSON))
	repeated := url.Values{"FriendlyName": {"name"}, "EventTypes": {"factor.deleted", "factor.verified"}}
	created, createErr := Webhooks.Create(t.Context(), c, repeated, documentedService)
	escaped := url.Values{"FriendlyName": {""}, "WebhookUrl": {"https://example.com/?a & b=c+é"}}
	updated, updateErr := Webhooks.Update(t.Context(), c, escaped, documentedService, documentedWebhook)
	if createErr != nil || created.Object.SID != documentedWebhook || updateErr != nil || updated.SID != documentedWebhook {
		t.Errorf("created %+v, error %v; updated %+v, error %v", created.Object, createErr, updated, updateErr)
	}
	expect(t, "requests", server.sent(), "POST "+webhooksPath+" EventTypes=factor.deleted&EventTypes=factor.verified&FriendlyName=name; "+
		"POST "+webhooksPath+"/"+documentedWebhook+" FriendlyName=&WebhookUrl=https%3A%2F%2Fexample.com%2F%3Fa+%26+b%3Dc%2B%C3%A9")
}

// TestKind_ResponseIsChecked serves objects other than the requested one.
func TestKind_ResponseIsChecked(t *testing.T) {
	t.Parallel()
	const another = "HTTP 200, but the response is not the requested webhook"
	replace := func(old, replacement string) string {
		return strings.ReplaceAll(documentedWebhookJSON, old, replacement)
	}
	for body, want := range map[string]string{
		documentedWebhookJSON:                                                    "ok",
		replace("YWaaaaaaaa", "YWAAAAAAAA"):                                      "ok",
		replace("YWaaaaaaaa", "YWbbbbbbbb"):                                      another,
		replace(`"service_sid": "VAa`, `"service_sid": "VAb`):                    another,
		replace(`"service_sid": "`+documentedService+`"`, `"service_sid": null`): "ok",
		`{}`: another,
	} {
		c := newMemoryClient(t, respond(http.StatusOK, body))
		_, err := Webhooks.Fetch(t.Context(), c, documentedService, documentedWebhook)
		expect(t, body, message(err), want)
	}
}

// TestKind_Values tells null inside an object from a whole object that is null.
func TestKind_Values(t *testing.T) {
	t.Parallel()
	var s Service
	body := `{"sid": null, "tts_name": null, "code_length": 6, "push": null, "whatsapp": {"from": null, "msg_service_sid": "MG1"},
		"passkeys": {"relying_party": {"origins": ["b", "a"]}}}`
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"tts_name": nil, "default_template_sid": nil, "code_length": int64(6), "whatsapp_from": nil, "whatsapp_msg_service_sid": "MG1",
		"passkeys_relying_party_id": nil, "passkeys_relying_party_name": nil, "passkeys_relying_party_origins": []string{"b", "a"},
		"passkeys_authenticator_attachment": nil, "passkeys_discoverable_credentials": nil, "passkeys_user_verification": nil,
	}
	if got := Services.Values(&s); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestKind_Attributes checks the regularity on which the declarations rest: a parameter is the path
// of its field in CamelCase.
func TestKind_Attributes(t *testing.T) {
	t.Parallel()
	fields := slices.Concat(Services.Fields(), Webhooks.Fields(), Entities.Fields(), Factors.Fields(), RateLimits.Fields(), Buckets.Fields(),
		MessagingConfigurations.Fields(), PushCredentials.Fields())
	for _, f := range fields {
		parameter := strings.ToLower(strings.ReplaceAll(f.Parameter, ".", ""))
		if f.Parameter != "" && parameter != strings.ReplaceAll(f.Attribute, "_", "") {
			t.Errorf("%s is sent as %s", f.Attribute, f.Parameter)
		}
	}
}

// TestKind_Host sends only push credentials to another host of Twilio's.
func TestKind_Host(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://verify.twilio.com":            "https://conversations.twilio.com/v1/Credentials",
		"https://verify.dublin.ie1.twilio.com": "https://conversations.dublin.ie1.twilio.com/v1/Credentials",
		"https://verify.twilio.com.example":    "https://verify.twilio.com.example/v1/Credentials",
		"http://127.0.0.1:8421/x":              "http://127.0.0.1:8421/x/v1/Credentials",
	} {
		expect(t, base, PushCredentials.call(newClient(t, base), "list credentials", http.MethodGet, nil).url.String(), want)
	}
}

// TestKind_FieldOptions checks what the tags of fields say about values that are null or lists.
func TestKind_FieldOptions(t *testing.T) {
	t.Parallel()
	for attribute, want := range map[string][3]bool{ // clearable, nullable, comma
		"tts_name":                       {true, true, false},
		"push_apn_credential_sid":        {true, true, false},
		"totp_issuer":                    {false, false, false},
		"whatsapp_from":                  {false, true, false},
		"passkeys_relying_party_origins": {false, true, true},
		"friendly_name":                  {false, false, false},
	} {
		for _, f := range Services.Fields() {
			if got := [3]bool{f.Clearable, f.nullable, f.comma}; f.Attribute == attribute && got != want {
				t.Errorf("%s: %t, want %t", attribute, got, want)
			}
		}
	}
}
