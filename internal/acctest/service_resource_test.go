// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// serviceSettings has the attributes of a service that the API stores, and their values in the
// tests.
var serviceSettings = []struct {
	attribute, parameter string
	value, other         any
	// cleared is what the API receives after the setting was removed from the configuration; nil if
	// the setting keeps its last value.
	cleared url.Values
}{
	{"friendly_name", "FriendlyName", "Chain", "Other", nil},
	{"code_length", "CodeLength", 8, 4, nil},
	{"lookup_enabled", "LookupEnabled", true, false, nil},
	{"skip_sms_to_landlines", "SkipSmsToLandlines", false, true, nil},
	{"dtmf_input_required", "DtmfInputRequired", false, true, nil},
	{"tts_name", "TtsName", "alice", "bob", empty("TtsName")},
	{"psd2_enabled", "Psd2Enabled", true, false, nil},
	{"do_not_share_warning_enabled", "DoNotShareWarningEnabled", true, false, nil},
	{"custom_code_enabled", "CustomCodeEnabled", true, false, nil},
	{"verify_event_subscription_enabled", "VerifyEventSubscriptionEnabled", true, false, nil},
	{"default_template_sid", "DefaultTemplateSid", sidOf("HJ", 1), sidOf("HJ", 2), empty("DefaultTemplateSid")},
	{"push_apn_credential_sid", "Push.ApnCredentialSid", sidOf("CR", 1), sidOf("CR", 3), empty("Push.ApnCredentialSid")},
	{"push_fcm_credential_sid", "Push.FcmCredentialSid", sidOf("CR", 2), sidOf("CR", 3), empty("Push.FcmCredentialSid")},
	{"push_include_date", "Push.IncludeDate", true, false, nil},
	{"totp_issuer", "Totp.Issuer", "Issuer", "Other", nil},
	{"totp_time_step", "Totp.TimeStep", 60, 20, nil},
	{"totp_code_length", "Totp.CodeLength", 8, 3, nil},
	{"totp_skew", "Totp.Skew", 0, 2, nil},
	{"whatsapp_msg_service_sid", "Whatsapp.MsgServiceSid", sidOf("MG", 1), sidOf("MG", 2), nil},
	{"whatsapp_from", "Whatsapp.From", "+14155550100", "whatsapp:+14155550199", nil},
	{"passkeys_relying_party_id", "Passkeys.RelyingParty.Id", "example.com", "example.org", nil},
	{"passkeys_relying_party_name", "Passkeys.RelyingParty.Name", "Example", "Other", nil},
	{
		"passkeys_relying_party_origins", "Passkeys.RelyingParty.Origins",
		[]string{"login.example.com", "www.example.com"},
		[]string{"login.example.org"},
		nil,
	},
	{"passkeys_authenticator_attachment", "Passkeys.AuthenticatorAttachment", "platform", "", nil},
	{"passkeys_discoverable_credentials", "Passkeys.DiscoverableCredentials", "preferred", "required", nil},
	{"passkeys_user_verification", "Passkeys.UserVerification", "required", "discouraged", nil},
}

// sidOf returns a SID with a prefix.
func sidOf(prefix string, n int) string { return fmt.Sprintf("%s%032d", prefix, n) }

// empty returns a form with an empty parameter.
func empty(parameter string) url.Values { return url.Values{parameter: {""}} }

// fullService returns a service with every setting, and the form that the API receives.
func fullService() (config attributes, form url.Values) { return allSettings(false) }

// allSettings is fullService, perhaps with another value of each setting.
func allSettings(other bool) (config attributes, form url.Values) {
	config, form = attributes{}, url.Values{}
	for _, s := range serviceSettings {
		value := s.value
		if other {
			value = s.other
		}
		config[s.attribute], form[s.parameter] = value, []string{sent(value)}
	}
	return config, form
}

// sent returns a value as a parameter.
func sent(value any) string {
	if origins, ok := value.([]string); ok {
		return strings.Join(origins, ",")
	}
	return fmt.Sprint(value)
}

