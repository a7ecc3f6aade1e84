// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
				MarkdownDescription: "Only services of exactly this name.",
				Validators:          []validator.String{notEmpty()},
			},
		},
	}
}

// List streams the services: a page is fetched when Terraform has taken the one before.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() || !l.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	pageSize := client.MaxPageSize
	if config.FriendlyName.IsNull() && req.Limit > 0 {
		pageSize = int(min(req.Limit, client.MaxPageSize))
	}
	stream.Results = func(push func(list.ListResult) bool) {
		sent := int64(0)
		for service, err := range l.Client.Services(ctx, pageSize) {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{l.ErrorDiagnostic(err, listSubject())}})
				return
			}
			if !config.FriendlyName.IsNull() && service.FriendlyName != config.FriendlyName.ValueString() {
				continue
			}
			if !push(newListResult(ctx, req, service)) {
				return
			}
			if sent++; req.Limit > 0 && sent >= req.Limit {
				return
			}
		}
	}
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
