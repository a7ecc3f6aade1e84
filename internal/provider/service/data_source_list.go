// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

type listDataSource struct{ shared.DataSource }

type listDataModel struct {
	FriendlyName types.String    `tfsdk:"friendly_name"`
	Limit        types.Int64     `tfsdk:"limit"`
	PageSize     types.Int64     `tfsdk:"page_size"`
	Services     []apiAttributes `tfsdk:"services"`
}

// NewListDataSource returns the data source twilio_verify_services.
func NewListDataSource() datasource.DataSource {
	return &listDataSource{shared.DataSource{TypeName: "twilio_verify_services"}}
}

func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all Verify services of the account, in the order of Twilio's API.",
		Attributes: map[string]schema.Attribute{
			"friendly_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Restricts the result to services with exactly this name.",
				Validators:          []validator.String{notEmpty()},
			},
			"limit":     shared.Limit("services"),
			"page_size": shared.PageSize("services", shared.DefaultPageSize),
			"services": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The services.",
				NestedObject:        schema.NestedAttributeObject{Attributes: shared.ReadAttributes(resourceSchema(), descriptions)},
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
	listing := newListing(ctx, d.ProviderData, data.FriendlyName)
	data.Services = []apiAttributes{}
	for _, service := range listing.All(d.ProviderData, data.Limit, data.PageSize, &resp.Diagnostics) {
		data.Services = append(data.Services, newAPIAttributes(service))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

func listSubject() shared.Subject {
	return shared.Subject{Noun: noun, Summary: "Cannot list the services", What: "the services of the account"}
}