// serviceBlock returns a service with the name Chain and additional lines.
func serviceBlock(lines ...string) string {
	return "resource \"twilio_verify_service\" \"test\" {\n  friendly_name = \"Chain\"\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// serviceAttributes describe the same service for tests that use the protocol.
var serviceAttributes = attributes{"friendly_name": "Chain"}

// oneAccount returns a configuration with the default account, without a service.
func oneAccount() verifymock.Config {
	return verifymock.Config{Accounts: []verifymock.Account{{
		SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
		APIKeys: map[string]string{verifymock.DefaultAPIKey: verifymock.DefaultAPISecret},
	}}}
}

// onlyService returns the only service on the server.
func (m *mock) onlyService(t *testing.T) verifymock.Service {
	t.Helper()
	services := m.Services()
	if len(services) != 1 {
		t.Fatalf("the server holds %d services, want 1", len(services))
	}
	return services[0]
}

// hideSettings replaces with null what the API may return as null.
func hideSettings(_ *http.Request, object map[string]any) {
	if _, ok := object["totp"]; ok {
		object["totp"] = map[string]any{"issuer": nil, "time_step": nil, "code_length": nil, "skew": nil}
		object["passkeys"] = nil
	}
}

// keepSettings returns a function that rewrites responses to keep cleared settings.
func keepSettings() func(*http.Request, map[string]any) {
	kept := map[string]any{}
	keep := func(object map[string]any, name string) {
		if object[name] == nil {
			object[name] = kept[name]
		}
		kept[name] = object[name]
	}
	return func(_ *http.Request, object map[string]any) {
		push, ok := object["push"].(map[string]any)
		if !ok {
			return
		}
		keep(object, "tts_name")
		keep(object, "default_template_sid")
		keep(push, "apn_credential_sid")
		keep(push, "fcm_credential_sid")
	}
}

// TestService_Lifecycle creates a service with every setting, changes all of them, and removes all
// that can be removed. Each stage makes one request.
func TestService_Lifecycle(t *testing.T) {
	t.Parallel()
	const create, fetch, update = verifymock.OperationServiceCreate, verifymock.OperationService, verifymock.OperationServiceUpdate
	full, form := fullService()
	others, othersForm := allSettings(true)
	cleared := url.Values{"FriendlyName": {"Chain"}}
	for _, s := range serviceSettings {
		maps.Copy(cleared, s.cleared)
	}
	others["lookup_enabled"] = true // which skip_sms_to_landlines requires
	delete(othersForm, "LookupEnabled")
	for name, rewrite := range map[string]func(*http.Request, map[string]any){
		"all returned":  func(*http.Request, map[string]any) {},
		"hidden":        hideSettings,
		"never cleared": keepSettings(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, oneAccount()).behind(t, rewrite)
			i := newInstanceOf(t, service.Declaration.TypeName)
			eight := serviceAttributes.with(attributes{"code_length": 8})
			i.run(m,
				stage{
					config: full, after: m.received(t, form, create),
					state: map[string]string{"whatsapp_from": "+14155550100", "account_sid": verifymock.DefaultAccountSID},
				},
				// The API's form of the sender means the same sender, and the order of origins does not matter.
				stage{config: full.with(attributes{"whatsapp_from": "whatsapp:+14155550100"}), after: m.received(t, nil, fetch)},
				stage{config: others, after: m.received(t, othersForm, fetch, update)},
				stage{config: serviceAttributes, after: m.received(t, cleared, fetch, update), state: map[string]string{
					"code_length": "4", "totp_skew": "2", "totp_issuer": "Other", "passkeys_user_verification": "discouraged", "tts_name": "",
				}},
				// A change of another setting sends only that setting, even if some were not cleared.
				stage{config: eight, after: m.received(t, url.Values{"CodeLength": {"8"}}, fetch, update)},
				stage{config: eight.with(attributes{"force_destroy": true}), after: m.received(t, nil, fetch)},
				stage{config: nil, after: m.received(t, nil, fetch, verifymock.OperationServiceDelete)},
			)
			if n := len(m.Services()); n != 0 {
				t.Errorf("the server still holds %d services", n)
			}
		})
	}
}

