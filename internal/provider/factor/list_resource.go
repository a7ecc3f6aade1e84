// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

type listResource struct{ shared.Resource }

type listModel struct {
	ServiceSID types.String `tfsdk:"service_sid"`
	Identity   types.String `tfsdk:"identity"`
	FactorType types.String `tfsdk:"factor_type"`
	Status     types.String `tfsdk:"status"`
}

// NewListResource returns the list resource twilio_verify_factor.
func NewListResource() list.ListResource { return &listResource{} }

func (l *listResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = TypeName
}

func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the factors of an identity, or of all identities of a service, for `terraform query`, in the order of Twilio's API, without their secrets. " +
			"`passkeys` factors are left out, because the resource does not manage them." + describeRequests,
		Attributes: map[string]schema.Attribute{
			"service_sid": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: describeServiceSID,
				Validators:          []validator.String{shared.ServiceSID()},
			},
			"identity": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: describeListedIdentity,
				Validators:          []validator.String{shared.Identity()},
			},
			"factor_type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only factors of this type: `totp` or `push`.",
				Validators:          []validator.String{shared.OneOf(string(client.FactorTypeTOTP), string(client.FactorTypePush))},
			},
			"status": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only factors with this status: `unverified` or `verified`.",
				Validators:          []validator.String{anyStatus()},
			},
		},
	}
}

// List streams the factors. It fetches a page when Terraform has consumed the previous one.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	if config.Identity.IsUnknown() {
		// Only a null identity selects all identities.
		diags.AddAttributeError(path.Root("identity"), "Unknown identity", "The factors cannot be listed while identity is unknown. Set it to a known value, or remove it to list the whole service.")
	}
	if diags.HasError() || !l.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	entity := client.Entity{ServiceSID: config.ServiceSID.ValueString(), Identity: config.Identity.ValueString()}
	wanted := filter{factorType: config.FactorType.ValueString(), status: config.Status.ValueString()}
	stream.Results = func(push func(list.ListResult) bool) {
		sent := int64(0)
		for factor, err := range listFactors(ctx, l.ProviderData, entity, pageSizeFor(req.Limit, wanted, entity)) {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{l.ErrorDiagnostic(err, listSubject(entity))}})
				return
			}
			if factor.FactorType == client.FactorTypePasskeys || !wanted.matches(factor) {
				continue
			}
			if !push(l.result(ctx, req, entity, factor)) {
				return
			}
			if sent++; req.Limit > 0 && sent >= req.Limit {
				return
			}
		}
	}
}

// pageSizeFor returns a page size that is no larger than the limit, if no factor can be filtered
// out. For a whole service it returns the maximum, to need one request for each identity.
func pageSizeFor(limit int64, f filter, entity client.Entity) int {
	if limit <= 0 || f != (filter{}) || entity.Identity == "" {
		return client.MaxPageSize
	}
	return int(min(limit, client.MaxPageSize))
}

func (l *listResource) result(ctx context.Context, req list.ListRequest, entity client.Entity, factor *client.Factor) list.ListResult {
	listed := newDataModel(entity, factor)
	result := req.NewListResult(ctx)
	result.DisplayName = fmt.Sprintf("%s (%s)", factor.FriendlyName, factor.FactorType)
	result.Diagnostics.Append(result.Identity.Set(ctx, listed.identityModel())...)
	if req.IncludeResource {
		m := resourceModel{apiAttributes: listed.apiAttributes}
		m.ID = types.StringValue(m.importID())
		m.ConfigNotificationToken = types.StringNull() // a query's output must not contain a secret
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	}
	return result
}
