// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// model is a webhook, in the resource and in the data source.
type model struct {
	ID            types.String `tfsdk:"id"`
	SID           types.String `tfsdk:"sid"`
	AccountSID    types.String `tfsdk:"account_sid"`
	ServiceSID    types.String `tfsdk:"service_sid"`
	FriendlyName  types.String `tfsdk:"friendly_name"`
	EventTypes    types.Set    `tfsdk:"event_types"`
	WebhookURL    types.String `tfsdk:"webhook_url"`
	Status        types.String `tfsdk:"status"`
	Version       types.String `tfsdk:"version"`
	WebhookMethod types.String `tfsdk:"webhook_method"`
	DateCreated   types.String `tfsdk:"date_created"`
	DateUpdated   types.String `tfsdk:"date_updated"`
	URL           types.String `tfsdk:"url"`
}

var codec = fwshim.NewCodec[model](resourceSchema)

// identity is the resource identity.
func (m *model) identity() []types.String { return []types.String{m.ServiceSID, m.SID} }

// newModel returns a webhook as the API returned it. A field that is missing or null is null.
func newModel(serviceSID types.String, w *client.Webhook) *model {
	m := &model{
		SID:           shared.OptionalString(w.SID),
		AccountSID:    shared.OptionalString(w.AccountSID),
		ServiceSID:    serviceSID,
		FriendlyName:  shared.OptionalString(w.FriendlyName),
		EventTypes:    eventTypesValue(w.EventTypes),
		WebhookURL:    shared.OptionalString(w.WebhookURL),
		Status:        shared.OptionalString(w.Status),
		Version:       shared.OptionalString(w.Version),
		WebhookMethod: shared.OptionalString(w.WebhookMethod),
		DateCreated:   shared.OptionalString(w.DateCreated),
		DateUpdated:   shared.OptionalString(w.DateUpdated),
		URL:           shared.OptionalString(w.URL),
	}
	m.setID()
	return m
}

// setID sets the ID to the SIDs. A webhook whose create has an unknown outcome has no ID.
func (m *model) setID() {
	m.ID = types.StringNull()
	if shared.Set(m.SID) {
		m.ID = types.StringValue(shared.ImportID(m.identity()))
	}
}

// refresh copies the values that the API returned. Null in the response keeps the value.
func (m *model) refresh(w *client.Webhook) {
	shared.Merge(m, newModel(m.ServiceSID, w))
	m.setID()
}

// complete turns a plan into a state. Known values do not change. Values that were left to Twilio
// come from the response or, if it does not have them, from the prior state; otherwise they are
// null. w is nil if there was no response, and prior is nil if there was no state.
func (m *model) complete(w *client.Webhook, prior *model) {
	values := newModel(m.ServiceSID, &client.Webhook{})
	if prior != nil {
		*values = *prior
	}
	if w != nil {
		values.refresh(w)
	}
	shared.ReplaceUnknown(m, values)
	m.setID()
}

// params returns the parameters that differ from the state, or all of them if state is nil.
func (m *model) params(state *model) client.WebhookParams {
	if state == nil {
		state = newModel(m.ServiceSID, &client.Webhook{})
	}
	params := client.WebhookParams{
		FriendlyName: shared.ChangedString(m.FriendlyName, state.FriendlyName),
		WebhookURL:   shared.ChangedString(m.WebhookURL, state.WebhookURL),
		Status:       shared.ChangedString(m.Status, state.Status),
		Version:      shared.ChangedString(m.Version, state.Version),
	}
	if !m.EventTypes.Equal(state.EventTypes) {
		params.EventTypes = slices.Sorted(slices.Values(shared.Strings(m.EventTypes.Elements())))
	}
	return params
}

func eventTypesValue(events []string) types.Set {
	if len(events) == 0 {
		return types.SetNull(types.StringType)
	}
	unique := slices.Compact(slices.Sorted(slices.Values(events)))
	return types.SetValueMust(types.StringType, shared.StringValues(unique))
}
