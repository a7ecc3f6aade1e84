// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"

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

// NewDataSource returns the data source twilio_verify_webhook.
func NewDataSource() datasource.DataSource {
	return &dataSource{shared.DataSource{TypeName: TypeName}}
}

func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := shared.ReadAttributes(resourceSchema(), descriptions)
	attributes["service_sid"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: descriptions["service_sid"],
		Validators:          []validator.String{shared.ServiceSID()},
	}
	attributes["sid"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: descriptions["sid"] + " Set either this or `friendly_name`.",
		Validators:          []validator.String{shared.SID("webhook", "YW")},
	}
	attributes["friendly_name"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "Name of the webhook. The service must have exactly one webhook with this name.",
		Validators:          []validator.String{notEmpty()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one webhook of a Verify service by its SID or name. It is an error if there is no such webhook, or if several have the name.",
		Attributes:          attributes,
	}
}

func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("sid"), path.MatchRoot("friendly_name"))}
}

func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !d.Ready(&resp.Diagnostics) {
		return
	}
	webhook := d.find(ctx, &config, &resp.Diagnostics)
	if webhook == nil {
		return
	}
	data := newModel(config.ServiceSID, webhook)
	if !config.SID.IsNull() {
		data.SID = config.SID // in the user's case
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
}

// find returns the configured webhook, or adds an error and returns nil.
func (d *dataSource) find(ctx context.Context, config *model, diags *diag.Diagnostics) *client.Webhook {
	serviceSID := config.ServiceSID.ValueString()
	if config.SID.IsNull() {
		return shared.FindByName(d.ProviderData, shared.NameSearch[client.Webhook]{
			Noun: "webhook", Name: config.FriendlyName.ValueString(), Container: "Service " + serviceSID,
			Check:    "that service_sid is the service of the webhook",
			Objects:  d.Client.Webhooks(ctx, serviceSID, client.MaxPageSize),
			Describe: func(w *client.Webhook) (sid, name, dateCreated string) { return w.SID, w.FriendlyName, w.DateCreated },
			Subject:  listSubject(serviceSID),
		}, diags)
	}
	webhook, err := d.Client.FetchWebhook(ctx, serviceSID, config.SID.ValueString())
	if err != nil {
		s := newSubject("Cannot read the webhook", config)
		s.NotFoundAttribute = "sid"
		diags.Append(d.ErrorDiagnostic(err, s))
		return nil
	}
	return webhook
}
