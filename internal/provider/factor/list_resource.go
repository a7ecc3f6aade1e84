// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

type listResource struct{ shared.Resource }

// NewListResource returns the list resource twilio_verify_factor.
func NewListResource() list.ListResource {
	return &listResource{shared.Resource{TypeName: TypeName}}
}

func (l *listResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the factors of an identity, or of all identities of a service, for `terraform query`, " +
			"in the order of Twilio's API, without their secrets. " +
			"`passkeys` factors are left out, because the resource does not manage them." + describeRequests,
		Attributes: map[string]schema.Attribute{
			"service_sid": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: descriptions["service_sid"],
				Validators:          []validator.String{shared.ServiceSID()},
			},
			"identity": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: describeListedIdentity(),
				Validators:          []validator.String{shared.Identity()},
			},
			"factor_type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Restricts the result to factors of this type: `totp` or `push`.",
				Validators:          []validator.String{shared.OneOf(string(client.FactorTypeTOTP), string(client.FactorTypePush))},
			},
			"status": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Restricts the result to factors with this status: `unverified` or `verified`.",
				Validators:          []validator.String{anyStatus()},
			},
		},
	}
}

func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config selection
	diags := req.Config.Get(ctx, &config)
	if config.Identity.IsUnknown() {
		// Only a null identity selects all identities.
		diags.AddAttributeError(path.Root("identity"), "Unknown identity", "The factors cannot be listed while identity is unknown. "+
			"Set it to a known value, or remove it to list the whole service.")
	}
	if diags.HasError() || !l.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	entity, listing := config.entity(), config.listing(ctx, l.ProviderData)
	objects := listing.Objects
	listing.Objects = func(pageSize int) iter.Seq2[*client.Factor, error] {
		if entity.Identity == "" {
			pageSize = client.MaxPageSize // so each identity takes one request
		}
		return manageable(objects(pageSize))
	}
	stream.Results = listing.Stream(l.ProviderData, req.Limit, func(f *client.Factor) list.ListResult { return l.result(ctx, req, entity, f) })
}

// manageable leaves out passkeys factors, which the resource does not manage.
func manageable(factors iter.Seq2[*client.Factor, error]) iter.Seq2[*client.Factor, error] {
	return func(yield func(*client.Factor, error) bool) {
		for factor, err := range factors {
			if err == nil && factor.FactorType == client.FactorTypePasskeys {
				continue
			}
			if !yield(factor, err) {
				return
			}
		}
	}
}

func (l *listResource) result(ctx context.Context, req list.ListRequest, entity client.EntityID, factor *client.Factor) list.ListResult {
	listed := newDataModel(entity, factor)
	result := req.NewListResult(ctx)
	result.DisplayName = fmt.Sprintf("%s (%s)", factor.FriendlyName, factor.FactorType)
	Declaration.Identity().Set(result.Identity, listed.identity())
	if req.IncludeResource {
		m := resourceModel{apiAttributes: listed.apiAttributes}
		m.ID = types.StringValue(m.importID())
		m.ConfigNotificationToken = types.StringNull() // a query's output must not contain a secret
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	}
	return result
}
