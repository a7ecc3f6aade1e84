// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"strings"
	"sync"

	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// AttributeNames returns a function that returns the names of a schema's attributes. The schema is
// read on first use.
func AttributeNames(resourceSchema func() schema.Schema) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		names := map[string]bool{}
		for name := range resourceSchema().Attributes {
			names[name] = true
		}
		return names
	})
}

// Common are the attributes that only Twilio sets, for most kinds of objects.
type Common struct {
	ID          types.String `tfsdk:"id"`
	SID         types.String `tfsdk:"sid"`
	AccountSID  types.String `tfsdk:"account_sid"`
	DateCreated types.String `tfsdk:"date_created"`
	DateUpdated types.String `tfsdk:"date_updated"`
	URL         types.String `tfsdk:"url"`
}

// ComputedAttributes returns attributes that only Twilio sets. They keep their value while the object
// exists. It also returns date_updated, which does not.
func ComputedAttributes(descriptions map[string]string, names ...string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"date_updated": schema.StringAttribute{Computed: true, MarkdownDescription: descriptions["date_updated"]},
	}
	for _, name := range names {
		attributes[name] = schema.StringAttribute{
			Computed: true, MarkdownDescription: descriptions[name], PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}
	return attributes
}

// ReadAttributes returns the attributes of a data source: those of the resource that have a
// description. Collections contain strings.
func ReadAttributes(ctx context.Context, resource schema.Schema, descriptions map[string]string) map[string]datasourceschema.Attribute {
	attributes := map[string]datasourceschema.Attribute{}
	for name, description := range descriptions {
		attribute := resource.Attributes[name]
		switch t := attribute.GetType().TerraformType(ctx); {
		case t.Is(tftypes.Number):
			attributes[name] = datasourceschema.Int64Attribute{Computed: true, MarkdownDescription: description}
		case t.Is(tftypes.Bool):
			attributes[name] = datasourceschema.BoolAttribute{Computed: true, MarkdownDescription: description}
		case t.Is(tftypes.List{}):
			attributes[name] = datasourceschema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
		case t.Is(tftypes.Set{}):
			attributes[name] = datasourceschema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
		case t.Is(tftypes.Map{}):
			attributes[name] = datasourceschema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
		default:
			attributes[name] = datasourceschema.StringAttribute{Computed: true, Sensitive: attribute.IsSensitive(), MarkdownDescription: description}
		}
	}
	return attributes
}

// IdentityReplaces plans a replacement if an identity changes, unless only its case changes, which
// Twilio ignores.
func IdentityReplaces() planmodifier.String {
	// The framework requires a description but never shows it.
	const description = "Replaces the object unless only the case differs."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest,
		resp *stringplanmodifier.RequiresReplaceIfFuncResponse,
	) {
		resp.RequiresReplace = req.PlanValue.IsUnknown() || !strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString())
	}, description, description)
}
