// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// standIn stands in for a provider of HashiCorp that stores secrets.
type standIn struct {
	name      string
	resources []*standInResource
	value     *standInValue
}

// serveStandIns serves providers to a workspace until the end of the test.
func serveStandIns(t *testing.T, w *workspace, providers ...*standIn) {
	t.Helper()
	servers := map[string]any{}
	for _, p := range providers {
		ctx, stop := context.WithCancel(context.Background())
		attach, closed, served := make(chan *plugin.ReattachConfig), make(chan struct{}), make(chan error, 1)
		go func() {
			served <- tf6server.Serve("registry.terraform.io/hashicorp/"+p.name, providerserver.NewProtocol6(p),
				tf6server.WithDebug(ctx, attach, closed), tf6server.WithLoggingSink(t))
		}()
		t.Cleanup(func() {
			stop()
			<-closed
			if err := <-served; err != nil {
				t.Errorf("the provider %s: %v", p.name, err)
			}
		})
		config := <-attach
		for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			servers[host+"/hashicorp/"+p.name] = map[string]any{
				"Protocol": string(config.Protocol), "ProtocolVersion": 6, "Pid": os.Getpid(), "Test": true,
				"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
			}
		}
	}
	encoded, err := json.Marshal(servers)
	if err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "TF_REATTACH_PROVIDERS="+string(encoded))
}

func (p *standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.name
}

func (*standIn) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (*standIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (*standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *standIn) Resources(context.Context) (constructors []func() resource.Resource) {
	for _, r := range p.resources {
		constructors = append(constructors, func() resource.Resource { return r })
	}
	return constructors
}

func (p *standIn) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return p.value }}
}

// standInResource is a resource that stores a secret.
type standInResource struct {
	store      *vault
	typeName   string
	attributes map[string]schema.Attribute
	id, secret string // attributes; secret is "" if it stores none
	newID      func(attribute func(name string) string) string
	deletes    bool // the secret when the resource is destroyed
}

// reader returns a function that returns the text of an attribute.
func reader(
	ctx context.Context, get func(ctx context.Context, p path.Path, target any) diag.Diagnostics, diags *diag.Diagnostics,
) func(name string) string {
	return func(name string) string {
		var text types.String
		diags.Append(get(ctx, path.Root(name), &text)...)
		return text.ValueString()
	}
}

// Metadata implements [resource.Resource].
func (r *standInResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
}

// Schema implements [resource.Resource].
func (r *standInResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: r.attributes}
}

// Create implements [resource.Resource].
func (r *standInResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	attribute := reader(ctx, req.Config.GetAttribute, &resp.Diagnostics)
	id := r.newID(attribute)
	if r.secret != "" {
		if err := r.store.write(id, attribute(r.secret)); err != nil {
			resp.Diagnostics.AddError("error writing to Vault", err.Error())
			return
		}
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(r.id), id)...)
}

// Update stores the plan as the state even if it fails, as providers built on the older SDK do.
func (r *standInResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	created := resource.CreateResponse{State: resp.State}
	r.Create(ctx, resource.CreateRequest{Config: req.Config, Plan: req.Plan}, &created)
	resp.State.Raw, resp.Diagnostics = req.Plan.Raw, created.Diagnostics
}

// Read removes a secret from the state if the store has no version of it. One whose newest version
// is deleted stays.
func (r *standInResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if _, found := r.store.read(reader(ctx, req.State.GetAttribute, &resp.Diagnostics)(r.id)); !found && r.secret != "" {
		resp.State.RemoveResource(ctx)
	}
}

// Delete implements [resource.Resource].
func (r *standInResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.deletes {
		r.store.setDeleted(reader(ctx, req.State.GetAttribute, &resp.Diagnostics)(r.id), true)
	}
}

// standInValue is an ephemeral resource that reads a secret.
type standInValue struct {
	store      *vault
	typeName   string
	attributes map[string]ephemeralschema.Attribute
	id         func(attribute func(name string) string) string
	value      string                // attribute
	convert    func(data string) any // to the value
}

// Metadata implements [ephemeral.EphemeralResource].
func (s *standInValue) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = s.typeName
}

// Schema implements [ephemeral.EphemeralResource].
func (s *standInValue) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: s.attributes}
}

// Open implements [ephemeral.EphemeralResource].
func (s *standInValue) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	data, found := s.store.read(s.id(reader(ctx, req.Config.GetAttribute, &resp.Diagnostics)))
	if err := s.store.fail(vaultReadFails); err != nil {
		resp.Diagnostics.AddError("error reading from Vault", err.Error())
		return
	}
	if !found {
		resp.Diagnostics.AddError("Unable to Read Resource from Vault", "Vault response was nil")
		return
	}
	resp.Result.Raw = req.Config.Raw
	resp.Diagnostics.Append(resp.Result.SetAttribute(ctx, path.Root(s.value), s.convert(data))...)
}
