// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// apiAttributes are the attributes that the API returns.
type apiAttributes struct {
	ID          types.String `tfsdk:"id"`
	SID         types.String `tfsdk:"sid"`
	AccountSID  types.String `tfsdk:"account_sid"`
	ServiceSID  types.String `tfsdk:"service_sid"`
	Identity    types.String `tfsdk:"identity"`
	DateCreated types.String `tfsdk:"date_created"`
	DateUpdated types.String `tfsdk:"date_updated"`
	URL         types.String `tfsdk:"url"`
}

type resourceModel struct {
	apiAttributes

	ForceDestroy types.Bool `tfsdk:"force_destroy"`
}

var codec = fwshim.NewCodec[resourceModel](resourceSchema)

// newAPIAttributes returns an entity as the API returned it. A field that is missing or null is
// null.
func newAPIAttributes(serviceSID types.String, e *client.EntityRecord) apiAttributes {
	a := apiAttributes{
		SID:         shared.OptionalString(e.SID),
		AccountSID:  shared.OptionalString(e.AccountSID),
		ServiceSID:  serviceSID,
		Identity:    shared.OptionalString(e.Identity),
		DateCreated: shared.OptionalString(e.DateCreated),
		DateUpdated: shared.OptionalString(e.DateUpdated),
		URL:         shared.OptionalString(e.URL),
	}
	a.setID()
	return a
}

func (a *apiAttributes) setID() {
	a.ID = types.StringValue(shared.ImportID(a.identity()))
}

// identity is the resource identity.
func (a *apiAttributes) identity() []types.String { return []types.String{a.ServiceSID, a.Identity} }

func (a *apiAttributes) entity() client.Entity {
	return client.Entity{ServiceSID: a.ServiceSID.ValueString(), Identity: a.Identity.ValueString()}
}

// name returns the SID, or the identity if the SID is not known, as after an import.
func (a *apiAttributes) name() string {
	if shared.Set(a.SID) {
		return a.SID.ValueString()
	}
	return a.Identity.ValueString()
}

// refresh copies the values that the API returned. Null in the response keeps the value. The
// identity keeps the user's case.
func (m *resourceModel) refresh(e *client.EntityRecord) {
	response, identity := newAPIAttributes(m.ServiceSID, e), m.Identity
	shared.Merge(&m.apiAttributes, &response)
	m.Identity = identity
	m.setID()
}

// complete turns a plan into a state with Twilio's values.
func (m *resourceModel) complete(held apiAttributes) {
	shared.ReplaceUnknown(&m.apiAttributes, &held)
	m.setID()
}
