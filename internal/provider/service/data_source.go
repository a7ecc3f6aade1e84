// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ datasource.DataSourceWithConfigValidators = (*dataSource)(nil)

type dataSource struct{ shared.DataSource }

// NewDataSource returns the data source twilio_verify_service.
func NewDataSource() datasource.DataSource {
	return &dataSource{shared.DataSource{TypeName: TypeName}}
}

func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := shared.ReadAttributes(resourceSchema(), descriptions)
	attributes["sid"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: descriptions["sid"] + " Set either this or `friendly_name`.",
		Validators:          []validator.String{shared.ServiceSID()},
	}
	attributes["friendly_name"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "Name of the service. The account must have exactly one service with this name.",
		Validators:          []validator.String{notEmpty()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one Verify service by its SID or name. It is an error if there is no such service, or if several have the name.",
		Attributes:          attributes,
	}
}

func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("sid"), path.MatchRoot("friendly_name"))}
}

func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data apiAttributes
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() || !d.Ready(&resp.Diagnostics) {
		return
	}
	service := d.find(ctx, data, &resp.Diagnostics)
	if service == nil {
		return
	}
	configured := data.SID
	data = newAPIAttributes(service)
	if !configured.IsNull() {
		data.SID = configured // in the user's case
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// find returns the configured service, or adds an error and returns nil.
func (d *dataSource) find(ctx context.Context, configured apiAttributes, diags *diag.Diagnostics) *client.Service {
	if configured.SID.IsNull() {
		return d.findByName(ctx, configured.FriendlyName.ValueString(), diags)
	}
	service, err := d.Client.FetchService(ctx, configured.SID.ValueString())
	if err != nil {
		s := newSubject("Cannot read the service", &resourceModel{apiAttributes: apiAttributes{SID: configured.SID}})
		s.NotFoundAttribute = "sid"
		diags.Append(d.ErrorDiagnostic(err, s))
		return nil
	}
	return service
}

func (d *dataSource) findByName(ctx context.Context, name string, diags *diag.Diagnostics) *client.Service {
	return shared.FindByName(d.ProviderData, shared.NameSearch[client.Service]{
		Noun: "service", Name: name, Container: "The account",
		Check:    fmt.Sprintf("that the credentials (%s) belong to the account of the service", d.Credentials.Source),
		Objects:  d.Client.Services(ctx, client.MaxPageSize),
		Describe: func(s *client.Service) (sid, name, dateCreated string) { return s.SID, s.FriendlyName, s.DateCreated },
		Subject:  listSubject(),
	}, diags)
}
