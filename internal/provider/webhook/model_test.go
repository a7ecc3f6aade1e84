// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	serviceSID = "VA00000000000000000000000000000001"
	sid        = "YW00000000000000000000000000000001"
)

// full returns a webhook with every field.
func full() *client.Webhook {
	return &client.Webhook{
		SID: sid, AccountSID: "AC00000000000000000000000000000001", ServiceSID: serviceSID, FriendlyName: "Events",
		EventTypes: []string{"factor.deleted", "factor.created"}, Status: "disabled", Version: "v1",
		WebhookURL: "https://example.com", WebhookMethod: "POST", DateCreated: "2026-01-01T00:00:00Z", DateUpdated: "2026-01-02T00:00:00Z", URL: "https://verify.twilio.com/x",
	}
}

func TestModel_RefreshNullKeepsValues(t *testing.T) {
	t.Parallel()
	want := newModel(types.StringValue(serviceSID), full())
	got := newModel(types.StringValue(serviceSID), full())
	got.refresh(&client.Webhook{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("an empty response changes the model: %s", diff)
	}
	got = newModel(types.StringValue(serviceSID), &client.Webhook{
		SID: "other", AccountSID: "other", FriendlyName: "other", EventTypes: []string{"other"}, Status: "other", Version: "other",
		WebhookURL: "other", WebhookMethod: "other", DateCreated: "other", DateUpdated: "other", URL: "other",
	})
	got.refresh(full())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a response does not replace every attribute: %s", diff)
	}
}

func TestModel_NewLeavesEmptyNull(t *testing.T) {
	t.Parallel()
	m := newModel(types.StringValue(serviceSID), &client.Webhook{})
	m.ServiceSID = types.StringNull()
	for i, attribute := range shared.Attributes(m) {
		if !attribute.Value().IsNull() {
			t.Errorf("attribute %d is %s, want null", i, attribute.Value())
		}
	}
}

func TestModel_Complete(t *testing.T) {
	t.Parallel()
	planned := func() *model {
		m := newModel(types.StringValue(serviceSID), full())
		m.FriendlyName = types.StringValue("Planned")
		m.SID, m.URL, m.DateUpdated = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		m.ID = types.StringUnknown()
		return m
	}
	prior := newModel(types.StringValue(serviceSID), full())
	for name, c := range map[string]struct {
		response *client.Webhook
		prior    *model
		want     func(*model)
	}{
		"response": {full(), nil, func(*model) {}},
		"response over prior": {&client.Webhook{DateUpdated: "2026-01-03T00:00:00Z"}, prior, func(m *model) {
			m.DateUpdated = types.StringValue("2026-01-03T00:00:00Z")
		}},
		"prior": {nil, prior, func(*model) {}},
		"neither": {nil, nil, func(m *model) {
			m.SID, m.URL, m.DateUpdated, m.ID = types.StringNull(), types.StringNull(), types.StringNull(), types.StringNull()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := newModel(types.StringValue(serviceSID), full())
			want.FriendlyName = types.StringValue("Planned") // known values do not change
			c.want(want)
			got := planned()
			got.complete(c.response, c.prior)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestModel_Params(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	state := newModel(types.StringValue(serviceSID), full())
	for name, c := range map[string]struct {
		change func(*model)
		state  *model
		want   client.WebhookParams
	}{
		"create": {func(*model) {}, nil, client.WebhookParams{
			FriendlyName: text("Events"), EventTypes: []string{"factor.created", "factor.deleted"}, WebhookURL: text("https://example.com"),
			Status: text("disabled"), Version: text("v1"),
		}},
		"nothing":    {func(*model) {}, state, client.WebhookParams{}},
		"name":       {func(m *model) { m.FriendlyName = types.StringValue("B") }, state, client.WebhookParams{FriendlyName: text("B")}},
		"events":     {func(m *model) { m.EventTypes = eventTypesValue([]string{"*"}) }, state, client.WebhookParams{EventTypes: []string{"*"}}},
		"same set":   {func(m *model) { m.EventTypes = eventTypesValue([]string{"factor.created", "factor.deleted"}) }, state, client.WebhookParams{}},
		"URL":        {func(m *model) { m.WebhookURL = types.StringValue("https://b") }, state, client.WebhookParams{WebhookURL: text("https://b")}},
		"status":     {func(m *model) { m.Status = types.StringValue("enabled") }, state, client.WebhookParams{Status: text("enabled")}},
		"version":    {func(m *model) { m.Version = types.StringValue("v2") }, state, client.WebhookParams{Version: text("v2")}},
		"only dates": {func(m *model) { m.DateUpdated = types.StringUnknown() }, state, client.WebhookParams{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := newModel(types.StringValue(serviceSID), full())
			c.change(plan)
			if diff := cmp.Diff(c.want, plan.params(c.state)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEventTypes_Value(t *testing.T) {
	t.Parallel()
	got := shared.Strings(eventTypesValue([]string{"b.c", "a.b", "b.c"}).Elements())
	if diff := cmp.Diff([]string{"a.b", "b.c"}, got); diff != "" {
		t.Errorf("duplicates or the order matter: %s", diff)
	}
}
