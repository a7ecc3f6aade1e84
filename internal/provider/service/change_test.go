// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

func text(value string) types.String { return types.StringValue(value) }

func ptr[T any](value T) *T { return &value }

// held returns a service with settings of every type, as Twilio stores it.
func held() *client.Service {
	return &client.Service{
		SID: "VA00000000000000000000000000000001", FriendlyName: "Chain", CodeLength: ptr(int64(6)), LookupEnabled: ptr(true), TTSName: "alice",
		TOTP: client.ServiceTOTP{Issuer: "Chain"}, WhatsApp: client.ServiceWhatsApp{From: "whatsapp:+14155550100"},
		Passkeys:    client.ServicePasskeys{RelyingParty: client.ServiceRelyingParty{Origins: client.Origins{"a.example", "b.example"}}},
		DateUpdated: "2031-05-01T12:00:01Z",
	}
}

func heldModel() *resourceModel { return &resourceModel{apiAttributes: newAPIAttributes(held())} }

func nothing(*resourceModel) {}

func expectModel(t *testing.T, got, want *resourceModel) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(resourceModel{}, apiAttributes{})); diff != "" {
		t.Errorf("the model differs: %s", diff)
	}
}

// TestService_PlanUpdate checks that settings that are not configured are cleared if possible, and
// kept otherwise.
func TestService_PlanUpdate(t *testing.T) {
	t.Parallel()
	dateUnknown := func(m *resourceModel) { m.DateUpdated = types.StringUnknown() }
	all := func(edits ...func(*resourceModel)) func(*resourceModel) {
		return func(m *resourceModel) {
			for _, edit := range edits {
				edit(m)
			}
		}
	}
	voice := func(m *resourceModel) { m.TTSName = text("alice") }
	noVoice := func(m *resourceModel) { m.TTSName = types.StringNull() }
	origins := func(values ...string) func(*resourceModel) {
		return func(m *resourceModel) { m.PasskeysRelyingPartyOrigins = originsValue(values) }
	}
	for _, test := range []struct {
		name      string
		change    func(config *resourceModel)
		uncleared map[string]string
		want      func(plan *resourceModel) // what differs from the state
	}{
		{"the same settings", voice, nil, nothing},
		{"removed", nothing, nil, all(noVoice, dateUnknown)},
		{"removed, but not cleared by Twilio", nothing, map[string]string{"tts_name": "alice"}, nothing},
		{"removed, and not cleared earlier with another value", nothing, map[string]string{"tts_name": "bob"}, all(noVoice, dateUnknown)},
		{"removed, and another setting not cleared", nothing, map[string]string{"default_template_sid": "HJ1"}, all(noVoice, dateUnknown)},
		{"set again after it was not cleared", voice, map[string]string{"tts_name": "alice"}, nothing},
		{
			"another name, which the issuer may follow", all(voice, func(m *resourceModel) { m.FriendlyName = text("Other") }), nil,
			all(func(m *resourceModel) { m.FriendlyName, m.TOTPIssuer = text("Other"), types.StringUnknown() }, dateUnknown),
		},
		{
			"another name with an issuer", all(voice, func(m *resourceModel) { m.FriendlyName, m.TOTPIssuer = text("Other"), text("Chain") }), nil,
			all(func(m *resourceModel) { m.FriendlyName = text("Other") }, dateUnknown),
		},
		{"number", all(voice, func(m *resourceModel) { m.CodeLength = types.Int64Value(8) }), nil, all(func(m *resourceModel) { m.CodeLength = types.Int64Value(8) }, dateUnknown)},
		{"unknown number", all(voice, func(m *resourceModel) { m.CodeLength = types.Int64Unknown() }), nil, all(func(m *resourceModel) { m.CodeLength = types.Int64Unknown() }, dateUnknown)},
		{"bool", all(voice, func(m *resourceModel) { m.LookupEnabled = types.BoolValue(false) }), nil, all(func(m *resourceModel) { m.LookupEnabled = types.BoolValue(false) }, dateUnknown)},
		{"unknown bool", all(voice, func(m *resourceModel) { m.LookupEnabled = types.BoolUnknown() }), nil, all(func(m *resourceModel) { m.LookupEnabled = types.BoolUnknown() }, dateUnknown)},
		{"unknown text", func(m *resourceModel) { m.TTSName = types.StringUnknown() }, nil, all(func(m *resourceModel) { m.TTSName = types.StringUnknown() }, dateUnknown)},
		{"origins", all(voice, origins("c.example")), nil, all(origins("c.example"), dateUnknown)},
		{
			"an unknown origin", all(voice, func(m *resourceModel) {
				m.PasskeysRelyingPartyOrigins = types.ListValueMust(types.StringType, append(originsValue([]string{"a"}).Elements(), types.StringUnknown()))
			}), nil,
			all(func(m *resourceModel) {
				m.PasskeysRelyingPartyOrigins = types.ListValueMust(types.StringType, append(originsValue([]string{"a"}).Elements(), types.StringUnknown()))
			}, dateUnknown),
		},
		{
			"unknown origins", all(voice, func(m *resourceModel) { m.PasskeysRelyingPartyOrigins = types.ListUnknown(types.StringType) }), nil,
			all(func(m *resourceModel) { m.PasskeysRelyingPartyOrigins = types.ListUnknown(types.StringType) }, dateUnknown),
		},
		{"sender without its prefix", all(voice, func(m *resourceModel) { m.WhatsAppFrom = text("+14155550100") }), nil, func(m *resourceModel) { m.WhatsAppFrom = text("+14155550100") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := &resourceModel{}
			config.FriendlyName, config.PasskeysRelyingPartyOrigins = text("Chain"), types.ListNull(types.StringType)
			test.change(config)
			want := heldModel()
			test.want(want)
			plan := *config // the framework proposes unknown for the rest, which planUpdate replaces
			plan.DateUpdated = types.StringUnknown()
			plan.ID, plan.SID, plan.AccountSID, plan.DateCreated, plan.URL = want.ID, want.SID, want.AccountSID, want.DateCreated, want.URL
			c := change{plan: &plan, config: config, state: heldModel(), uncleared: test.uncleared}
			c.planUpdate()
			expectModel(t, c.plan, want)
		})
	}
}

