// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

func decodeFactor(t *testing.T, document string) *client.Factor {
	t.Helper()
	var f client.Factor
	if err := json.Unmarshal([]byte(document), &f); err != nil {
		t.Fatal(err)
	}
	return &f
}

const totpResponse = `{
	"sid": "` + modelSID + `", "account_sid": "` + modelAccountSID + `", "service_sid": "` + modelServiceSID + `",
	"entity_sid": "` + modelEntitySID + `", "identity": "robot-account-0001", "friendly_name": "Robot 1",
	"status": "unverified", "factor_type": "totp", "metadata": {"os": "Android"},
	"config": {"alg": "sha256", "code_length": "8", "skew": 0, "time_step": 60},
	"date_created": "2031-05-01T12:00:00Z", "date_updated": "2031-05-01T12:00:01Z",
	"url": "https://verify.twilio.com/v2/x",
	"binding": {"secret": "` + givenSecret + `", "uri": "` + modelURI + `"}
}`

// refresh returns a model after a refresh from a response.
func refresh(t *testing.T, state attributes, response string) *resourceModel {
	t.Helper()
	m, diags := state.model(), diag.Diagnostics{}
	Declaration.Refresh(t.Context(), m, decodeFactor(t, response), &diags)
	outcome.Expect(t, report(t, diags), "")
	return m
}

// created is a state in which everything is from totpResponse.
var created = totpState.with(attributes{"binding_secret": givenSecret, "binding_uri": modelURI})

