// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

type listDataSource struct{ shared.DataSource }

// selection selects the factors of a list.
type selection struct {
	ServiceSID types.String `tfsdk:"service_sid"`
	Identity   types.String `tfsdk:"identity"`
	FactorType types.String `tfsdk:"factor_type"`
	Status     types.String `tfsdk:"status"`
}

type listDataModel struct {
	selection
	Limit    types.Int64   `tfsdk:"limit"`
	PageSize types.Int64   `tfsdk:"page_size"`
	Factors  []listElement `tfsdk:"factors"`
}

// listElement is a factor in the list.
type listElement struct {
	listAttributes
	ConfigJSON types.String `tfsdk:"config_json"`
}

// NewListDataSource returns the data source twilio_verify_factors.
func NewListDataSource() datasource.DataSource {
	return &listDataSource{shared.DataSource{TypeName: "twilio_verify_factors"}}
}

func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := readAttributes()
	delete(attributes, "config_notification_token") // see listAttributes
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all factors of an identity, or of all identities of a service, in the order of Twilio's API, " +
			"without their notification tokens. The data source `twilio_verify_factor` reads one factor with its token." + describeRequests,
		Attributes: map[string]schema.Attribute{
			"service_sid": Declaration.ContainerAttributes()["service_sid"],
			"identity": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: describeListedIdentity(),
				Validators:          []validator.String{shared.Identity()},
			},
			"factor_type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Restricts the result to factors of this type: `totp`, `push`, or `passkeys`.",
				Validators:          []validator.String{anyFactorType()},
			},
			"status": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Restricts the result to factors with this status: `unverified` or `verified`.",
				Validators:          []validator.String{anyStatus()},
			},
			"limit":     shared.Limit("factors"),
			"page_size": shared.PageSize("factors", "Defaults to 50, Twilio's default, or to 1,000 without `identity`."),
			"factors": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The factors.",
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
			},
		},
	}
}

func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data listDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() || !d.Ready(&resp.Diagnostics) {
		return
	}
	data.Factors = []listElement{}
	for _, factor := range data.listing(ctx, d.ProviderData).All(d.ProviderData, data.Limit, data.PageSize, &resp.Diagnostics) {
		listed := newDataModel(data.entity(), factor)
		data.Factors = append(data.Factors, listElement{listed.listAttributes, listed.ConfigJSON})
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// newDataModel returns a factor in a list, with the service and identity of the list request. If
// the request has no identity, the factor's own is used.
func newDataModel(entity client.EntityID, f *client.Factor) dataModel {
	var data dataModel
	data.ServiceSID, data.Identity = types.StringValue(entity.ServiceSID), types.StringValue(cmp.Or(entity.Identity, f.Identity))
	data.read(f)
	return data
}

// listFactors iterates over the factors of an entity or, without an identity, of a service. If the
// service exists, an entity that does not exist has no factors: the first one creates it.
func listFactors(ctx context.Context, data *shared.ProviderData, entity client.EntityID, pageSize int) iter.Seq2[*client.Factor, error] {
	if entity.Identity == "" {
		return data.Client.ServiceFactors(ctx, entity.ServiceSID, cmp.Or(pageSize, client.MaxPageSize))
	}
	return func(yield func(*client.Factor, error) bool) {
		for factor, err := range client.Factors.All(ctx, data.Client, pageSize, entity.ServiceSID, entity.Identity) {
			if client.IsNotFound(err) {
				if _, serviceErr := data.Service(ctx, entity.ServiceSID); serviceErr == nil {
					return
				}
			}
			if !yield(factor, err) {
				return
			}
		}
	}
}

func (s selection) entity() client.EntityID {
	return client.EntityID{ServiceSID: s.ServiceSID.ValueString(), Identity: s.Identity.ValueString()}
}

// listing describes the selected factors.
func (s selection) listing(ctx context.Context, data *shared.ProviderData) shared.Listing[*client.Factor] {
	return shared.Listing[*client.Factor]{
		Objects: func(pageSize int) iter.Seq2[*client.Factor, error] {
			return listFactors(ctx, data, s.entity(), pageSize)
		},
		Wanted:  s.wanted(),
		Subject: listSubject(s.entity()),
	}
}

// wanted returns a function that selects factors by type and status, because the API has no
// filters. Null matches any factor.
func (s selection) wanted() func(*client.Factor) bool {
	if s.FactorType.IsNull() && s.Status.IsNull() {
		return nil
	}
	return func(f *client.Factor) bool {
		return (s.FactorType.IsNull() || s.FactorType.ValueString() == string(f.FactorType)) &&
			(s.Status.IsNull() || s.Status.ValueString() == string(f.Status))
	}
}

func listSubject(entity client.EntityID) shared.Subject {
	what := "service " + entity.ServiceSID
	if entity.Identity != "" {
		what = fmt.Sprintf("identity %q in %s", entity.Identity, what)
	}
	return shared.Subject{
		Noun:       Declaration.CompleteNoun(),
		Summary:    "Cannot list the factors",
		What:       what,
		Attributes: map[string]bool{"service_sid": true, "identity": entity.Identity != ""},
	}
}
