// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// nullAttributes maps every attribute of a data source that a factor may lack to null.
var nullAttributes = attributes{
	"metadata": nil, "config_json": nil, "config_alg": nil, "config_code_length": nil, "config_skew": nil, "config_time_step": nil,
	"config_app_id": nil, "config_notification_platform": nil, "config_notification_token": nil, "config_sdk_version": nil,
}

// expectMembers compares an object with the wanted attributes. nil means null.
func expectMembers(t *testing.T, object map[string]tftypes.Value, want attributes) {
	t.Helper()
	types := map[string]tftypes.Type{}
	for name, value := range object {
		types[name] = value.Type()
	}
	wanted := tfcore.Members(want.value(tftypes.Object{AttributeTypes: types}))
	for name := range want {
		if got, ok := object[name]; !ok || !got.Equal(wanted[name]) {
			t.Errorf("%s is %s, want %s", name, got, wanted[name])
		}
	}
}

func TestFactorData_Read(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{LowercaseIdentity: true, ConfigNumbersAsStrings: true})
	created := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	base := verifymock.Factor{
		Identity: "Robot-Account-0001", FriendlyName: "Zoë 🤖", Status: "verified", DateCreated: created,
		DateUpdated: created.Add(time.Hour),
	}
	totpFactor, push, passkeys := base, base, base
	totpFactor.Alg, totpFactor.CodeLength, totpFactor.Skew, totpFactor.TimeStep, totpFactor.Metadata = "sha512", 8, 0, 60, `{"a":"b","c":""}`
	push.FactorType, push.AppID, push.NotificationPlatform, push.NotificationToken, push.SDKVersion = "push", "com.example.app", "apn",
		fakeToken, "1.0"
	push.Metadata, push.Config = `{}`, map[string]any{"credential_sid": "CR0123"}
	passkeys.FactorType, passkeys.Config = "passkeys", map[string]any{"relying_party": map[string]any{
		"id":      "example.com",
		"origins": []string{"https://example.com"},
	}}
	totpFactor, push, passkeys = mock.AddFactor(totpFactor), mock.AddFactor(push), mock.AddFactor(passkeys)

	const identity = "ROBOT-account-0001" // neither as created nor as returned
	common := func(f verifymock.Factor) attributes {
		return nullAttributes.with(attributes{
			"sid": f.SID, "account_sid": verifymock.DefaultAccountSID, "service_sid": verifymock.DefaultServiceSID, "entity_sid": f.EntitySID,
			"identity": identity, "friendly_name": "Zoë 🤖", "factor_type": f.FactorType, "status": "verified",
			"date_created": "2031-05-01T12:00:00Z", "date_updated": "2031-05-01T13:00:00Z",
			"url": mock.url + "/v2/Services/" + verifymock.DefaultServiceSID + "/Entities/robot-account-0001/Factors/" + f.SID,
		})
	}
	at := attributes{"service_sid": verifymock.DefaultServiceSID, "identity": identity}
	for sid, want := range map[string]attributes{
		totpFactor.SID: common(totpFactor).with(attributes{
			"metadata":   map[string]string{"a": "b", "c": ""},
			"config_alg": "sha512", "config_code_length": 8, "config_skew": 0, "config_time_step": 60,
		}),
		push.SID: common(push).with(attributes{
			"metadata":      map[string]string{},
			"config_app_id": "com.example.app", "config_notification_platform": "apn", "config_notification_token": fakeToken,
			"config_sdk_version": "1.0",
			"config_json":        `{"credential_sid":"CR0123"}`,
		}),
		passkeys.SID: common(passkeys).with(attributes{"config_json": `{"relying_party":{"id":"example.com","origins":["https://example.com"]}}`}),
	} {
		got, text := factorNoun.readData(t, mock, factor.TypeName, at.with(attributes{"sid": sid}))
		if text != "" {
			t.Fatal(text)
		}
		expectMembers(t, got, want)
		mock.expectExactly(t, calls{verifymock.OperationFetch: 1})
	}
	const missing = "YF99999999999999999999999999999999"
	for want, config := range map[string]attributes{
		"Failed to read factor: " + missing + " of identity \"ROBOT-account-0001\" in service " + verifymock.DefaultServiceSID: {"sid": missing},
		"must be the SID of a factor: YF followed by 32 hexadecimal digits":                                                    {"sid": "YF1"},
		"must be the SID of a Verify service: VA followed by 32 hexadecimal digits": {
			"sid": totpFactor.SID, "service_sid": "VA1", "identity": "short",
		},
	} {
		if _, text := factorNoun.readData(t, mock, factor.TypeName, at.with(config)); !strings.Contains(text, want) {
			t.Errorf("want %q, got %s", want, text)
		}
	}
	mock.expectExactly(t, calls{verifymock.OperationFetch: 1}) // of the one that is missing

	named := mock.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FactorType: "totp", FriendlyName: "Café"})
	got, _ := factorNoun.readData(t, mock, factor.TypeName, at.with(attributes{"friendly_name": "Cafe\u0301"}))
	expectMembers(t, got, attributes{"sid": named.SID, "id": verifymock.DefaultServiceSID + "/" + identity + "/" + named.SID})
	_, text := factorNoun.readData(t, mock, factor.TypeName, at.with(attributes{"friendly_name": "Zoë 🤖"}))
	for _, f := range []verifymock.Factor{totpFactor, push, passkeys} {
		if !strings.Contains(text, "3 factors are named") || !strings.Contains(text, f.SID) {
			t.Errorf("want an error that lists %s, got %s", f.SID, text)
		}
	}
	mock.expectExactly(t, calls{verifymock.OperationList: 2})
}

