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
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
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

// ComputedAttributes returns attributes that only Twilio sets. All but date_updated keep their
// value while the object exists. The url may be a note about a create with an unknown outcome.
func ComputedAttributes(noun string, descriptions map[string]string, names ...string) map[string]schema.Attribute {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	attributes := map[string]schema.Attribute{
		"date_updated": schema.StringAttribute{Computed: true, MarkdownDescription: descriptions["date_updated"]},
		"url": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: descriptions["url"] + " If the outcome of the create is unknown, the " + noun + " is tainted, `sid` is null, and this is a note, " +
				"`pending:` followed by JSON, which the next apply uses to search for the " + noun + ".",
			PlanModifiers: kept,
		},
	}
	for _, name := range names {
		attributes[name] = schema.StringAttribute{Computed: true, MarkdownDescription: descriptions[name], PlanModifiers: kept}
	}
	return attributes
}

// ReadAttributes returns the attributes of a data source: those of the resource that have a
// description.
func ReadAttributes(resource schema.Schema, descriptions map[string]string) map[string]datasourceschema.Attribute {
	attributes := map[string]datasourceschema.Attribute{}
	for name, description := range descriptions {
		attribute := resource.Attributes[name]
		switch t := attribute.GetType().(type) {
		case basetypes.Int64Type:
			attributes[name] = datasourceschema.Int64Attribute{Computed: true, MarkdownDescription: description}
		case basetypes.BoolType:
			attributes[name] = datasourceschema.BoolAttribute{Computed: true, MarkdownDescription: description}
		case basetypes.ListType:
			attributes[name] = datasourceschema.ListAttribute{ElementType: t.ElemType, Computed: true, MarkdownDescription: description}
		case basetypes.SetType:
			attributes[name] = datasourceschema.SetAttribute{ElementType: t.ElemType, Computed: true, MarkdownDescription: description}
		case basetypes.MapType:
			attributes[name] = datasourceschema.MapAttribute{ElementType: t.ElemType, Computed: true, MarkdownDescription: description}
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
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = req.PlanValue.IsUnknown() || !strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString())
	}, description, description)
}
