// SPDX-License-Identifier: MPL-2.0

package entity

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
	ServiceSID types.String `tfsdk:"service_sid"`
}

// NewListResource returns the list resource twilio_verify_entity.
func NewListResource() list.ListResource {
	return &listResource{shared.Resource{TypeName: TypeName}}
}

func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the entities of a Verify service for `terraform query`, in the order of Twilio's API.",
		Attributes: map[string]schema.Attribute{
			"service_sid": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: descriptions["service_sid"],
				Validators:          []validator.String{shared.ServiceSID()},
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
	serviceSID := config.ServiceSID.ValueString()
	stream.Results = shared.Listing[client.EntityRecord]{
		Objects: func(pageSize int) iter.Seq2[*client.EntityRecord, error] {
			return l.Client.Entities(ctx, serviceSID, pageSize)
		},
		Subject: listSubject(serviceSID),
	}.Stream(l.ProviderData, req.Limit, func(e *client.EntityRecord) list.ListResult {
		return newListResult(ctx, req, newAPIAttributes(config.ServiceSID, e))
	})
}

func newListResult(ctx context.Context, req list.ListRequest, a apiAttributes) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = a.Identity.ValueString()
	resourceIdentity.Set(result.Identity, a.identity())
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &resourceModel{apiAttributes: a})...)
	}
	return result
}
