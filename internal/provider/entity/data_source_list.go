// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"
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

type listDataModel struct {
	ServiceSID types.String    `tfsdk:"service_sid"`
	Limit      types.Int64     `tfsdk:"limit"`
	PageSize   types.Int64     `tfsdk:"page_size"`
	Entities   []apiAttributes `tfsdk:"entities"`
}

// NewListDataSource returns the data source twilio_verify_entities.
func NewListDataSource() datasource.DataSource {
	return &listDataSource{shared.DataSource{TypeName: "twilio_verify_entities"}}
}

func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all entities of a Verify service, in the order of Twilio's API.",
		Attributes: map[string]schema.Attribute{
			"service_sid": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: descriptions["service_sid"],
				Validators:          []validator.String{shared.ServiceSID()},
			},
			"limit":     shared.Limit("entities"),
			"page_size": shared.PageSize("entities", shared.DefaultPageSize),
			"entities": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The entities.",
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
	listing := shared.Listing[client.EntityRecord]{
		Objects: func(pageSize int) iter.Seq2[*client.EntityRecord, error] {
			return d.Client.Entities(ctx, data.ServiceSID.ValueString(), pageSize)
		},
		Subject: listSubject(data.ServiceSID.ValueString()),
	}
	data.Entities = []apiAttributes{}
	for _, entity := range listing.All(d.ProviderData, data.Limit, data.PageSize, &resp.Diagnostics) {
		data.Entities = append(data.Entities, newAPIAttributes(data.ServiceSID, entity))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}
