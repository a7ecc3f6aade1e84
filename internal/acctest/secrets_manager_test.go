// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"strconv"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	awsSecretType        = "aws_secretsmanager_secret"
	awsSecretVersionType = "aws_secretsmanager_secret_version"
)

// secretsManager stands in for AWS Secrets Manager and its provider, as far as the guides use them.
// As there, another version number replaces the resource, and each version keeps its own ID.
type secretsManager struct {
	mu       sync.Mutex
	versions map[string]string // by ID
}

func (*secretsManager) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (*secretsManager) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (*secretsManager) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (*secretsManager) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (m *secretsManager) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return awsSecret{} },
		func() resource.Resource { return &awsSecretVersion{m} },
	}
}

func (m *secretsManager) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		func() ephemeral.EphemeralResource { return &awsSecretValue{m} },
	}
}

// awsSecret is the secret without its versions. Its ID is its name.
type awsSecret struct{}

func (awsSecret) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = awsSecretType
}

func (awsSecret) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaced := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":   schema.StringAttribute{Computed: true, PlanModifiers: kept},
		"name": schema.StringAttribute{Required: true, PlanModifiers: replaced},
	}}
}

func (awsSecret) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	var name types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("name"), &name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), name)...)
}

func (awsSecret) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (awsSecret) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (awsSecret) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

type awsSecretVersion struct{ manager *secretsManager }

type awsSecretVersionModel struct {
	SecretID              types.String `tfsdk:"secret_id"`
	VersionID             types.String `tfsdk:"version_id"`
	SecretStringWO        types.String `tfsdk:"secret_string_wo"`
	SecretStringWOVersion types.Int64  `tfsdk:"secret_string_wo_version"`
}

func (*awsSecretVersion) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = awsSecretVersionType
}

func (*awsSecretVersion) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaced := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	versioned := []planmodifier.Int64{int64planmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"secret_id":                schema.StringAttribute{Required: true, PlanModifiers: replaced},
		"version_id":               schema.StringAttribute{Computed: true, PlanModifiers: kept},
		"secret_string_wo":         schema.StringAttribute{Required: true, WriteOnly: true, Sensitive: true},
		"secret_string_wo_version": schema.Int64Attribute{Required: true, PlanModifiers: versioned},
	}}
}

func (v *awsSecretVersion) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan awsSecretVersionModel
	var secret types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("secret_string_wo"), &secret)...)
	v.manager.mu.Lock()
	defer v.manager.mu.Unlock()
	id := plan.SecretID.ValueString() + "|" + strconv.Itoa(len(v.manager.versions)+1)
	v.manager.versions[id] = secret.ValueString()
	plan.VersionID = types.StringValue(id)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (v *awsSecretVersion) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state awsSecretVersionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	v.manager.mu.Lock()
	defer v.manager.mu.Unlock()
	if _, ok := v.manager.versions[state.VersionID.ValueString()]; !ok {
		resp.State.RemoveResource(ctx)
	}
}

func (*awsSecretVersion) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

// Delete keeps the version, as AWS does until it has no label.
func (*awsSecretVersion) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// awsSecretValue is the ephemeral resource.
type awsSecretValue struct{ manager *secretsManager }

type awsSecretValueModel struct {
	SecretID     types.String `tfsdk:"secret_id"`
	VersionID    types.String `tfsdk:"version_id"`
	SecretString types.String `tfsdk:"secret_string"`
}

func (*awsSecretValue) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = awsSecretVersionType
}

func (*awsSecretValue) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"secret_id":     ephemeralschema.StringAttribute{Required: true},
		"version_id":    ephemeralschema.StringAttribute{Optional: true, Computed: true},
		"secret_string": ephemeralschema.StringAttribute{Computed: true, Sensitive: true},
	}}
}

func (s *awsSecretValue) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m awsSecretValueModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	s.manager.mu.Lock()
	defer s.manager.mu.Unlock()
	secret, ok := s.manager.versions[m.VersionID.ValueString()]
	if !ok {
		resp.Diagnostics.AddError("Secrets Manager Secret Version not found", m.VersionID.ValueString())
		return
	}
	m.SecretString = types.StringValue(secret)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}
