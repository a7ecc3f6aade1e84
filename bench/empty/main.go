// SPDX-License-Identifier: MPL-2.0

// Command empty is a provider that sends no requests: its one resource has the same attributes as
// twilio_verify_factor and stores what it is given. It measures the cost of the framework, built
// and run with Go's defaults.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type emptyProvider struct{}

func (emptyProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "empty"
}

func (emptyProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (emptyProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (emptyProvider) Resources(context.Context) []func() resource.Resource {
	r := resource.Resource(thing{})
	switch {
	case has("variant") && has("identity"):
		r = identified{}
	case has("variant"):
		r = variant{}
	}
	return []func() resource.Resource{func() resource.Resource { return r }}
}

func (emptyProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

type thing struct{}

type thingModel struct {
	ID                         types.String `tfsdk:"id"`
	Sid                        types.String `tfsdk:"sid"`
	AccountSid                 types.String `tfsdk:"account_sid"`
	ServiceSid                 types.String `tfsdk:"service_sid"`
	EntitySid                  types.String `tfsdk:"entity_sid"`
	Identity                   types.String `tfsdk:"identity"`
	FriendlyName               types.String `tfsdk:"friendly_name"`
	FactorType                 types.String `tfsdk:"factor_type"`
	Status                     types.String `tfsdk:"status"`
	DateCreated                types.String `tfsdk:"date_created"`
	DateUpdated                types.String `tfsdk:"date_updated"`
	URL                        types.String `tfsdk:"url"`
	ConfigAlg                  types.String `tfsdk:"config_alg"`
	ConfigAppID                types.String `tfsdk:"config_app_id"`
	ConfigNotificationPlatform types.String `tfsdk:"config_notification_platform"`
	ConfigNotificationToken    types.String `tfsdk:"config_notification_token"`
	ConfigSdkVersion           types.String `tfsdk:"config_sdk_version"`
	BindingSecret              types.String `tfsdk:"binding_secret"`
	BindingURI                 types.String `tfsdk:"binding_uri"`
	BindingAlg                 types.String `tfsdk:"binding_alg"`
	BindingPublicKey           types.String `tfsdk:"binding_public_key"`
	BindingSecretWo            types.String `tfsdk:"binding_secret_wo"`
	AuthPayloadWo              types.String `tfsdk:"auth_payload_wo"`
	ConfigCodeLength           types.Int64  `tfsdk:"config_code_length"`
	ConfigSkew                 types.Int64  `tfsdk:"config_skew"`
	ConfigTimeStep             types.Int64  `tfsdk:"config_time_step"`
	BindingSecretWoVersion     types.Int64  `tfsdk:"binding_secret_wo_version"`
	AuthPayloadWoVersion       types.Int64  `tfsdk:"auth_payload_wo_version"`
	AutoVerify                 types.Bool   `tfsdk:"auto_verify"`
	Metadata                   types.Map    `tfsdk:"metadata"`
}

func (thing) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "empty_thing"
}

func (thing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:      true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"auto_verify": schema.BoolAttribute{Optional: true},
		"metadata":    schema.MapAttribute{ElementType: types.StringType, Optional: true},
	}
	for _, name := range []string{
		"sid",
		"account_sid",
		"service_sid",
		"entity_sid",
		"identity",
		"friendly_name",
		"factor_type",
		"status",
		"date_created",
		"date_updated",
		"url",
		"config_alg",
		"config_app_id",
		"config_notification_platform",
		"config_notification_token",
		"config_sdk_version",
		"binding_secret",
		"binding_uri",
		"binding_alg",
		"binding_public_key",
		"binding_secret_wo",
		"auth_payload_wo",
	} {
		attributes[name] = schema.StringAttribute{Optional: true}
	}
	for _, name := range []string{
		"config_code_length",
		"config_skew",
		"config_time_step",
		"binding_secret_wo_version",
		"auth_payload_wo_version",
	} {
		attributes[name] = schema.Int64Attribute{Optional: true}
	}
	resp.Schema = schema.Schema{Attributes: attributes}
}

func (thing) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m thingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	m.ID = m.Identity
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (thing) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m thingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (thing) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m thingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return emptyProvider{} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/bench/empty",
	})
	if err != nil {
		log.Fatal(err)
	}
}
