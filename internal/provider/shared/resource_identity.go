// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// ResourceIdentity is the resource identity of a noun, whose resource embeds it. Its parts, in
// order and separated by slashes, also form the import ID. Each is an attribute of type string in
// both the identity and the state.
type ResourceIdentity []client.Parameter

// IdentitySchema implements [resource.ResourceWithIdentity].
func (i ResourceIdentity) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	attributes := map[string]identityschema.Attribute{}
	for _, part := range i {
		attributes[part.Name] = identityschema.StringAttribute{RequiredForImport: true, Description: sentence(part.Noun) + "."}
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

// ImportState implements [resource.ResourceWithImportState]. It imports by ID or by identity.
func (i ResourceIdentity) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	values := strings.Split(req.ID, "/")
	if !req.Identity.Raw.IsNull() {
		values = i.read(ctx, req, &resp.Diagnostics)
	}
	if problem := i.Problem(values); problem != "" {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("%s. Expected %s, such as %s, got: %q", problem,
			i.join(func(p client.Parameter) string { return p.Name }),
			i.join(func(p client.Parameter) string { return p.Example }),
			cmp.Or(req.ID, strings.Join(values, "/"))))
		return
	}
	for n, part := range i {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(part.Name), values[n])...)
	}
	i.Set(resp.Identity, values)
}

func (i ResourceIdentity) read(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (values []string) {
	for _, part := range i {
		var value types.String
		diags.Append(req.Identity.GetAttribute(ctx, path.Root(part.Name), &value)...)
		values = append(values, value.ValueString())
	}
	return values
}

// Set sets an identity to the values of the parts. One that is "" is null.
func (i ResourceIdentity) Set(identity *tfsdk.ResourceIdentity, values []string) {
	attributes, attributeTypes := map[string]tftypes.Value{}, map[string]tftypes.Type{}
	for n, part := range i {
		value := OptionalString(values[n]).ValueStringPointer()
		attributes[part.Name], attributeTypes[part.Name] = tftypes.NewValue(tftypes.String, value), tftypes.String
	}
	identity.Raw = tftypes.NewValue(tftypes.Object{AttributeTypes: attributeTypes}, attributes)
}

// SetMissing sets the identity if Terraform has none, because the state is older than resource
// identities or Terraform is older than 1.12.
func (i ResourceIdentity) SetMissing(identity *tfsdk.ResourceIdentity, values []string) {
	if identity.Raw.IsFullyNull() {
		i.Set(identity, values)
	}
}

// Problem describes what is wrong with the values of the parts, or returns "" if they are valid.
func (i ResourceIdentity) Problem(values []string) string {
	if len(values) != len(i) {
		return "The ID does not have " + [...]string{"", "one part", "two parts", "three parts"}[len(i)]
	}
	for n, part := range i {
		if problem := wrongID(part.Name, part.Pattern, values[n]); problem != "" {
			return "The " + part.Name + " " + problem
		}
		if !part.Pattern.MatchString(values[n]) {
			return "The " + part.Name + " is invalid"
		}
	}
	return ""
}

func (i ResourceIdentity) join(text func(client.Parameter) string) string {
	var texts []string
	for _, part := range i {
		texts = append(texts, text(part))
	}
	return strings.Join(texts, "/")
}
