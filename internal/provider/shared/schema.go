// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// Common are the attributes that only Twilio sets, for most kinds of objects.
type Common struct {
	ID          types.String `tfsdk:"id"`
	SID         types.String `tfsdk:"sid"`
	AccountSID  types.String `tfsdk:"account_sid"`
	DateCreated types.String `tfsdk:"date_created"`
	DateUpdated types.String `tfsdk:"date_updated"`
	URL         types.String `tfsdk:"url"`
}

// describeAll returns the descriptions with those of attributes that most kinds of objects have.
func (d *Declaration[M, T]) describeAll() map[string]string {
	noun := d.Noun.Name
	all := map[string]string{
		"sid":          "SID of the " + noun + ": `" + d.Kind.Prefix + "` followed by 32 hexadecimal digits.",
		"account_sid":  "SID of the account that owns the service: `AC` followed by 32 hexadecimal digits.",
		"service_sid":  "SID of the Verify service: `VA` followed by 32 hexadecimal digits.",
		"date_created": "Time of creation, RFC 3339 in UTC.",
		"date_updated": "Time of the last change, RFC 3339 in UTC.",
		"url":          "URL of the " + noun + " in Twilio's API.",
	}
	maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(d.readOnly(), name) })
	all["id"] = "Import ID: `" + d.identity.join(func(p client.Parameter) string { return p.Name }) + "`."
	if len(d.identity) == 1 {
		all["id"] = "The SID of the " + noun + ", which is also its import ID."
	}
	maps.Copy(all, d.Descriptions)
	return all
}

// allAttributes returns the resource's attributes. One that only Twilio sets keeps its value while
// the object exists, except the date of the last change.
func (d *Declaration[M, T]) allAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, name := range append(d.readOnly(), "id") {
		computed := schema.StringAttribute{Computed: true}
		if name != "date_updated" {
			computed.PlanModifiers = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
		}
		attributes[name] = computed
	}
	for _, part := range d.identity[:len(d.identity)-1] {
		attributes[part.Name] = Fixed(d.Noun.Name, validatorOf(part))
	}
	maps.Copy(attributes, d.Attributes)
	for name, attribute := range attributes {
		attributes[name] = describe(attribute, d.Descriptions[name])
	}
	return attributes
}

// Required returns a required attribute of type string, for any kind of schema.
func Required(description string, validators ...validator.String) schema.Attribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: validators}
}

// Optional returns an optional attribute of type string, for any kind of schema.
func Optional(description string, validators ...validator.String) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
}

// Secret returns an optional write-only attribute of type string, for any kind of schema.
func Secret(description string, validators ...validator.String) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Sensitive: true, WriteOnly: true, MarkdownDescription: description, Validators: validators,
	}
}

// Number returns an optional attribute of type number, for any kind of schema.
func Number(description string, validators ...validator.Int64) schema.Attribute {
	return schema.Int64Attribute{Optional: true, MarkdownDescription: description, Validators: validators}
}

// Fixed returns a required text of a noun, such as "rate limit", that no update can change.
func Fixed(noun string, valid validator.String) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Changing it replaces the " + noun + ".",
		Validators:          []validator.String{valid},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

// describe puts a description before the attribute's own, if it has one. It copies the attribute's
// struct, because a wrapper would hide the other interfaces that the framework looks for.
func describe(attribute schema.Attribute, description string) schema.Attribute {
	described := reflect.New(reflect.TypeOf(attribute)).Elem()
	described.Set(reflect.ValueOf(attribute))
	text := described.FieldByName("MarkdownDescription")
	text.SetString(strings.TrimSpace(description + " " + text.String()))
	return described.Interface().(schema.Attribute) //nolint:forcetypeassert // the type that it was made from
}

// readOnly returns the attributes of the model that only Twilio sets.
func (d *Declaration[M, T]) readOnly() (names []string) {
	for _, attribute := range reflect.VisibleFields(reflect.TypeFor[M]().Elem()) {
		name := attribute.Tag.Get("tfsdk")
		if slices.ContainsFunc(d.Kind.Fields(), func(f client.Field) bool { return f.Attribute == name && f.Parameter == "" }) {
			names = append(names, name)
		}
	}
	return names
}

// readAttributes returns the attributes of a data source: those of the resource that have a
// description.
func readAttributes(resource schema.Schema, descriptions map[string]string) map[string]datasourceschema.Attribute {
	attributes := map[string]datasourceschema.Attribute{}
	for name, description := range descriptions {
		attributes[name] = readAttribute{resource.Attributes[name], description}
	}
	return attributes
}

// readAttribute is an attribute of a resource in a data source, which only returns it.
type readAttribute struct {
	schema.Attribute

	description string
}

func (a readAttribute) GetMarkdownDescription() string { return a.description }
func (a readAttribute) IsComputed() bool               { return true }
func (a readAttribute) IsOptional() bool               { return false }
func (a readAttribute) IsRequired() bool               { return false }

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