// addFactors adds n factors of an identity: totp, push, and passkeys in turn, every second one
// verified.
func (m *mock) addFactors(identity string, n int) []verifymock.Factor {
	var all []verifymock.Factor
	for i := range n {
		f := verifymock.Factor{
			Identity: identity, Status: []string{"unverified", "verified"}[i%2],
			FactorType: []string{"totp", "push", "passkeys"}[i%3],
		}
		if f.FactorType == "push" {
			f.AppID, f.NotificationPlatform, f.NotificationToken, f.SDKVersion = "com.example.app", "fcm", fakeToken, "1.0"
		}
		all = append(all, m.AddFactor(f))
	}
	return all
}

// readFactors returns the factors that a data source reads, as objects, and the diagnostics.
func (m *mock) readFactors(t *testing.T, identity any, config attributes) (factors []map[string]tftypes.Value, text string) {
	t.Helper()
	got, text := factorNoun.readData(t, m, "twilio_verify_factors", attributes{
		"service_sid": verifymock.DefaultServiceSID, "identity": identity,
	}.with(config))
	var list []tftypes.Value
	if text == "" {
		if err := got["factors"].As(&list); err != nil {
			t.Fatal(err)
		}
	}
	for _, object := range list {
		factors = append(factors, tfcore.Members(object))
	}
	return factors, text
}

func TestFactorsData_Selects(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	factors := m.addFactors("robot-account-0001", 12)
	for _, test := range []struct {
		config attributes
		want   string // the numbers of the factors, and the sizes of the pages that were requested; - is Twilio's default
	}{
		{nil, "0 1 2 3 4 5 6 7 8 9 10 11; -"},
		{attributes{"factor_type": "push"}, "1 4 7 10; -"},
		{attributes{"status": "verified"}, "1 3 5 7 9 11; -"},
		{attributes{"factor_type": "passkeys", "status": "unverified"}, "2 8; -"},
		{attributes{"page_size": 5}, "0 1 2 3 4 5 6 7 8 9 10 11; 5 5 5"},
		{attributes{"page_size": 6}, "0 1 2 3 4 5 6 7 8 9 10 11; 6 6"},
		{attributes{"page_size": 1000}, "0 1 2 3 4 5 6 7 8 9 10 11; 1000"},
		{attributes{"limit": 1}, "0; -"},
		{attributes{"page_size": 5, "limit": 3}, "0 1 2; 5"},
		{attributes{"page_size": 5, "limit": 5}, "0 1 2 3 4; 5"},
		{attributes{"page_size": 5, "limit": 6}, "0 1 2 3 4 5; 5 5"},
		{attributes{"page_size": 5, "limit": 100}, "0 1 2 3 4 5 6 7 8 9 10 11; 5 5 5"},
		{attributes{"page_size": 4, "limit": 1, "factor_type": "push"}, "1; 4"},
		{attributes{"page_size": 3, "limit": 2, "factor_type": "push"}, "1 4; 3 3"},
	} {
		m.ResetRequests()
		found, text := m.readFactors(t, "robot-account-0001", test.config)
		var numbers, pages []string
		for _, object := range found {
			sid := listedText(t, object["sid"])
			numbers = append(numbers, fmt.Sprint(slices.IndexFunc(factors, func(f verifymock.Factor) bool { return f.SID == sid })))
		}
		for _, r := range m.Requests() {
			pages = append(pages, cmp.Or(r.Query.Get("PageSize"), "-"))
		}
		if got := strings.Join(numbers, " ") + "; " + strings.Join(pages, " ") + text; got != test.want {
			t.Errorf("%v: read %s, want %s", test.config, got, test.want)
		}
	}
}

