// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

type listResource struct{ shared.Resource }

type listModel struct {
	FriendlyName types.String `tfsdk:"friendly_name"`
}

// NewListResource returns the list resource twilio_verify_service.
func NewListResource() list.ListResource { return &listResource{} }

func (l *listResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = TypeName
}

func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the Verify services of the account for `terraform query`, in the order of Twilio's API.",
		Attributes: map[string]schema.Attribute{
			"friendly_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only services with exactly this name.",
				Validators:          []validator.String{notEmpty()},
			},
		},
	}
}

func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() || !l.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	listing := shared.Listing[client.Service]{
		Objects: func(pageSize int) iter.Seq2[*client.Service, error] { return l.Client.Services(ctx, pageSize) },
		Result:  func(s *client.Service) list.ListResult { return newListResult(ctx, req, s) },
		Subject: listSubject(),
	}
	if !config.FriendlyName.IsNull() {
		listing.Wanted = func(s *client.Service) bool { return s.FriendlyName == config.FriendlyName.ValueString() }
	}
	stream.Results = listing.Stream(l.ProviderData, req.Limit)
}

func newListResult(ctx context.Context, req list.ListRequest, service *client.Service) list.ListResult {
	m := resourceModel{apiAttributes: newAPIAttributes(service)}
	result := req.NewListResult(ctx)
	result.DisplayName = service.FriendlyName
	result.Diagnostics.Append(result.Identity.Set(ctx, m.identityModel())...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	}
	return result
}
