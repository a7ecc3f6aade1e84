// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
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

// IdentityReplaces plans a replacement if an identity changes, unless only its case changes, which
// Twilio ignores.
func IdentityReplaces() planmodifier.String {
	// The framework requires a description but never shows it.
	const description = "Replaces the object unless only the case differs."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = req.PlanValue.IsUnknown() || !strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString())
	}, description, description)
}