// TestFactorsData_Attributes compares the factors of a list with those that are read one by one. The
// list leaves out the notification token.
func TestFactorsData_Attributes(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{LowercaseIdentity: true})
	factors := mock.addFactors("Robot-Account-0001", 3)
	mock.UpdateFactor(factors[0].SID, func(f *verifymock.Factor) { f.Metadata = `{"a":"b"}` })
	mock.UpdateFactor(factors[2].SID, func(f *verifymock.Factor) { f.Config = map[string]any{"key": "value"} })
	read, text := mock.readFactors(t, "Robot-Account-0001", nil)
	if len(read) != len(factors) {
		t.Fatalf("read %d factors: %s", len(read), text)
	}
	for i, f := range factors {
		one, _ := factorNoun.readData(t, mock, factor.TypeName, attributes{
			"service_sid": verifymock.DefaultServiceSID, "identity": "Robot-Account-0001", "sid": f.SID,
		})
		delete(one, "config_notification_token")
		if !maps.EqualFunc(read[i], one, tftypes.Value.Equal) {
			t.Errorf("the list has %v, and the factor is %v", read[i], one)
		}
	}
	for want, config := range map[string]attributes{
		"limit value must be at least 1":                        {"limit": 0},
		"page_size value must be between 1 and 1000, got: 0":    {"page_size": 0},
		"page_size value must be between 1 and 1000, got: 1001": {"page_size": 1001},
		`["totp" "push" "passkeys"]`:                            {"factor_type": "sms"},
		`["unverified" "verified"]`:                             {"status": "new"},
	} {
		if _, text := mock.readFactors(t, "Robot-Account-0001", config); !strings.Contains(text, want) {
			t.Errorf("%v: want %q, got %s", config, want, text)
		}
	}
}

// TestFactorsData_Service reads the factors of all identities of a service.
func TestFactorsData_Service(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	factors := mock.addIdentities()
	read, text := mock.readFactors(t, nil, nil)
	if len(read) != len(factors) {
		t.Fatalf("read %d factors, want %d: %s", len(read), len(factors), text)
	}
	for i, f := range factors {
		expectMembers(t, read[i], attributes{"identity": f.Identity, "sid": f.SID})
	}
	mock.expectServiceListed(t)
}

// TestFactorsData_Empty reads an entity that Twilio does not know, which it may report in two ways.
func TestFactorsData_Empty(t *testing.T) {
	t.Parallel()
	for _, empty := range []bool{false, true} {
		read, text := newMock(t, verifymock.Config{UnknownEntityEmpty: empty}).readFactors(t, "unknown-entity", nil)
		if len(read) > 0 || text != "" {
			t.Errorf("empty list %t: read %v: %s", empty, read, text)
		}
	}
}

// TestFactorData_NoEntity searches for a factor of an entity that does not exist. It has no factors,
// unless its service does not exist either.
func TestFactorData_NoEntity(t *testing.T) {
	t.Parallel()
	for _, typeName := range []string{factor.TypeName, "twilio_verify_factors"} {
		for service, want := range map[string][2]string{
			verifymock.DefaultServiceSID: {"friendly_name", `Identity "robot-account-0009" in service ` + verifymock.DefaultServiceSID + " has no factors"},
			noSuchService:                {"service_sid", "Check that the service exists"},
		} {
			i := factorNoun.started(t, newMock(t, verifymock.Config{}))
			_, diags := i.core().ReadData(t.Context(), typeName, tfcore.Attributes{
				"service_sid": service, "identity": "robot-account-0009", "friendly_name": "Robot 1",
			})
			switch text := texts(diags); {
			case typeName != factor.TypeName && service != noSuchService:
				if text != "" {
					t.Errorf("the list got %s", text)
				}
			case !strings.Contains(text, want[1]), strings.Contains(text, "Check the SID"):
				t.Errorf("%s: want %q, got %s", typeName, want[1], text)
			case diags[0].Attribute.String() != `AttributeName("`+want[0]+`")`:
				t.Errorf("%s: the error about %s is on %s, want %s", typeName, service, diags[0].Attribute, want[0])
			}
		}
	}
}