// TestService_Params checks that a create sends what is set, and an update what differs from the
// state.
func TestService_Params(t *testing.T) {
	t.Parallel()
	created := client.ServiceParams{
		FriendlyName: ptr("Chain"), CodeLength: ptr(int64(6)), LookupEnabled: ptr(true), TTSName: ptr("alice"), TOTPIssuer: ptr("Chain"),
		WhatsAppFrom: ptr("whatsapp:+14155550100"), PasskeysRelyingPartyOrigins: ptr("a.example,b.example"),
	}
	for name, test := range map[string]struct {
		change func(*resourceModel)
		state  *resourceModel
		want   client.ServiceParams
	}{
		"create":  {nothing, nil, created},
		"nothing": {nothing, heldModel(), client.ServiceParams{}},
		"name":    {func(m *resourceModel) { m.FriendlyName = text("Other") }, heldModel(), client.ServiceParams{FriendlyName: ptr("Other")}},
		"cleared": {func(m *resourceModel) { m.TTSName = types.StringNull() }, heldModel(), client.ServiceParams{TTSName: ptr("")}},
		"unknown": {func(m *resourceModel) {
			m.TTSName, m.CodeLength, m.LookupEnabled = types.StringUnknown(), types.Int64Unknown(), types.BoolUnknown()
		}, heldModel(), client.ServiceParams{}},
		"number and bool": {func(m *resourceModel) { m.CodeLength, m.LookupEnabled = types.Int64Value(8), types.BoolValue(false) }, heldModel(), client.ServiceParams{CodeLength: ptr(int64(8)), LookupEnabled: ptr(false)}},
		"other order": {func(m *resourceModel) {
			m.PasskeysRelyingPartyOrigins = originsValue([]string{"b.example", "a.example"})
		}, heldModel(), client.ServiceParams{PasskeysRelyingPartyOrigins: ptr("b.example,a.example")}},
		"no origins":         {func(m *resourceModel) { m.PasskeysRelyingPartyOrigins = types.ListNull(types.StringType) }, heldModel(), client.ServiceParams{}},
		"sender, no prefix":  {func(m *resourceModel) { m.WhatsAppFrom = text("+14155550100") }, heldModel(), client.ServiceParams{}},
		"another sender":     {func(m *resourceModel) { m.WhatsAppFrom = text("+14155550199") }, heldModel(), client.ServiceParams{WhatsAppFrom: ptr("+14155550199")}},
		"what Twilio sets":   {func(m *resourceModel) { m.DateUpdated, m.URL = text("x"), types.StringUnknown() }, heldModel(), client.ServiceParams{}},
		"what Terraform has": {func(m *resourceModel) { m.ForceDestroy = types.BoolValue(true) }, heldModel(), client.ServiceParams{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := heldModel()
			test.change(plan)
			if diff := cmp.Diff(test.want, plan.params(test.state)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestService_Complete(t *testing.T) {
	t.Parallel()
	other := held()
	other.CodeLength, other.TOTP.Issuer = ptr(int64(4)), "Other"
	for name, test := range map[string]struct {
		response *client.Service
		prior    *resourceModel
		want     func(*resourceModel) // the differences from the stored service
	}{
		"response":            {held(), nil, nothing},
		"response over prior": {other, heldModel(), func(m *resourceModel) { m.CodeLength, m.TOTPIssuer = types.Int64Value(4), text("Other") }},
		"null over prior":     {&client.Service{}, heldModel(), nothing},
		"prior":               {nil, heldModel(), nothing},
		"neither": {nil, nil, func(m *resourceModel) {
			m.CodeLength, m.TOTPIssuer, m.DateUpdated = types.Int64Null(), types.StringNull(), types.StringNull()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := heldModel(), heldModel()
			want.TTSName, got.TTSName = text("planned"), text("planned") // known values do not change
			test.want(want)
			got.CodeLength, got.TOTPIssuer, got.DateUpdated = types.Int64Unknown(), types.StringUnknown(), types.StringUnknown()
			got.complete(test.response, test.prior)
			expectModel(t, got, want)
		})
	}
}

// TestService_LookupRequired checks that skipping landlines requires lookups, which a new service
// does not have by default.
func TestService_LookupRequired(t *testing.T) {
	t.Parallel()
	on, off, null, unknown := types.BoolValue(true), types.BoolValue(false), types.BoolNull(), types.BoolUnknown()
	for _, test := range []struct {
		skip, lookup                 types.Bool
		refused, refusedAtCreateOnly bool
	}{
		{on, on, false, false},
		{on, off, true, false},
		{on, null, false, true},
		{on, unknown, false, false},
		{off, off, false, false},
		{off, null, false, false},
		{null, off, false, false},
		{unknown, off, false, false},
	} {
		m := &resourceModel{}
		m.SkipSMSToLandlines, m.LookupEnabled = test.skip, test.lookup
		var always, atCreate diag.Diagnostics
		m.validate(&always)
		change{config: m}.requireLookup(&atCreate)
		if always.HasError() != test.refused || atCreate.HasError() != test.refusedAtCreateOnly {
			t.Errorf("skip %s, lookup %s: %v, at create %v", test.skip, test.lookup, always, atCreate)
		}
	}
}

func TestService_WarnFriendlyName(t *testing.T) {
	t.Parallel()
	const long = "A name of more than thirty characters"
	for name, test := range map[string]struct {
		plan  types.String
		state *resourceModel
		warns bool
	}{
		"new":           {text("Chain"), nil, false},
		"new, too long": {text(long), nil, true},
		"unknown":       {types.StringUnknown(), nil, false},
		"changed":       {text(long), heldModel(), true},
		"kept":          {text(long), func() *resourceModel { m := heldModel(); m.FriendlyName = text(long); return m }(), false},
	} {
		plan := heldModel()
		plan.FriendlyName = test.plan
		var diags diag.Diagnostics
		change{plan: plan, state: test.state}.warnFriendlyName(&diags)
		if warns := len(diags) == 1 && diags[0].Severity() == diag.SeverityWarning; warns != test.warns {
			t.Errorf("%s: %v, want a warning: %t", name, diags, test.warns)
		}
	}
}

// privateMap is a private state in memory.
type privateMap map[string][]byte

func (p privateMap) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

// TestService_Uncleared checks that settings that Twilio did not clear are stored.
func TestService_Uncleared(t *testing.T) {
	t.Parallel()
	configured, left := &resourceModel{}, &resourceModel{}
	configured.TTSName = text("alice")
	for name, test := range map[string]struct {
		config   *resourceModel
		response *client.Service
		want     map[string]string
	}{
		"configured":  {configured, held(), nil},
		"not cleared": {left, held(), map[string]string{"tts_name": "alice"}},
		"cleared":     {left, &client.Service{}, nil},
	} {
		private, diags := privateMap{}, diag.Diagnostics{}
		change{config: test.config}.rememberUncleared(t.Context(), test.response, private, &diags)
		if diff := cmp.Diff(test.want, readUncleared(t.Context(), private, &diags)); diff != "" || len(diags) > 0 {
			t.Errorf("%s: %s %v", name, diff, diags)
		}
		if test.want == nil && private[unclearedKey] != nil {
			t.Errorf("%s: the key %s is kept", name, private[unclearedKey])
		}
	}
	var diags diag.Diagnostics
	unreadable, err := json.Marshal([]string{"tts_name"})
	if got := readUncleared(t.Context(), privateMap{unclearedKey: unreadable}, &diags); got != nil || err != nil || len(diags) > 0 {
		t.Errorf("from another form: %v, %v, %v", got, err, diags)
	}
}

func TestService_Quantity(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]string{1: "1 factor", 9: "9 factors", 10: "at least 10 factors"} {
		if got := quantity(count); got != want {
			t.Errorf("%d: got %s, want %s", count, got, want)
		}
	}
}

// TestService_DataSourceAttributes reads every attribute that the API returns, in its type in the
// resource.
func TestService_DataSourceAttributes(t *testing.T) {
	t.Parallel()
	read, managed := shared.ReadAttributes(resourceSchema(), descriptions), resourceSchema().Attributes
	for name := range managed {
		_, described := descriptions[name]
		attribute, ok := read[name]
		if ok != described || ok && (!attribute.GetType().Equal(managed[name].GetType()) || !attribute.IsComputed()) {
			t.Errorf("%s is in the data source: %t, want %t; %v", name, ok, described, attribute)
		}
	}
	if len(read) != len(descriptions) {
		t.Errorf("the data source has %d attributes, want %d", len(read), len(descriptions))
	}
}

// TestService_MoveWithoutBlocks moves a state of RJPearson94's provider without optional blocks.
func TestService_MoveWithoutBlocks(t *testing.T) {
	t.Parallel()
	got := (&rjPearson94Service{AccountSID: "AC00000000000000000000000000000001"}).service()
	if diff := cmp.Diff(&client.Service{AccountSID: "AC00000000000000000000000000000001"}, got); diff != "" {
		t.Error(diff)
	}
}
