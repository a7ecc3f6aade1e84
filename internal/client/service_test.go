// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// documentedServiceJSON is a service as the API documents it, with a value for every field.
const documentedServiceJSON = `{
  "sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "friendly_name": "name", "code_length": 4,
  "lookup_enabled": false, "psd2_enabled": false, "skip_sms_to_landlines": false, "dtmf_input_required": true, "tts_name": "name",
  "do_not_share_warning_enabled": false, "custom_code_enabled": true,
  "push": {"include_date": false, "apn_credential_sid": "CRaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "fcm_credential_sid": null},
  "totp": {"issuer": "test-issuer", "time_step": 30, "code_length": 3, "skew": 0},
  "whatsapp": {"msg_service_sid": "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "from": "whatsapp:+1234567890"},
  "passkeys": {"relying_party": {"id": "example.com", "name": "Example", "origins": ["login.example.com", "www.example.com"]},
    "authenticator_attachment": "platform", "discoverable_credentials": "preferred", "user_verification": ""},
  "default_template_sid": "HJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "verify_event_subscription_enabled": false,
  "date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-30T20:00:00Z", "url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "links": {}
}`

func TestService_Decode(t *testing.T) {
	t.Parallel()
	var got Service
	if err := json.Unmarshal([]byte(documentedServiceJSON), &got); err != nil {
		t.Fatal(err)
	}
	want := Service{
		SID: documentedService, AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", FriendlyName: "name", CodeLength: ptr(int64(4)),
		LookupEnabled: ptr(false), PSD2Enabled: ptr(false), SkipSMSToLandlines: ptr(false), DTMFInputRequired: ptr(true), TTSName: "name",
		DoNotShareWarningEnabled: ptr(false), CustomCodeEnabled: ptr(true), VerifyEventSubscriptionEnabled: ptr(false),
		Push:     ServicePush{IncludeDate: ptr(false), APNCredentialSID: "CRaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		TOTP:     ServiceTOTP{Issuer: "test-issuer", TimeStep: ptr(int64(30)), CodeLength: ptr(int64(3)), Skew: ptr(int64(0))},
		WhatsApp: ServiceWhatsApp{MsgServiceSID: "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", From: "whatsapp:+1234567890"},
		Passkeys: ServicePasskeys{
			RelyingParty:            ServiceRelyingParty{ID: "example.com", Name: "Example", Origins: Origins{"login.example.com", "www.example.com"}},
			AuthenticatorAttachment: "platform", DiscoverableCredentials: "preferred",
		},
		DefaultTemplateSID: "HJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		DateCreated:        "2015-07-30T20:00:00Z", DateUpdated: "2015-07-30T20:00:00Z", URL: "https://verify.twilio.com/v2/Services/" + documentedService,
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

// TestServiceParams_Form checks that every parameter is sent under its documented name, and that
// empty values are sent as empty.
func TestServiceParams_Form(t *testing.T) {
	t.Parallel()
	var params ServiceParams
	fields := reflect.ValueOf(&params).Elem()
	for i := range fields.NumField() {
		fields.Field(i).Set(reflect.New(fields.Field(i).Type().Elem()))
	}
	want := url.Values{}
	for _, name := range []string{
		"FriendlyName", "TtsName", "DefaultTemplateSid", "Push.ApnCredentialSid", "Push.FcmCredentialSid", "Totp.Issuer", "Whatsapp.MsgServiceSid",
		"Whatsapp.From", "Passkeys.RelyingParty.Id", "Passkeys.RelyingParty.Name", "Passkeys.RelyingParty.Origins",
		"Passkeys.AuthenticatorAttachment", "Passkeys.DiscoverableCredentials", "Passkeys.UserVerification",
	} {
		want.Set(name, "")
	}
	for _, name := range []string{"CodeLength", "Totp.TimeStep", "Totp.CodeLength", "Totp.Skew"} {
		want.Set(name, "0")
	}
	for _, name := range []string{
		"LookupEnabled", "SkipSmsToLandlines", "DtmfInputRequired", "Psd2Enabled", "DoNotShareWarningEnabled", "CustomCodeEnabled",
		"VerifyEventSubscriptionEnabled", "Push.IncludeDate",
	} {
		want.Set(name, "false")
	}
	if got := params.form(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (ServiceParams{}).form(); len(got) > 0 {
		t.Errorf("empty parameters are sent as %v", got)
	}
}

// newServiceClient returns a client for a server with the handler.
func newServiceClient(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := New(Config{BaseURL: server.URL, Username: "AC1", Password: "token", RequestTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestClient_ServiceSIDChecked(t *testing.T) {
	t.Parallel()
	c := newServiceClient(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL.Path) })
	_, fetched := c.FetchService(t.Context(), "")
	_, updated := c.UpdateService(t.Context(), "", ServiceParams{})
	_, counted := c.CountFactors(t.Context(), "", 1)
	if deleted := c.DeleteService(t.Context(), ""); fetched == nil || updated == nil || counted == nil || deleted == nil {
		t.Error("an empty SID is accepted")
	}
}

// TestClient_ServiceOfAnotherSID refuses a response about another service.
func TestClient_ServiceOfAnotherSID(t *testing.T) {
	t.Parallel()
	c := newServiceClient(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(documentedServiceJSON)) })
	if _, err := c.FetchService(t.Context(), "VA00000000000000000000000000000001"); err == nil {
		t.Error("another service is accepted")
	}
	if s, err := c.FetchService(t.Context(), documentedService); err != nil || s.Issuer() != "test-issuer" {
		t.Errorf("got %v, %v", s, err)
	}
}

// TestCreate_ResolveService finds or deletes the service of a lost create, and returns it to only
// one caller.
func TestCreate_ResolveService(t *testing.T) {
	t.Parallel()
	const services, service = "/v2/Services", "/v2/Services/" + documentedService
	created := time.Date(2015, 7, 30, 20, 0, 0, 0, time.UTC)
	note := Note{Since: created.Add(-time.Minute), Until: created.Add(time.Minute)}
	params := ServiceParams{FriendlyName: ptr("name")}
	found := scripted{200, `{"services": [` + documentedServiceJSON + `], "meta": {}}`}
	none := scripted{200, `{"services": [], "meta": {}}`}
	refused := scripted{403, `{"code": 20003, "message": "Forbidden", "status": 403}`}

	client, server := newScript(t, scripted{201, documentedServiceJSON}, scripted{200, documentedServiceJSON})
	if s, err := client.CreateService(t.Context(), params); err != nil || s.SID != documentedService {
		t.Errorf("created %v, %v", s, err)
	}
	if s, err := client.UpdateService(t.Context(), documentedService, params); err != nil || s.SID != documentedService {
		t.Errorf("updated %v, %v", s, err)
	}
	if want := []url.Values{params.form(), params.form()}; !reflect.DeepEqual(server.forms, want) {
		t.Errorf("sent %v, want %v", server.forms, want)
	}
	client, _ = newScript(t, found, found)
	first, err := client.ServiceCreate(params).Resolve(t.Context(), note)
	second, secondErr := client.ServiceCreate(params).Resolve(t.Context(), note)
	if err != nil || secondErr != nil || first == nil || first.SID != documentedService || second != nil {
		t.Errorf("got %v, %v and %v, %v, want the service for the first caller only", first, err, second, secondErr)
	}
	for name, c := range map[string]struct {
		name      string
		responses []scripted
		requests  []string
		problem   string
	}{
		"found":           {"name", []scripted{found, {204, ""}}, []string{"GET " + services + "?PageSize=1000", "DELETE " + service}, ""},
		"deleted already": {"name", []scripted{found, {404, `{"code": 20404, "message": "Not found", "status": 404}`}}, []string{"GET " + services + "?PageSize=1000", "DELETE " + service}, ""},
		"not deleted":     {"name", []scripted{found, refused}, []string{"GET " + services + "?PageSize=1000", "DELETE " + service}, "20003"},
		"another name":    {"other", []scripted{found}, []string{"GET " + services + "?PageSize=1000"}, ""},
		"never created":   {"name", []scripted{none}, []string{"GET " + services + "?PageSize=1000"}, ""},
		"not listed":      {"name", []scripted{refused}, []string{"GET " + services + "?PageSize=1000"}, "20003"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := newScript(t, c.responses...)
			err := client.ServiceCreate(ServiceParams{FriendlyName: &c.name}).Delete(t.Context(), note)
			if (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("the error is %v, want %q", err, c.problem)
			}
			if !slices.Equal(server.requests, c.requests) {
				t.Errorf("the requests are %q, want %q", server.requests, c.requests)
			}
		})
	}
}
