// SPDX-License-Identifier: MPL-2.0

// Package accesstoken implements the ephemeral resource twilio_verify_access_token.
package accesstoken

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ ephemeral.EphemeralResourceWithConfigure = (*accessToken)(nil)

type accessToken struct{ shared.EphemeralResource }

type model struct {
	ServiceSID         types.String `tfsdk:"service_sid"`
	Identity           types.String `tfsdk:"identity"`
	FactorFriendlyName types.String `tfsdk:"factor_friendly_name"`
	TTL                types.Int64  `tfsdk:"ttl"`
	Token              types.String `tfsdk:"token"`
	SID                types.String `tfsdk:"sid"`
	ExpiresAt          types.String `tfsdk:"expires_at"`
}

// NewEphemeralResource returns the ephemeral resource twilio_verify_access_token.
func NewEphemeralResource() ephemeral.EphemeralResource { return &accessToken{} }

func (a *accessToken) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify_access_token"
}

func (a *accessToken) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Creates an access token with which the Verify SDK on a device registers one push factor for an identity. " +
			"Anyone who has the token can register a device for the identity until the token expires.\n\n" +
			"Terraform opens the ephemeral resource at plan and again at apply, and creates a new token each time. " +
			"Each token expires after `ttl`. " +
			"The token is in neither the plan nor the state.",
		Attributes: map[string]schema.Attribute{
			"service_sid": shared.Required("SID of the Verify service: `VA` followed by 32 hexadecimal digits.", shared.ServiceSID()),
			"identity": shared.Required("Identity of the entity that the device's factor will belong to: 8 to 64 letters, digits, and dashes.",
				shared.Identity()),
			"factor_friendly_name": shared.Optional("Friendly name of the factor that the device creates, "+
				"such as the name of the device: 1 to 64 characters.", stringvalidator.UTF8LengthBetween(1, 64)),
			"ttl":   shared.Number("Validity of the token in seconds: 60 to 300. Defaults to 60.", int64validator.Between(60, 300)),
			"token": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "Access token, an encrypted JSON Web Token."},
			"sid": schema.StringAttribute{
				Computed: true, MarkdownDescription: "SID of the access token: `YK` followed by 32 hexadecimal digits.",
			},
			"expires_at": schema.StringAttribute{Computed: true, MarkdownDescription: "Time at which the token expires (RFC 3339, UTC)."},
		},
	}
}

func (a *accessToken) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !a.Ready(&resp.Diagnostics) {
		return
	}
	entity := client.EntityID{ServiceSID: m.ServiceSID.ValueString(), Identity: m.Identity.ValueString()}
	token, err := a.Client.CreateAccessToken(ctx, entity, m.FactorFriendlyName.ValueStringPointer(), m.TTL.ValueInt64Pointer())
	switch {
	case err != nil:
		resp.Diagnostics.Append(a.ErrorDiagnostic(err, subject(entity)))
		return
	case a.ReportOtherAccount("service", entity.ServiceSID, token.AccountSID, "", &resp.Diagnostics):
		return
	}
	m.Token = types.StringValue(token.Token)
	m.SID = types.StringValue(token.SID)
	m.ExpiresAt = types.StringValue(token.Expires.Format(time.RFC3339))
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

var noun = &shared.Noun{
	AttributeByParameter: []shared.ParameterAttribute{
		{Parameter: "factorfriendlyname", Attribute: "factor_friendly_name"},
		{Parameter: "servicesid", Attribute: "service_sid"},
		{Parameter: "identity", Attribute: "identity"},
		{Parameter: "ttl", Attribute: "ttl"},
	},
}

func subject(entity client.EntityID) shared.Subject {
	return shared.Subject{
		Noun:              noun,
		Summary:           "Cannot create the access token",
		What:              fmt.Sprintf("identity %q in service %s", entity.Identity, entity.ServiceSID),
		NotFoundAttribute: "service_sid",
	}
}
