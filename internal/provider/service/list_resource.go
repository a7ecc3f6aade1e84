// SPDX-License-Identifier: MPL-2.0

package service

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
	FriendlyName types.String `tfsdk:"friendly_name"`
}

// NewListResource returns the list resource twilio_verify_service.
func NewListResource() list.ListResource {
	return &listResource{shared.Resource{TypeName: TypeName}}
}

func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the Verify services of the account for `terraform query`, in the order of Twilio's API.",
		Attributes: map[string]schema.Attribute{
			"friendly_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Restricts the result to services with exactly this name.",
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
	listing := newListing(ctx, l.ProviderData, config.FriendlyName)
	stream.Results = listing.Stream(l.ProviderData, req.Limit, func(s *client.Service) list.ListResult { return newListResult(ctx, req, s) })
}

// newListing describes the services of the account, or only those with the given name if it is not
// null.
func newListing(ctx context.Context, data *shared.ProviderData, friendlyName types.String) shared.Listing[client.Service] {
	listing := shared.Listing[client.Service]{
		Objects: func(pageSize int) iter.Seq2[*client.Service, error] { return data.Client.Services(ctx, pageSize) },
		Subject: listSubject(),
	}
	if !friendlyName.IsNull() {
		listing.Wanted = func(s *client.Service) bool { return shared.SameName(s.FriendlyName, friendlyName.ValueString()) }
	}
	return listing
}

func newListResult(ctx context.Context, req list.ListRequest, service *client.Service) list.ListResult {
	m := resourceModel{apiAttributes: newAPIAttributes(service)}
	result := req.NewListResult(ctx)
	result.DisplayName = service.FriendlyName
	resourceIdentity.Set(result.Identity, m.identity())
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	}
	return result
}