// TestService_ChangeAndRemove changes each setting alone, and removes it from the configuration.
// The result must match its description, or the sentence above the schema if its description says
// nothing. Nothing else may be sent.
func TestService_ChangeAndRemove(t *testing.T) {
	t.Parallel()
	page := readFile(t, "..", "..", "docs", "resources", "verify_service.md")
	if sentence := "keeps its\nlast value, unless its description says that it is cleared"; strings.Count(page, sentence) != 1 {
		t.Errorf("the page does not say once: %s", sentence)
	}
	full, _ := fullService()
	full["lookup_enabled"] = true
	full["skip_sms_to_landlines"] = false
	for _, s := range serviceSettings {
		t.Run(s.attribute, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, oneAccount())
			i := serviceNoun.started(t, m)
			i.mustApply(full)
			changed := full.with(attributes{s.attribute: s.other})
			i.applyOnce(m, changed, url.Values{s.parameter: {sent(s.other)}})
			if s.attribute == "friendly_name" {
				return
			}
			before := i.members(i.state)[s.attribute]
			i.applyOnce(m, changed.with(attributes{s.attribute: nil}), s.cleared)
			after := i.members(i.state)[s.attribute]
			description := i.description(s.attribute)
			if s.cleared != nil && (!after.IsNull() || !strings.Contains(description, "Removing it from the configuration clears it.")) {
				t.Errorf("after its removal it is %s, but its description says: %s", after, description)
			}
			if s.cleared == nil && (!after.Equal(before) || strings.Contains(description, "Removing it")) {
				t.Errorf("its removal changed it from %s to %s, but its description says: %s", before, after, description)
			}
		})
	}
}

// applyOnce applies a configuration, and expects one update with this form, or no request if it is
// nil. The plan after a refresh must be empty.
func (i *instance) applyOnce(m *mock, config attributes, form url.Values) {
	i.t.Helper()
	m.ResetRequests()
	i.mustApply(config)
	requests := m.Requests()
	switch {
	case form == nil && len(requests) > 0, form != nil && len(requests) != 1:
		i.t.Errorf("the server received %v", requests)
	case form != nil:
		if diff := cmp.Diff(form, requests[0].Form); diff != "" {
			i.t.Errorf("the server received another form: %s", diff)
		}
	}
	if diags := i.refresh(); failed(diags) {
		i.t.Fatal(texts(diags))
	}
	if planned, diags := i.plan(config); planned.Action != "nothing" || failed(diags) {
		i.t.Errorf("the plan after the apply is to %s; %s", planned.Action, texts(diags))
	}
}

// description returns the description of an attribute in the schema.
func (i *instance) description(name string) string {
	for _, attribute := range i.schema.ResourceSchemas[i.typeName].Block.Attributes {
		if attribute.Name == name {
			return attribute.Description
		}
	}
	return ""
}

// TestService_SettingsAreComplete checks that the table of settings has every attribute.
func TestService_SettingsAreComplete(t *testing.T) {
	t.Parallel()
	full, _ := fullService()
	full["force_destroy"] = true
	for _, attribute := range newInstance(t).schema.ResourceSchemas[service.Declaration.TypeName].Block.Attributes {
		if _, tested := full[attribute.Name]; tested != (attribute.Optional || attribute.Required) {
			t.Errorf("%s is tested: %t", attribute.Name, tested)
		}
	}
}

func TestService_Minimal(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	const create, fetch, update = verifymock.OperationServiceCreate, verifymock.OperationService, verifymock.OperationServiceUpdate
	drift := func() { m.UpdateService(m.onlyService(t).SID, func(s *verifymock.Service) { s.TTSName = "outside" }) }
	fleet := attributes{"friendly_name": "Fleet"}
	newInstanceOf(t, service.Declaration.TypeName).run(m,
		stage{
			config: serviceAttributes, after: m.received(t, url.Values{"FriendlyName": {"Chain"}}, create),
			state: map[string]string{"totp_issuer": "Chain", "totp_time_step": "30", "passkeys_user_verification": ""},
		},
		// An empty setting means that it is not set.
		stage{config: serviceAttributes.with(attributes{"passkeys_user_verification": ""}), after: m.received(t, nil, fetch)},
		stage{before: drift, config: serviceAttributes, after: m.received(t, empty("TtsName"), fetch, update)},
		// An issuer that was never set follows the name.
		stage{config: fleet, state: map[string]string{"totp_issuer": "Fleet"}},
	)
}

