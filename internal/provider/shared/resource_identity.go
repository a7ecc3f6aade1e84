// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ResourceIdentity describes the resource identity of a noun. Its parts, in order and separated by
// slashes, also form the import ID.
type ResourceIdentity []IdentityPart

// IdentityPart is an attribute of type string in both the identity and the state.
type IdentityPart struct {
	Name, Description string
	Pattern           *regexp.Regexp
	Example           string
}

// Schema returns the schema of the identity.
func (i ResourceIdentity) Schema() identityschema.Schema {
	attributes := map[string]identityschema.Attribute{}
	for _, part := range i {
		attributes[part.Name] = identityschema.StringAttribute{RequiredForImport: true, Description: part.Description}
	}
	return identityschema.Schema{Attributes: attributes}
}

// Import imports by ID or by identity.
func (i ResourceIdentity) Import(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	values := strings.Split(req.ID, "/")
	if !req.Identity.Raw.IsNull() {
		values = i.read(ctx, req, &resp.Diagnostics)
	}
	if problem := i.Problem(values); problem != "" {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("%s. Expected %s, such as %s, got: %q", problem,
			i.join(func(p IdentityPart) string { return p.Name }),
			i.join(func(p IdentityPart) string { return p.Example }),
			cmp.Or(req.ID, strings.Join(values, "/"))))
		return
	}
	for n, part := range i {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(part.Name), values[n])...)
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root(part.Name), values[n])...)
	}
}

func (i ResourceIdentity) read(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) []string {
	var values []string
	for _, part := range i {
		var value types.String
		diags.Append(req.Identity.GetAttribute(ctx, path.Root(part.Name), &value)...)
		values = append(values, value.ValueString())
	}
	return values
}

// Problem describes what is wrong with the values of the parts, or returns "" if they are valid.
func (i ResourceIdentity) Problem(values []string) string {
	if len(values) != len(i) {
		return "The ID does not have " + [...]string{"", "one part", "two parts", "three parts"}[len(i)]
	}
	for n, part := range i {
		if !part.Pattern.MatchString(values[n]) {
			return "The " + part.Name + " is invalid"
		}
	}
	return ""
}

func (i ResourceIdentity) join(text func(IdentityPart) string) string {
	var texts []string
	for _, part := range i {
		texts = append(texts, text(part))
	}
	return strings.Join(texts, "/")
}
