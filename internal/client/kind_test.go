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
	var got Service
	if err := json.Unmarshal([]byte(documentedServiceJSON), &got); err != nil {
		t.Fatal(err)
	}
	want := Service{
		Common: Common{
			SID: documentedService, AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
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
				ID: "example.com", Name: "Example",
				Origins: Origins{"login.example.com", "www.example.com"},
			},
			AuthenticatorAttachment: "platform", DiscoverableCredentials: "preferred",
		},
		DefaultTemplateSID: "HJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestService_DecodeOrigins(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Origins{
		`null`: nil, `""`: nil, `[]`: {}, `["a","b"]`: {"a", "b"}, `"a,b"`: {"a", "b"},
	} {
		var got Origins
		if err := json.Unmarshal([]byte(text), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
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
	var got Webhook
	if err := json.Unmarshal([]byte(documentedWebhookJSON), &got); err != nil {
		t.Fatal(err)
	}
	want := Webhook{
		Common: Common{
			SID: documentedWebhook, AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-31T20:00:00Z",
			URL: "https://verify.twilio.com" + webhooksPath + "/" + documentedWebhook,
		},
		ServiceSID: documentedService, FriendlyName: "name", EventTypes: []string{"factor.deleted", "factor.verified"}, Status: "enabled",
		Version:    "v2",
		WebhookURL: "https://owlbank.twilio.com", WebhookMethod: "POST",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestKind_OnTheWire checks the operations of a kind: their requests, and what they return.
func TestKind_OnTheWire(t *testing.T) {
	t.Parallel()
	const webhook = webhooksPath + "/" + documentedWebhook
	form := url.Values{"FriendlyName": {"name"}, "EventTypes": {"factor.deleted", "factor.verified"}}
	escaped := url.Values{"FriendlyName": {""}, "WebhookUrl": {"https://example.com/?a & b=c+é"}}
	for name, test := range map[string]struct {
		call     func(*Client) error
		response scripted
		request  string
		form     url.Values
	}{
		"create": {func(c *Client) error {
			created, err := Webhooks.Create(t.Context(), c, form, documentedService)
			if err == nil && created.Object.SID != documentedWebhook {
				t.Errorf("created %+v", created.Object)
			}
			return err
		}, scripted{201, documentedWebhookJSON}, "POST " + webhooksPath, form},
		"fetch": {func(c *Client) error {
			_, err := Webhooks.Fetch(t.Context(), c, documentedService, documentedWebhook)
			return err
		}, scripted{200, documentedWebhookJSON}, "GET " + webhook, nil},
		"update": {func(c *Client) error {
			_, err := Webhooks.Update(t.Context(), c, escaped, documentedService, documentedWebhook)
			return err
		}, scripted{200, documentedWebhookJSON}, "POST " + webhook, escaped},
		"delete": {func(c *Client) error {
			return Webhooks.Delete(t.Context(), c, documentedService, documentedWebhook)
		}, scripted{204, ""}, "DELETE " + webhook, nil},
		"list": {func(c *Client) error {
			for _, err := range Webhooks.All(t.Context(), c, 20, documentedService) {
				if err != nil {
					return err
				}
			}
			return nil
		}, scripted{200, `{"webhooks": [` + documentedWebhookJSON + `], "meta": {}}`}, "GET " + webhooksPath + "?PageSize=20", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, server := newScript(t, test.response)
			if err := test.call(c); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(server.requests, []string{test.request}) || len(test.form)+len(server.forms[0]) > 0 &&
				!reflect.DeepEqual(server.forms[0], test.form) {
				t.Errorf("sent %q with %v, want %q with %v", server.requests, server.forms[0], test.request, test.form)
			}
		})
	}
}

// TestKind_ResponseIsChecked serves objects other than the requested one, and SIDs that are none.
func TestKind_ResponseIsChecked(t *testing.T) {
	t.Parallel()
	replace := func(old, replacement string) string {
		return strings.ReplaceAll(documentedWebhookJSON, old, replacement)
	}
	for name, test := range map[string]struct {
		body    string
		problem string
	}{
		"the object":        {documentedWebhookJSON, ""},
		"in another case":   {replace("YWaaaaaaaa", "YWAAAAAAAA"), ""},
		"another object":    {replace("YWaaaaaaaa", "YWbbbbbbbb"), "not the requested webhook"},
		"another service":   {replace(`"service_sid": "VAa`, `"service_sid": "VAb`), "not the requested webhook"},
		"null service":      {replace(`"service_sid": "`+documentedService+`"`, `"service_sid": null`), ""},
		"no SID":            {`{}`, "not the requested webhook"},
		"a path as SID":     {replace(`"sid": "YWa`, `"sid": "../../../Accounts/evil?YWa`), "is not a SID"},
		"a path as account": {replace(`"account_sid": "AC`, `"account_sid": "../AC`), "is not a SID"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := newScript(t, scripted{200, test.body}, scripted{200, `{"webhooks": [` + test.body + `], "meta": {}}`})
			_, err := Webhooks.Fetch(t.Context(), c, documentedService, documentedWebhook)
			if (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
				t.Errorf("fetch: error %v, want %q", err, test.problem)
			}
			if test.problem != "is not a SID" {
				return
			}
			for _, err := range Webhooks.All(t.Context(), c, 0, documentedService) {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("list: error %v, want %q", err, test.problem)
				}
			}
		})
	}
}

// TestKind_InvalidPathIsNotSent passes values that would change the path of the request.
func TestKind_InvalidPathIsNotSent(t *testing.T) {
	t.Parallel()
	c, server := newScript(t)
	for _, path := range [][]string{{"", documentedWebhook}, {documentedService, ""}, {documentedService, "../Entities"}} {
		_, fetched := Webhooks.Fetch(t.Context(), c, path...)
		_, updated := Webhooks.Update(t.Context(), c, url.Values{}, path...)
		if deleted := Webhooks.Delete(t.Context(), c, path...); fetched == nil || updated == nil || deleted == nil {
			t.Errorf("%q is accepted", path)
		}
	}
	if _, err := Webhooks.Create(t.Context(), c, url.Values{}, ""); err == nil {
		t.Error("a create without a service is accepted")
	}
	for _, err := range Webhooks.All(t.Context(), c, 0, "") {
		if err == nil {
			t.Error("a list without a service is accepted")
		}
	}
	for _, entity := range []EntityID{{}, {ServiceSID: documentedService, Identity: "a/../b-c-d"}, {Identity: documentedEntity.Identity}} {
		_, created := c.CreateEntity(t.Context(), entity.path()...)
		if _, fetched := Entities.Fetch(t.Context(), c, entity.path()...); created == nil || fetched == nil {
			t.Errorf("%v is accepted", entity)
		}
	}
	if len(server.requests) > 0 {
		t.Errorf("%q was sent", server.requests)
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
		call, err := PushCredentials.call(newClient(t, base), PushCredentials.endpoint("list", http.MethodGet), nil)
		if err != nil || call.url.String() != want {
			t.Errorf("%s: %v, %v, want %s", base, call.url, err, want)
		}
	}
}