// TestService_Import imports a service with every setting. After an import, the sender has the prefix
// with which the API returns it.
func TestService_Import(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	full, _ := fullService()
	i, imported := serviceNoun.started(t, m), serviceNoun.started(t, m)
	i.mustApply(full.with(attributes{"whatsapp_from": "whatsapp:+14155550100"}))
	imported.quietly(imported.importBy(i.text("sid"), nil))
	want := i.members(i.state)
	want["force_destroy"] = tftypes.NewValue(tftypes.Bool, nil)
	if !imported.state.Equal(tftypes.NewValue(i.object(), want)) {
		t.Errorf("imported %s, want %s", imported.state, want)
	}
}

// TestService_TwilioDefaultStays checks that a value that Twilio chose for a new service stays.
func TestService_TwilioDefaultStays(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount()).behind(t, func(_ *http.Request, object map[string]any) {
		if object["tts_name"] == nil {
			object["tts_name"] = "default"
		}
	})
	i := serviceNoun.started(t, m)
	i.applyQuietly(serviceAttributes)
	if name := i.text("tts_name"); name != "default" {
		t.Fatalf("tts_name is %q", name)
	}
	i.applyOnce(m, serviceAttributes, nil)
}

// TestService_DriftIsCorrected changes every setting elsewhere.
func TestService_DriftIsCorrected(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	full, form := fullService()
	others, _ := allSettings(true)
	others["skip_sms_to_landlines"] = false // true requires lookups
	delete(form, "SkipSmsToLandlines")
	elsewhere := serviceNoun.started(t, m)
	newInstanceOf(t, service.Declaration.TypeName).run(m,
		stage{config: full},
		stage{
			before: func() {
				elsewhere.quietly(elsewhere.importBy(m.onlyService(t).SID, nil))
				elsewhere.mustApply(others)
			},
			config: full,
			after:  m.received(t, form, verifymock.OperationService, verifymock.OperationServiceUpdate),
		},
	)
}

// TestService_InvalidAtPlan checks that the plan reports all errors that it can find.
func TestService_InvalidAtPlan(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	i := serviceNoun.started(t, m)
	for _, c := range []struct {
		config attributes
		want   string
	}{
		{attributes{"friendly_name": ""}, "friendly_name"},
		{attributes{"code_length": 3}, "code_length"},
		{attributes{"code_length": 11}, "code_length"},
		{attributes{"totp_time_step": 19}, "totp_time_step"},
		{attributes{"totp_code_length": 9}, "totp_code_length"},
		{attributes{"totp_skew": 3}, "totp_skew"},
		{attributes{"tts_name": ""}, "tts_name"},
		{attributes{"default_template_sid": "HX1"}, "default_template_sid"},
		{attributes{"push_apn_credential_sid": "CR1"}, "push_apn_credential_sid"},
		{attributes{"push_fcm_credential_sid": "MG00000000000000000000000000000001"}, "push_fcm_credential_sid"},
		{attributes{"totp_issuer": ""}, "totp_issuer"},
		{attributes{"whatsapp_msg_service_sid": "VA1"}, "whatsapp_msg_service_sid"},
		{attributes{"whatsapp_from": "0100"}, "whatsapp_from"},
		{attributes{"passkeys_relying_party_origins": []string{}}, "passkeys_relying_party_origins"},
		{attributes{"passkeys_relying_party_origins": []string{"a,b"}}, "contain commas"},
		{attributes{"passkeys_user_verification": "maybe"}, "passkeys_user_verification"},
		{attributes{"skip_sms_to_landlines": true}, "lookup_enabled = true"},
		{attributes{"skip_sms_to_landlines": true, "lookup_enabled": false}, "lookup_enabled = true"},
	} {
		config := serviceAttributes.with(c.config)
		diags := i.validate(config)
		if !failed(diags) {
			_, diags = i.plan(config)
		}
		if !failed(diags) || !strings.Contains(texts(diags), c.want) {
			t.Errorf("%v: want %q, got %s", c.config, c.want, texts(diags))
		}
	}
	text := texts(i.validate(serviceAttributes.with(attributes{"push_include_date": true})))
	if !strings.Contains(text, "deprecated by Twilio") {
		t.Errorf("want a warning about push_include_date, got %q", text)
	}
	if n := m.calls(""); n > 0 {
		t.Errorf("%d requests for configurations that are invalid at plan", n)
	}
}
