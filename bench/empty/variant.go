// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// variant is a resource whose schema has the properties that BENCH_SCHEMA lists, so their cost to
// Terraform can be compared:
//
//	few        the attributes of the official provider's factor instead of this one's
//	computed   the attributes whose values the server chooses
//	long       their values are as long as a factor's instead of one character
//	sensitive  the attributes that are sensitive in a factor
//	writeonly  the attributes that are write-only in a factor
//	identity   a resource identity
type variant struct{}

func has(property string) bool {
	return strings.Contains(","+os.Getenv("BENCH_SCHEMA")+",", ","+property+",")
}

// computed has the length of each value that the server chooses; 0 means a number.
var computed = map[string]int{
	"id": 90, "sid": 34, "account_sid": 34, "entity_sid": 34, "status": 10, "date_created": 20, "date_updated": 20,
	"url": 150, "binding_secret": 32, "binding_uri": 160, "config_alg": 4,
	"config_code_length": 0, "config_skew": 0, "config_time_step": 0,
}

// few are the attributes that the official provider has as well.
var few = []string{
	"id", "sid", "account_sid", "entity_sid", "status", "date_created", "date_updated", "url",
	"service_sid", "identity", "factor_type", "friendly_name", "config_alg", "config_code_length", "config_skew", "config_time_step",
	"binding_secret", "binding_alg", "binding_public_key",
}

// identity has the attributes of a factor's identity.
var identity = []string{"service_sid", "identity", "sid"}

var sensitive = []string{"auth_payload_wo", "binding_secret", "binding_secret_wo", "binding_uri", "config_notification_token"}

func (variant) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "empty_variant"
}

func (variant) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	var all resource.SchemaResponse
	thing{}.Schema(ctx, resource.SchemaRequest{}, &all)
	names := few
	if !has("few") {
		names = nil
		for name := range all.Schema.Attributes {
			names = append(names, name)
		}
	}
	attributes := map[string]schema.Attribute{}
	for _, name := range names {
		_, chosen := computed[name]
		chosen = chosen && (has("computed") || name == "id")
		switch a := all.Schema.Attributes[name].(type) {
		case schema.StringAttribute:
			a.Computed = chosen
			a.Sensitive = has("sensitive") && slices.Contains(sensitive, name)
			a.WriteOnly = has("writeonly") && strings.HasSuffix(name, "_wo")
			a.PlanModifiers = nil
			if chosen {
				a.PlanModifiers = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
			}
			attributes[name] = a
		case schema.Int64Attribute:
			a.Computed = chosen
			if chosen {
				a.PlanModifiers = []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}
			}
			attributes[name] = a
		default:
			attributes[name] = a
		}
	}
	resp.Schema = schema.Schema{Attributes: attributes}
}

// known replaces the unknown values of a plan.
func known(plan tftypes.Value) (tftypes.Value, error) {
	return tftypes.Transform(plan, func(path *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}
		if v.Type().Is(tftypes.Number) {
			return tftypes.NewValue(tftypes.Number, 6), nil
		}
		length := 1
		if name, ok := path.LastStep().(tftypes.AttributeName); ok && has("long") {
			length = computed[string(name)]
		}
		return tftypes.NewValue(tftypes.String, strings.Repeat("x", length)), nil
	})
}

func (variant) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	state, err := known(req.Plan.Raw)
	if err != nil {
		resp.Diagnostics.AddError("Invalid plan", err.Error())
	}
	resp.State.Raw = state
}

func (variant) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (variant) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state, err := known(req.Plan.Raw)
	if err != nil {
		resp.Diagnostics.AddError("Invalid plan", err.Error())
	}
	resp.State.Raw = state
}

func (variant) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// identified is a variant with a resource identity.
type identified struct{ variant }

func (identified) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	attributes := map[string]identityschema.Attribute{}
	for _, name := range identity {
		attributes[name] = identityschema.StringAttribute{RequiredForImport: true}
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

func (r identified) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.variant.Create(ctx, req, resp)
	resp.Diagnostics.Append(identify(ctx, resp.Identity)...)
}

// Read sets the identity again, because Terraform before 1.12 does not keep it.
func (identified) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(identify(ctx, resp.Identity)...)
}

func (r identified) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.variant.Update(ctx, req, resp)
	resp.Diagnostics.Append(identify(ctx, resp.Identity)...)
}

func identify(ctx context.Context, to *tfsdk.ResourceIdentity) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, name := range identity {
		diags.Append(to.SetAttribute(ctx, path.Root(name), types.StringValue(strings.Repeat("x", 34)))...)
	}
	return diags
}
