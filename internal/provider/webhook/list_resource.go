// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

type listResource struct{ shared.Resource }

type listModel struct {
	ServiceSID   types.String `tfsdk:"service_sid"`
	FriendlyName types.String `tfsdk:"friendly_name"`
}

// NewListResource returns the list resource twilio_verify_webhook.
func NewListResource() list.ListResource {
	return &listResource{shared.Resource{TypeName: TypeName}}
}

func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the webhooks of a Verify service for `terraform query`, in the order of Twilio's API, without their URLs, which may contain credentials.",
		Attributes: map[string]schema.Attribute{
			"service_sid": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: descriptions["service_sid"],
				Validators:          []validator.String{shared.ServiceSID()},
			},
			"friendly_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Restricts the result to webhooks with exactly this name.",
				Validators:          []validator.String{notEmpty()},
			},
		},
	}
}

// List streams the webhooks. It fetches a page when Terraform has consumed the previous one.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() || !l.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	serviceSID := config.ServiceSID.ValueString()
	listing := shared.Listing[client.Webhook]{
		Objects: func(pageSize int) iter.Seq2[*client.Webhook, error] {
			return l.Client.Webhooks(ctx, serviceSID, pageSize)
		},
		Subject: listSubject(serviceSID),
	}
	if !config.FriendlyName.IsNull() {
		listing.Wanted = func(w *client.Webhook) bool {
			return shared.SameName(w.FriendlyName, config.FriendlyName.ValueString())
		}
	}
	stream.Results = listing.Stream(l.ProviderData, req.Limit, func(w *client.Webhook) list.ListResult {
		return newListResult(ctx, req, newModel(config.ServiceSID, w))
	})
}

func newListResult(ctx context.Context, req list.ListRequest, m *model) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = m.FriendlyName.ValueString()
	resourceIdentity.Set(result.Identity, m.identity())
	if req.IncludeResource {
		m.WebhookURL = types.StringNull() // a query's output must not contain a secret
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	}
	return result
}
