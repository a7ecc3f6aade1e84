// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

var _ datasource.DataSourceWithConfigure = (*factorDataSource)(nil)

type factorDataSource struct {
	conn *connection
}

// factorDataModel is a factor that is only read.
type factorDataModel struct {
	factorAttributes
	ConfigJSON types.String `tfsdk:"config_json"`
}

func newFactorDataSource() datasource.DataSource { return &factorDataSource{} }

func (d *factorDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = factorTypeName
}

func (d *factorDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := listedFactorAttributes()
	attributes["config_notification_token"] = schema.StringAttribute{
		Computed:            true,
		Sensitive:           true,
		MarkdownDescription: describeConfigNotificationToken,
	}
	attributes["service_sid"] = entityServiceSID()
	attributes["identity"] = entityIdentity()
	attributes["sid"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: describeSID,
		Validators:          []validator.String{factorSIDValidator()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one factor, of any type. Its secret is not among the attributes: Twilio returns it only at creation. It is an error if the factor does not exist.",
		Attributes:          attributes,
	}
}

// entityServiceSID and entityIdentity are how a data source is told whose
// factors to read.
func entityServiceSID() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: describeServiceSID,
		Validators:          []validator.String{serviceSIDValidator()},
	}
}

func entityIdentity() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: describeIdentity,
		Validators:          []validator.String{identityValidator()},
	}
}

func (d *factorDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *factorDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data factorDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() || !d.conn.ready(&resp.Diagnostics) {
		return
	}
	factor, err := d.conn.FetchFactor(ctx, data.entity(), data.SID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(d.conn.errorDiagnostic(err, subject{
			summary:    "Cannot read the factor",
			what:       fmt.Sprintf("%s of identity %q in service %s", data.SID.ValueString(), data.Identity.ValueString(), data.ServiceSID.ValueString()),
			attributes: map[string]bool{"sid": true, "service_sid": true, "identity": true},
		}))
		return
	}
	data.read(factor)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// read takes over a factor whole. What the user asked by stays as it was written.
func (d *factorDataModel) read(f *client.Factor) {
	asked := d.factorAttributes
	d.factorAttributes = factorAttributes{}
	d.ServiceSID, d.Identity, d.Metadata = asked.ServiceSID, asked.Identity, metadataValue(f.Metadata)
	d.refresh(f)
	if !asked.SID.IsNull() {
		d.SID = asked.SID
	}
	d.ConfigJSON = optional(f.ConfigRest())
}
