// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	givenSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	otherSecret = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
)

const (
	modelServiceSID = "VA0123456789abcdef0123456789abcdef"
	modelSID        = "YF0123456789abcdef0123456789abcdef"
	modelAccountSID = "AC0123456789abcdef0123456789abcdef"
	modelEntitySID  = "YE0123456789abcdef0123456789abcdef"
)

func text(value string) types.String { return types.StringValue(value) }

func number(value int64) types.Int64 { return types.Int64Value(value) }

// metadata returns a map of alternating keys and values.
func metadata(pairs ...string) types.Map {
	values := map[string]attr.Value{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = types.StringValue(pairs[i+1])
	}
	return types.MapValueMust(types.StringType, values)
}

var noMetadata = types.MapNull(types.StringType)

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
	"binding": {"secret": "` + givenSecret + `", "uri": "` + issuedURI + `"}
}`

// issuedURI is a URI in the form that Twilio documents.
const issuedURI = "otpauth://totp/Acme:Robot%201?secret=" + givenSecret + "&issuer=Acme&algorithm=SHA256&digits=8&period=60"

// totpState returns the state of a factor of Robot-Account-0001 after a refresh from totpResponse.
func totpState() apiAttributes {
	return apiAttributes{listAttributes: listAttributes{
		SID: text(modelSID), AccountSID: text(modelAccountSID), ServiceSID: text(modelServiceSID), EntitySID: text(modelEntitySID),
		Identity: text("Robot-Account-0001"), FriendlyName: text("Robot 1"), FactorType: text("totp"), Status: text("unverified"),
		Metadata: metadata("os", "Android"), DateCreated: text("2031-05-01T12:00:00Z"), DateUpdated: text("2031-05-01T12:00:01Z"),
		URL: text("https://verify.twilio.com/v2/x"), ConfigAlg: text("sha256"),
		ConfigCodeLength: number(8), ConfigSkew: number(0), ConfigTimeStep: number(60),
	}}
}

func pushState() apiAttributes {
	return apiAttributes{ConfigNotificationToken: text("token-of-the-device"), listAttributes: listAttributes{
		SID: text(modelSID), ServiceSID: text(modelServiceSID), Identity: text("Robot-Account-0001"),
		FriendlyName: text("Phone"), FactorType: text("push"), Metadata: noMetadata,
		ConfigAppID: text("com.example.app"), ConfigNotificationPlatform: text("fcm"), ConfigSDKVersion: text("1.0"),
	}}
}

// refresh returns the attributes after a refresh from a factor.
func refresh(t *testing.T, a apiAttributes, f *client.Factor) apiAttributes {
	t.Helper()
	m, diags := &resourceModel{apiAttributes: a}, diag.Diagnostics{}
	Declaration.Refresh(t.Context(), m, f, &diags)
	expectDiagnostics(t, diags, nil)
	return m.apiAttributes
}

// complete turns a plan into a state as a create does.
func complete(t *testing.T, m *resourceModel, f *client.Factor, prior *resourceModel) {
	t.Helper()
	var diags diag.Diagnostics
	if f != nil {
		completeConfig(f)
	}
	Declaration.Complete(t.Context(), m, f, prior, &diags)
	expectDiagnostics(t, diags, nil)
}

func TestFactor_Refresh(t *testing.T) {
	t.Parallel()
	imported := apiAttributes{listAttributes: listAttributes{
		SID: text(modelSID), ServiceSID: text(modelServiceSID),
		Identity: text("Robot-Account-0001"),
	}}
	for _, test := range []struct {
		name     string
		state    apiAttributes
		response string
		want     func(a *apiAttributes) // what differs from the state
	}{
		{"all of an imported factor, and the identity as the user " +
			"writes it", imported, totpResponse, func(a *apiAttributes) { *a = totpState() }},
		{"nothing new", totpState(), totpResponse, func(*apiAttributes) {}},
		{
			"null everywhere but metadata", totpState(),
			`{"sid": null, "status": null, "friendly_name": null, "config": {"alg": null, "skew": null}, "metadata": {"os": "Android"}, "date_updated": null}`,
			func(*apiAttributes) {},
		},
		{
			"no config", totpState(), `{"metadata": {"os": "Android"}, "config": null}`, func(*apiAttributes) {},
		},
		{
			"drift", totpState(),
			`{"friendly_name": "Other", "status": "verified", "metadata": {"os": "iOS"}, "config": {"alg": "SHA512", "code_length": 3, "skew": 2, "time_step": 20, "credential_sid": "x"}, "date_updated": "2031-05-02T12:00:00Z"}`,
			func(a *apiAttributes) {
				a.FriendlyName, a.Status, a.Metadata, a.DateUpdated = text("Other"), text("verified"), metadata("os",
					"iOS"), text("2031-05-02T12:00:00Z")
				a.ConfigAlg, a.ConfigCodeLength, a.ConfigSkew, a.ConfigTimeStep = text("sha512"), number(3), number(2), number(20)
			},
		},
		{
			"drift of a push factor", pushState(),
			`{"config": {"app_id": "other.app", "notification_platform": "apn", "notification_token": "another", "sdk_version": "2.0"}}`,
			func(a *apiAttributes) {
				a.ConfigAppID, a.ConfigNotificationPlatform = text("other.app"), text("apn")
				a.ConfigNotificationToken, a.ConfigSDKVersion = text("another"), text("2.0")
			},
		},
		{
			"a hidden token is kept", pushState(),
			`{"config": {"notification_platform": "fcm", "notification_token": null}}`,
			func(*apiAttributes) {},
		},
		{
			"a token is removed with its platform", pushState(),
			`{"config": {"notification_platform": "none", "notification_token": null}}`,
			func(a *apiAttributes) {
				a.ConfigNotificationPlatform, a.ConfigNotificationToken = text("none"), types.StringNull()
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, want := test.state, test.state
			test.want(&want)
			got = refresh(t, got, decodeFactor(t, test.response))
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(apiAttributes{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFactor_RefreshMetadata(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		state    types.Map
		response string
		want     types.Map
	}{
		{"none and none", noMetadata, `null`, noMetadata},
		{"none and empty", noMetadata, `{}`, noMetadata},
		{"empty and none", metadata(), `null`, metadata()},
		{"empty and empty", metadata(), `{}`, metadata()},
		{"none and some", noMetadata, `{"a": "b"}`, metadata("a", "b")},
		{"empty and some", metadata(), `{"a": "b"}`, metadata("a", "b")},
		{"some and others", metadata("a", "b"), `{"a": "c", "d": ""}`, metadata("a", "c", "d", "")},
		{"some and null, which means keep", metadata("a", "b"), `null`, metadata("a", "b")},
		{"some and empty", metadata("a", "b"), `{}`, metadata()},
		{"numbers and nulls", noMetadata, `{"a": 1, "b": null, "c": true}`, metadata("a", "1", "b", "", "c", "true")},
		{"an object in a string", noMetadata, `"{\"a\": \"b\"}"`, metadata("a", "b")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := apiAttributes{listAttributes: listAttributes{Metadata: test.state}}
			a = refresh(t, a, decodeFactor(t, `{"metadata": `+test.response+`}`))
			if diff := cmp.Diff(test.want, a.Metadata); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPIAttributes_RefreshName(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "Caf\u00e9", "Cafe\u0301"
	for _, c := range []struct {
		name            string
		state, response types.String
		want            types.String
	}{
		{"another Unicode form", text(composed), text(decomposed), text(composed)},
		{"another name", text(composed), text("Cafe"), text("Cafe")},
		{"no name", text(composed), text(""), text(composed)},
		{"no state", types.StringNull(), text(decomposed), text(decomposed)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := apiAttributes{listAttributes: listAttributes{FriendlyName: c.state}}
			a = refresh(t, a, &client.Factor{FriendlyName: c.response.ValueString()})
			if a.FriendlyName != c.want {
				t.Errorf("the name is %s, want %s", a.FriendlyName, c.want)
			}
		})
	}
}

// plannedTOTP returns a plan that leaves as much as possible to Twilio.
func plannedTOTP() resourceModel {
	unknown := types.StringUnknown()
	return resourceModel{
		ID: unknown,
		apiAttributes: apiAttributes{listAttributes: listAttributes{
			SID: unknown, AccountSID: unknown, EntitySID: unknown, Status: unknown, DateCreated: unknown, DateUpdated: unknown, URL: unknown,
			ServiceSID: text(modelServiceSID), Identity: text("Robot-Account-0001"), FriendlyName: text("Robot 1"), FactorType: text("totp"),
			Metadata: types.MapUnknown(types.StringType), ConfigAlg: unknown,
			ConfigCodeLength: types.Int64Unknown(), ConfigSkew: types.Int64Unknown(), ConfigTimeStep: types.Int64Unknown(),
		}},
		BindingSecret: unknown, BindingURI: unknown, BindingAlg: unknown,
	}
}

func TestFactor_Complete(t *testing.T) {
	t.Parallel()
	const id = modelServiceSID + "/Robot-Account-0001/" + modelSID
	state := resourceModel{
		ID: text(id), apiAttributes: totpState(), BindingSecret: text(givenSecret),
		BindingURI: text(issuedURI),
	}
	for _, test := range []struct {
		name     string
		plan     func(m *resourceModel) // what differs from a plan that leaves all to Twilio
		response string
		want     func(m *resourceModel) // the differences from the whole response
	}{
		{"all from the response", func(*resourceModel) {}, totpResponse, func(*resourceModel) {}},
		{
			"what was planned stays",
			func(m *resourceModel) {
				m.Metadata, m.ConfigAlg, m.ConfigSkew, m.BindingSecret = metadata(), text("sha1"), number(2), text("gezdgnbv")
			},
			totpResponse,
			func(m *resourceModel) {
				m.Metadata, m.ConfigAlg, m.ConfigSkew, m.BindingSecret = metadata(), text("sha1"), number(2), text("gezdgnbv")
			},
		},
		{
			"a write-only secret is nowhere",
			func(m *resourceModel) {
				m.BindingSecret, m.BindingURI, m.BindingSecretWOVersion = types.StringNull(), types.StringNull(), number(1)
				m.BindingSecretWO, m.AuthPayloadWO = text(givenSecret), text("123456")
			},
			totpResponse,
			func(m *resourceModel) {
				m.BindingSecret, m.BindingURI, m.BindingSecretWOVersion = types.StringNull(), types.StringNull(), number(1)
			},
		},
		{
			"null fields", func(*resourceModel) {},
			`{"sid": "` + modelSID + `", "status": "unverified", "factor_type": "totp", "config": {}, "metadata": null}`,
			func(m *resourceModel) {
				kept := m.apiAttributes
				*m = resourceModel{ID: text(id), apiAttributes: apiAttributes{listAttributes: listAttributes{
					SID: kept.SID, ServiceSID: kept.ServiceSID, Identity: kept.Identity, FriendlyName: kept.FriendlyName,
					FactorType: kept.FactorType, Status: kept.Status, Metadata: noMetadata,
				}}}
			},
		},
		{
			"null config, with the values of the URI", func(*resourceModel) {},
			`{"sid": "` + modelSID + `", "status": "unverified", "factor_type": "totp", "config": {"alg": null, "code_length": null, "skew": null},
			"binding": {"secret": "` + givenSecret + `", "uri": "otpauth://totp/Acme:Robot%201?secret=` + givenSecret + `&digits=8&algorithm=SHA256"}}`,
			func(m *resourceModel) {
				kept := m.apiAttributes
				*m = resourceModel{ID: text(id), BindingSecret: text(givenSecret), apiAttributes: apiAttributes{listAttributes: listAttributes{
					SID: kept.SID, ServiceSID: kept.ServiceSID, Identity: kept.Identity, FriendlyName: kept.FriendlyName,
					FactorType: kept.FactorType, Status: kept.Status, Metadata: noMetadata,
					ConfigAlg: text("sha256"), ConfigCodeLength: number(8), ConfigTimeStep: number(30),
				}}}
				m.BindingURI = text("otpauth://totp/Acme:Robot%201?secret=" + givenSecret + "&digits=8&algorithm=SHA256")
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, want := plannedTOTP(), state
			test.plan(&got)
			test.want(&want)
			complete(t, &got, decodeFactor(t, test.response), nil)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(resourceModel{}, apiAttributes{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFactor_CompleteWithoutPlatform changes the platform to one that turns out to be none, which has
// no token. The response may have no config.
func TestFactor_CompleteWithoutPlatform(t *testing.T) {
	t.Parallel()
	for _, response := range []string{`{}`, `{"config": {"notification_platform": "none"}}`} {
		state := resourceModel{apiAttributes: pushState()}
		m := state
		m.ConfigNotificationPlatform, m.ConfigNotificationToken = text("none"), types.StringUnknown()
		change{plan: &m, config: &resourceModel{}}.planTypeDefaults()
		complete(t, &m, decodeFactor(t, response), &state)
		if !m.ConfigNotificationToken.IsNull() {
			t.Errorf("response %s: the token is %s, want null", response, m.ConfigNotificationToken)
		}
	}
}

func TestFactor_CreateParams(t *testing.T) {
	t.Parallel()
	left := plannedTOTP()
	given := plannedTOTP()
	given.Metadata, given.ConfigAlg = metadata("os", "Android"), text("sha512")
	given.ConfigCodeLength, given.ConfigSkew, given.ConfigTimeStep = number(8), number(0), number(20)
	push := resourceModel{apiAttributes: pushState(), BindingPublicKey: text("MFk="), BindingAlg: text("ES256")}
	push.Metadata = metadata()

	for _, test := range []struct {
		name   string
		model  resourceModel
		secret types.String
		want   url.Values
	}{
		{"all left to Twilio", left, types.StringUnknown(), url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot 1"}}},
		{"no secret", left, types.StringNull(), url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot 1"}}},
		{"all given", given, text(givenSecret), url.Values{
			"FactorType": {"totp"}, "FriendlyName": {"Robot 1"}, "Binding.Secret": {givenSecret}, "Metadata": {`{"os":"Android"}`},
			"Config.Alg": {"sha512"}, "Config.CodeLength": {"8"}, "Config.Skew": {"0"}, "Config.TimeStep": {"20"},
		}},
		{"secret in lower case, padded", left, text("mfrggza="), url.Values{
			"FactorType": {"totp"}, "FriendlyName": {"Robot 1"}, "Binding.Secret": {"MFRGGZA"},
		}},
		{"push", push, types.StringNull(), url.Values{
			"FactorType": {"push"}, "FriendlyName": {"Phone"}, "Binding.PublicKey": {"MFk="}, "Binding.Alg": {"ES256"}, "Metadata": {"{}"},
			"Config.AppId": {"com.example.app"}, "Config.NotificationPlatform": {"fcm"},
			"Config.NotificationToken": {"token-of-the-device"}, "Config.SdkVersion": {"1.0"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.model.createForm(test.secret)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFactor_UpdateParams(t *testing.T) {
	t.Parallel()
	totpFactor := resourceModel{apiAttributes: totpState(), BindingSecret: text(givenSecret)}
	pushFactor := resourceModel{apiAttributes: pushState()}
	platform, token := []string{"fcm"}, []string{"token-of-the-device"}
	for _, test := range []struct {
		name   string
		state  resourceModel
		change func(m *resourceModel)
		want   url.Values
	}{
		{"nothing", totpFactor, func(*resourceModel) {}, url.Values{}},
		{
			"what only Terraform knows", totpFactor,
			func(m *resourceModel) {
				m.Identity, m.AutoVerify, m.BindingSecret, m.AuthPayloadWOVersion = text("ROBOT-ACCOUNT-0001"), types.BoolValue(true),
					text(otherSecret), number(2)
				m.Metadata, m.Status, m.DateUpdated = metadata(), text("verified"), types.StringUnknown()
			},
			url.Values{},
		},
		{"name", totpFactor, func(m *resourceModel) { m.FriendlyName = text("New") }, url.Values{"FriendlyName": {"New"}}},
		{
			"alg", totpFactor, func(m *resourceModel) { m.ConfigAlg = text("sha1") },
			url.Values{"Config.Alg": {"sha1"}},
		},
		{
			"numbers", totpFactor,
			func(m *resourceModel) {
				m.ConfigCodeLength, m.ConfigSkew, m.ConfigTimeStep = number(3), number(1), number(20)
			},
			url.Values{"Config.CodeLength": {"3"}, "Config.Skew": {"1"}, "Config.TimeStep": {"20"}},
		},
		{
			"push: name, with platform and token", pushFactor, func(m *resourceModel) { m.FriendlyName = text("New") },
			url.Values{"FriendlyName": {"New"}, "Config.NotificationPlatform": platform, "Config.NotificationToken": token},
		},
		{
			"push: SDK, with platform and token", pushFactor, func(m *resourceModel) { m.ConfigSDKVersion = text("2.0") },
			url.Values{"Config.SdkVersion": {"2.0"}, "Config.NotificationPlatform": platform, "Config.NotificationToken": token},
		},
		{
			"push: platform none, without token", pushFactor,
			func(m *resourceModel) {
				m.ConfigNotificationPlatform, m.ConfigNotificationToken = text("none"), types.StringNull()
			},
			url.Values{"Config.NotificationPlatform": {"none"}},
		},
		{
			"push: key adopted", pushFactor, func(m *resourceModel) { m.BindingPublicKey, m.BindingAlg = text("MFk="), text("ES256") },
			url.Values{},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan, state := test.state, test.state
			test.change(&plan)
			if diff := cmp.Diff(test.want, plan.updateForm(&state)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFactor_MetadataJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		metadata types.Map
		want     string
	}{
		{noMetadata, `{}`},
		{metadata(), `{}`},
		{metadata("b", "2", "a", "1"), `{"a":"1","b":"2"}`},
		{metadata("name", `Zoë <a&b> "quoted" \ 🤖`), `{"name":"Zoë <a&b> \"quoted\" \\ 🤖"}`},
		{metadata("line", "a\nb\t"), `{"line":"a\nb\t"}`},
		{metadata("", ""), `{"":""}`},
	} {
		if got := shared.StringMapJSON(test.metadata); got != test.want {
			t.Errorf("%s: got %s, want %s", test.metadata, got, test.want)
		}
	}
}

func TestFactor_UpdatedURI(t *testing.T) {
	t.Parallel()
	const kept = "otpauth://totp/Acme%20Inc:Robot%201?secret=" + givenSecret + "&issuer=Acme%20Inc&algorithm=SHA256&digits=8&period=60"
	for _, test := range []struct {
		name   string
		kept   types.String
		change func(m *resourceModel)
		want   types.String
	}{
		{"nothing", text(kept), func(*resourceModel) {}, text(kept)},
		{"skew is not in it", text(kept), func(m *resourceModel) { m.ConfigSkew = number(2) }, text(kept)},
		{
			"name", text(kept), func(m *resourceModel) { m.FriendlyName = text("Zoë & Co") },
			text(strings.Replace(kept, "Robot%201", "Zo%C3%AB%20%26%20Co", 1)),
		},
		{"alg", text(kept), func(m *resourceModel) { m.ConfigAlg = text("sha1") }, text(strings.Replace(kept, "SHA256", "SHA1", 1))},
		{"digits", text(kept), func(m *resourceModel) { m.ConfigCodeLength = number(6) }, text(strings.Replace(kept, "digits=8", "digits=6", 1))},
		{
			"period", text(kept), func(m *resourceModel) { m.ConfigTimeStep = number(30) },
			text(strings.Replace(kept, "period=60", "period=30", 1)),
		},
		{"an unknown name", text(kept), func(m *resourceModel) { m.FriendlyName = types.StringUnknown() }, types.StringUnknown()},
		{"an unknown alg", text(kept), func(m *resourceModel) { m.ConfigAlg = types.StringUnknown() }, types.StringUnknown()},
		{"unknown digits", text(kept), func(m *resourceModel) { m.ConfigCodeLength = types.Int64Unknown() }, types.StringUnknown()},
		{"an unknown period", text(kept), func(m *resourceModel) { m.ConfigTimeStep = types.Int64Unknown() }, types.StringUnknown()},
		{"none kept", types.StringNull(), func(m *resourceModel) { m.FriendlyName = text("New") }, types.StringNull()},
		{
			"not a URI of that form", text("https://example.com"), func(m *resourceModel) { m.FriendlyName = text("New") },
			text("https://example.com"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := resourceModel{apiAttributes: totpState()}
			test.change(&m)
			if got := m.updatedURI(test.kept); !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestModel_CompleteUpdate completes an update without a response: unknown values in the plan keep
// their prior value.
func TestModel_CompleteUpdate(t *testing.T) {
	t.Parallel()
	prior := resourceModel{ID: text(modelID), apiAttributes: totpState()}
	want := prior
	want.FriendlyName, want.BindingSecret, want.AuthPayloadWOVersion = text("Robot 2"), text(givenSecret), number(1)
	got := plannedTOTP()
	got.FriendlyName, got.BindingSecret, got.AuthPayloadWO, got.AuthPayloadWOVersion = text("Robot 2"), text(givenSecret), text("271828"),
		number(1)
	complete(t, &got, nil, &prior)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(resourceModel{}, apiAttributes{})); diff != "" {
		t.Error(diff)
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
