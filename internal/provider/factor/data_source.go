// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

type dataSource struct{ shared.DataSource }

// dataModel is the model of the data source.
type dataModel struct {
	apiAttributes
	ConfigJSON types.String `tfsdk:"config_json"`
}

// NewDataSource returns the data source twilio_verify_factor.
func NewDataSource() datasource.DataSource {
	return &dataSource{shared.DataSource{TypeName: TypeName}}
}

func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := readAttributes()
	maps.Copy(attributes, Declaration.ContainerAttributes())
	attributes["sid"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: descriptions["sid"],
		Validators:          []validator.String{shared.FactorSID()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one factor of any type. " +
			"Its secret is not included, because Twilio returns it only in the response to the create. It is an error if the factor does not exist.",
		Attributes: attributes,
	}
}

func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() || !d.Ready(&resp.Diagnostics) {
		return
	}
	factor, err := client.Factors.Fetch(ctx, d.Client, data.ServiceSID.ValueString(), data.Identity.ValueString(), data.SID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(d.ErrorDiagnostic(err, shared.Subject{
			Noun:    Declaration.CompleteNoun(),
			Summary: "Cannot read the factor",
			What: fmt.Sprintf("%s of identity %q in service %s", data.SID.ValueString(), data.Identity.ValueString(),
				data.ServiceSID.ValueString()),
			Attributes: map[string]bool{"sid": true, "service_sid": true, "identity": true},
		}))
		return
	}
	data.read(factor)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// read copies a factor. The attributes that select the factor keep the user's spelling.
func (d *dataModel) read(f *client.Factor) {
	configured := d.apiAttributes
	d.apiAttributes = newAPIAttributes(f)
	d.ServiceSID, d.Identity = configured.ServiceSID, configured.Identity
	if !configured.SID.IsNull() {
		d.SID = configured.SID
	}
	d.ConfigJSON = shared.OptionalString(f.ConfigRest())
}