// TestFactor_Refresh checks what differs from the state afterwards.
func TestFactor_Refresh(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "Caf\u00e9", "Cafe\u0301"
	tagged := func(tags any) attributes { return totpState.with(attributes{"metadata": tags}) }
	some, empty := map[string]string{"a": "b"}, map[string]string{}
	named := totpState.with(attributes{"friendly_name": composed})
	for _, test := range []struct {
		name     string
		state    attributes
		response string
		want     string
	}{
		{"nothing new", created, totpResponse, ""},
		{
			"null everywhere but metadata", totpState, `{"sid": null, "status": null, "friendly_name": null,
				"config": {"alg": null, "skew": null}, "metadata": {"os": "Android"}, "date_updated": null}`, "",
		},
		{"no config", totpState, `{"metadata": {"os": "Android"}, "config": null}`, ""},
		{
			"drift", totpState, `{"friendly_name": "Other", "status": "verified", "metadata": {"os": "iOS"}, "date_updated": "2031-05-02T12:00:00Z",
				"config": {"alg": "SHA512", "code_length": 3, "skew": 2, "time_step": 20, "credential_sid": "x"}}`,
			`config_alg="sha512" config_code_length=3 config_skew=2 config_time_step=20 ` +
				`date_updated="2031-05-02T12:00:00Z" friendly_name="Other" metadata={"os":"iOS"} status="verified"`,
		},
		{
			"drift of a push factor", pushState,
			`{"config": {"app_id": "other.app", "notification_platform": "apn", "notification_token": "another", "sdk_version": "2.0"}}`,
			`config_app_id="other.app" config_notification_platform="apn" config_notification_token="another" config_sdk_version="2.0"`,
		},
		{"a hidden token", pushState, `{"config": {"notification_platform": "fcm", "notification_token": null}}`, ""},
		{
			"a token removed with its platform", pushState, `{"config": {"notification_platform": "none", "notification_token": null}}`,
			`config_notification_platform="none" config_notification_token=<null>`,
		},
		{"an imported push factor", pushState.with(attributes{"binding_alg": nil}), `{}`, `binding_alg="ES256"`},

		{"metadata: none and null", tagged(nil), `{"metadata": null}`, ""},
		{"metadata: none and empty", tagged(nil), `{"metadata": {}}`, ""},
		{"metadata: none and some", tagged(nil), `{"metadata": {"a": "b"}}`, `metadata={"a":"b"}`},
		{"metadata: empty and null", tagged(empty), `{"metadata": null}`, ""},
		{"metadata: empty and empty", tagged(empty), `{"metadata": {}}`, ""},
		{"metadata: empty and some", tagged(empty), `{"metadata": {"a": "b"}}`, `metadata={"a":"b"}`},
		{"metadata: some and others", tagged(some), `{"metadata": {"a": "c", "d": ""}}`, `metadata={"a":"c","d":""}`},
		{"metadata: some and null, which means keep", tagged(some), `{"metadata": null}`, ""},
		{"metadata: some and empty", tagged(some), `{"metadata": {}}`, `metadata={}`},
		{"metadata: numbers and nulls", tagged(nil), `{"metadata": {"a": 1, "b": null, "c": true}}`, `metadata={"a":"1","b":"","c":"true"}`},
		{"metadata: an object in a string", tagged(nil), `{"metadata": "{\"a\": \"b\"}"}`, `metadata={"a":"b"}`},

		{"a name in another Unicode form", named, `{"friendly_name": "` + decomposed + `"}`, ""},
		{"another name", named, `{"friendly_name": "Cafe"}`, `friendly_name="Cafe"`},
		{"no name", named, `{"friendly_name": ""}`, ""},
		{
			"another name in the URI", created, `{"friendly_name": "Robot 2"}`,
			`binding_uri="` + strings.Replace(modelURI, "Robot%201", "Robot%202", 1) + `" friendly_name="Robot 2"`,
		},
		{
			"a name for none", totpState.with(attributes{"friendly_name": nil}), `{"friendly_name": "` + decomposed + `"}`,
			`friendly_name="` + decomposed + `"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outcome.Expect(t, changes(test.state.model(), refresh(t, test.state, test.response)), test.want)
		})
	}
	imported := attributes{"sid": modelSID, "service_sid": modelServiceSID, "identity": "Robot-Account-0001"}
	outcome.Expect(t, changes(created.model(), refresh(t, imported, totpResponse)), "") // the identity stays as the user writes it
}

// complete turns a plan into a state as a create does.
func complete(t *testing.T, m *resourceModel, f *client.Factor, prior *resourceModel) *resourceModel {
	t.Helper()
	var diags diag.Diagnostics
	if f != nil {
		completeConfig(f)
	}
	Declaration.Complete(t.Context(), m, f, prior, &diags)
	outcome.Expect(t, report(t, diags), "")
	return m
}

// TestFactor_Complete completes a plan that leaves the rest to Twilio.
func TestFactor_Complete(t *testing.T) {
	t.Parallel()
	const little = `{"sid": "` + modelSID + `", "status": "unverified", "factor_type": "totp", "metadata": null, "config": `
	const uri = "otpauth://totp/Acme:Robot%201?secret=" + givenSecret + "&digits=8&algorithm=SHA256"
	for name, test := range map[string]struct {
		config         attributes
		response, want string
	}{
		"all from the response": {nil, totpResponse, ""},
		"what was planned stays": {
			attributes{"metadata": map[string]string{}, "config_alg": "sha1", "config_skew": 2, "binding_secret": "gezdgnbv"},
			totpResponse,
			`binding_secret="gezdgnbv" config_alg="sha1" config_skew=2 metadata={}`,
		},
		"a write-only secret is nowhere": {
			attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1, "auth_payload_wo": "123456"},
			totpResponse,
			"binding_secret=<null> binding_secret_wo_version=1 binding_uri=<null>",
		},
		"null fields": {
			nil, little + "{}}", "account_sid=<null> binding_secret=<null> binding_uri=<null> config_alg=<null> config_code_length=<null> " +
				"config_skew=<null> config_time_step=<null> date_created=<null> date_updated=<null> entity_sid=<null> metadata=<null> url=<null>",
		},
		"null config, with the values of the URI": {
			nil, little + `{"alg": null, "code_length": null, "skew": null}, "binding": {"secret": "` + givenSecret + `", "uri": "` + uri + `"}}`,
			`account_sid=<null> binding_uri="` + uri + `" config_skew=<null> config_time_step=30 ` +
				"date_created=<null> date_updated=<null> entity_sid=<null> metadata=<null> url=<null>",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := create(totpConfig.with(test.config))
			var diags diag.Diagnostics
			c.planCreate(&diags)
			got := complete(t, c.plan, decodeFactor(t, test.response), nil)
			outcome.Expect(t, changes(created.model(), got), test.want)
		})
	}
}

// TestFactor_CompleteUpdate completes an update without a response: unknown values in the plan keep
// their prior value.
func TestFactor_CompleteUpdate(t *testing.T) {
	t.Parallel()
	plan := create(totpConfig.with(attributes{"friendly_name": "Robot 2", "binding_secret": givenSecret, "auth_payload_wo_version": 1})).plan
	plan.AuthPayloadWO = types.StringValue("271828")
	got := complete(t, plan, nil, totpState.model())
	outcome.Expect(t, changes(totpState.model(), got), `auth_payload_wo_version=1 binding_secret="`+givenSecret+`" friendly_name="Robot 2"`)
}

// TestFactor_CompleteWithoutPlatform changes the platform to one that turns out to be none, which has
// no token. The response may have no config.
func TestFactor_CompleteWithoutPlatform(t *testing.T) {
	t.Parallel()
	for _, response := range []string{`{}`, `{"config": {"notification_platform": "none"}}`} {
		c := updatePush(attributes{"config_notification_platform": "none", "config_notification_token": nil}, nil, attributes{
			"config_notification_token": unknown,
		})
		c.planTypeDefaults()
		outcome.Expect(t, changes(c.state, complete(t, c.plan, decodeFactor(t, response), c.state)),
			`config_notification_platform="none" config_notification_token=<null>`)
	}
}

// formText returns the parameters of a request in the order of their names.
func formText(t *testing.T, form url.Values) string {
	t.Helper()
	text, err := url.QueryUnescape(form.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFactor_CreateParams(t *testing.T) {
	t.Parallel()
	all := attributes{
		"metadata":   map[string]string{"os": "Android"},
		"config_alg": "sha512", "config_code_length": 8, "config_skew": 0, "config_time_step": 20,
	}
	for _, test := range []struct {
		config attributes
		secret types.String
		want   string
	}{
		{totpConfig, types.StringUnknown(), "FactorType=totp&FriendlyName=Robot 1"},
		{totpConfig, types.StringNull(), "FactorType=totp&FriendlyName=Robot 1"},
		{
			totpConfig.with(all), types.StringValue(givenSecret), "Binding.Secret=" + givenSecret + "&Config.Alg=sha512&Config.CodeLength=8&" +
				`Config.Skew=0&Config.TimeStep=20&FactorType=totp&FriendlyName=Robot 1&Metadata={"os":"Android"}`,
		},
		{totpConfig, types.StringValue("mfrggza="), "Binding.Secret=MFRGGZA&FactorType=totp&FriendlyName=Robot 1"},
		{
			pushConfig.with(attributes{"binding_alg": "ES256", "metadata": map[string]string{}}), types.StringNull(),
			"Binding.Alg=ES256&Binding.PublicKey=MFk=&Config.AppId=com.example.app&Config.NotificationPlatform=fcm&" +
				"Config.NotificationToken=" + deviceToken + "&Config.SdkVersion=1.0&FactorType=push&FriendlyName=Phone&Metadata={}",
		},
	} {
		outcome.Expect(t, formText(t, create(test.config).plan.createForm(test.secret)), test.want)
	}
}

func TestFactor_UpdateParams(t *testing.T) {
	t.Parallel()
	const token = "Config.NotificationPlatform=fcm&Config.NotificationToken=" + deviceToken
	for _, test := range map[string]struct {
		state, change attributes
		want          string
	}{
		"nothing": {totpState, nil, ""},
		"what only Terraform knows": {totpState, attributes{
			"identity": "ROBOT-ACCOUNT-0001", "auto_verify": true, "binding_secret": otherSecret, "auth_payload_wo_version": 2,
			"metadata": map[string]string{}, "status": "verified", "date_updated": unknown,
		}, ""},
		"name": {totpState, attributes{"friendly_name": "New"}, "FriendlyName=New"},
		"alg":  {totpState, attributes{"config_alg": "sha1"}, "Config.Alg=sha1"},
		"numbers": {
			totpState,
			attributes{"config_code_length": 3, "config_skew": 1, "config_time_step": 20},
			"Config.CodeLength=3&Config.Skew=1&Config.TimeStep=20",
		},
		"push: name":           {pushState, attributes{"friendly_name": "New"}, token + "&FriendlyName=New"},
		"push: SDK":            {pushState, attributes{"config_sdk_version": "2.0"}, token + "&Config.SdkVersion=2.0"},
		"push: no SDK version": {pushState, attributes{"config_sdk_version": nil}, ""},
		"push: platform none": {
			pushState, attributes{"config_notification_platform": "none", "config_notification_token": nil}, "Config.NotificationPlatform=none",
		},
		"push: key adopted": {pushState.with(attributes{"binding_public_key": nil, "binding_alg": nil}), pushState, ""},
	} {
		outcome.Expect(t, formText(t, test.state.with(test.change).model().updateForm(test.state.model())), test.want)
	}
}

func TestFactor_UpdatedURI(t *testing.T) {
	t.Parallel()
	const kept = "otpauth://totp/Acme%20Inc:Robot%201?secret=" + givenSecret + "&issuer=Acme%20Inc&algorithm=SHA256&digits=8&period=60"
	uri := types.StringValue(kept)
	changed := func(before, after string) types.String {
		return types.StringValue(strings.Replace(kept, before, after, 1))
	}
	for name, test := range map[string]struct {
		kept   types.String
		change attributes
		want   types.String
	}{
		"nothing":           {uri, nil, uri},
		"skew is not in it": {uri, attributes{"config_skew": 2}, uri},
		"name":              {uri, attributes{"friendly_name": "Zoë & Co"}, changed("Robot%201", "Zo%C3%AB%20%26%20Co")},
		"alg":               {uri, attributes{"config_alg": "sha1"}, changed("SHA256", "SHA1")},
		"digits":            {uri, attributes{"config_code_length": 6}, changed("digits=8", "digits=6")},
		"period":            {uri, attributes{"config_time_step": 30}, changed("period=60", "period=30")},
		"an unknown name":   {uri, attributes{"friendly_name": unknown}, types.StringUnknown()},
		"an unknown alg":    {uri, attributes{"config_alg": unknown}, types.StringUnknown()},
		"unknown digits":    {uri, attributes{"config_code_length": unknown}, types.StringUnknown()},
		"an unknown period": {uri, attributes{"config_time_step": unknown}, types.StringUnknown()},
		"none kept":         {types.StringNull(), attributes{"friendly_name": "New"}, types.StringNull()},
		"not of that form":  {types.StringValue("https://example.com"), attributes{"friendly_name": "New"}, types.StringValue("https://example.com")},
	} {
		if got := totpState.with(test.change).model().updatedURI(test.kept); !got.Equal(test.want) {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestPrivate_Keys(t *testing.T) {
	t.Parallel()
	private, diags := privateMap{}, diag.Diagnostics{}
	for _, pending := range []bool{true, false} {
		setPayloadPending(t.Context(), private, pending, &diags)
		if got := isPayloadPending(t.Context(), private, &diags); got != pending || len(diags) > 0 {
			t.Errorf("payload pending: %t, want %t; %v", got, pending, diags)
		}
	}
}
