// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// vault stands in for HashiCorp Vault or OpenBao and the provider hashicorp/vault: version 2 of the
// key-value store, with the resource and the ephemeral resource vault_kv_secret_v2. "Changing the
// flow with a vault" in CONTRIBUTING.md lists what it does like them, and where that is documented.
type vault struct {
	mu      sync.Mutex
	secrets map[string]*vaultSecretVersions // by path
	faults  []vaultFault
	// readOnly means that the token may not write.
	readOnly bool
}

// vaultSecretVersions is a secret with its metadata.
type vaultSecretVersions struct {
	versions []string // the data of each version as JSON
	deleted  bool     // the newest version is deleted; its data can be restored
}

// vaultFault is a fault in the next write or read of the vault.
type vaultFault string

const (
	vaultWriteFails   vaultFault = "the write fails"
	vaultResponseLost vaultFault = "the vault stores the secret, and the response is lost"
	vaultReadFails    vaultFault = "the read fails"
)

func newVault() *vault { return &vault{secrets: map[string]*vaultSecretVersions{}} }

// usesVault reports whether a configuration needs the provider of the vault or of AWS.
func usesVault(configuration string) bool {
	return slices.ContainsFunc([]string{"hashicorp/vault", vaultSecretType, awsSecretVersionType}, func(used string) bool {
		return strings.Contains(configuration, used)
	})
}

// inject makes the next operation that matches the fault fail.
func (v *vault) inject(fault vaultFault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults = append(v.faults, fault)
}

// takes reports whether the operation must fail now, and removes the fault if so.
func (v *vault) takes(fault vaultFault) bool {
	if len(v.faults) == 0 || v.faults[0] != fault {
		return false
	}
	v.faults = v.faults[1:]
	return true
}

// write adds a version, also to a secret whose newest version is deleted.
func (v *vault) write(path, data string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.readOnly:
		return errors.New("Code: 403. Errors:\n\n* 1 error occurred:\n\t* permission denied")
	case v.takes(vaultWriteFails):
		return errors.New("vault is sealed")
	}
	secret := v.secrets[path]
	if secret == nil {
		secret = &vaultSecretVersions{}
		v.secrets[path] = secret
	}
	secret.versions, secret.deleted = append(secret.versions, data), false
	if v.takes(vaultResponseLost) {
		return errors.New("connection reset by peer")
	}
	return nil
}

// read returns the data of the newest version, which is nil if that version is deleted, and whether
// there is a secret.
func (v *vault) read(path string) (data map[string]string, found bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	secret := v.secrets[path]
	if secret == nil || secret.deleted {
		return nil, secret != nil, nil
	}
	err = json.Unmarshal([]byte(secret.versions[len(secret.versions)-1]), &data)
	return data, true, err
}

// failsRead reports whether a read must fail now.
func (v *vault) failsRead() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.takes(vaultReadFails)
}

// delete deletes the newest version, as the vault's provider does when it destroys a secret.
func (v *vault) delete(path string) { v.setDeleted(path, true) }

// undelete restores the newest version.
func (v *vault) undelete(path string) { v.setDeleted(path, false) }

func (v *vault) setDeleted(path string, deleted bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if secret := v.secrets[path]; secret != nil {
		secret.deleted = deleted
	}
}

// deleteMetadata deletes a secret with all of its versions.
func (v *vault) deleteMetadata(path string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.secrets, path)
}

// setReadOnly sets whether the token may only read.
func (v *vault) setReadOnly(readOnly bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.readOnly = readOnly
}

// totpSecret returns the TOTP secret at a path of the vault, or "".
func (v *vault) totpSecret(path string) string {
	data, _, err := v.read(path)
	if err != nil {
		return ""
	}
	return data["totp_secret"]
}

// left returns how many secrets are not deleted.
func (v *vault) left() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, secret := range v.secrets {
		if !secret.deleted {
			n++
		}
	}
	return n
}

// serve serves the vault's provider from this process to the given workspaces, and a stand-in for
// that of AWS.
func (v *vault) serve(t *testing.T, workspaces ...*workspace) {
	t.Helper()
	servers := map[string]any{}
	for name, p := range map[string]provider.Provider{"vault": v, "aws": &secretsManager{versions: map[string]string{}}} {
		config := serveProvider(t, name, p)
		for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			servers[host+"/hashicorp/"+name] = map[string]any{
				"Protocol": string(config.Protocol), "ProtocolVersion": 6, "Pid": os.Getpid(), "Test": true,
				"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
			}
		}
	}
	encoded, err := json.Marshal(servers)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range workspaces {
		w.env = append(w.env, "TF_REATTACH_PROVIDERS="+string(encoded))
	}
}

// serveProvider serves a provider until the end of the test.
func serveProvider(t *testing.T, name string, p provider.Provider) *plugin.ReattachConfig {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	attach, closed, served := make(chan *plugin.ReattachConfig), make(chan struct{}), make(chan error, 1)
	go func() {
		served <- tf6server.Serve("registry.terraform.io/hashicorp/"+name, providerserver.NewProtocol6(p),
			tf6server.WithDebug(ctx, attach, closed), tf6server.WithLoggingSink(t))
	}()
	t.Cleanup(func() {
		stop()
		<-closed
		if err := <-served; err != nil {
			t.Errorf("the provider %s: %v", name, err)
		}
	})
	return <-attach
}

func (*vault) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vault"
}

func (*vault) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (*vault) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (*vault) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (v *vault) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &vaultSecret{v} }}
}

func (v *vault) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return &vaultSecretValue{v} }}
}

const vaultSecretType = "vault_kv_secret_v2"

type vaultSecret struct{ vault *vault }

type vaultSecretModel struct {
	ID                types.String `tfsdk:"id"`
	Mount             types.String `tfsdk:"mount"`
	Name              types.String `tfsdk:"name"`
	DataJSONWO        types.String `tfsdk:"data_json_wo"`
	DataJSONWOVersion types.Int64  `tfsdk:"data_json_wo_version"`
}

func (m vaultSecretModel) path() string {
	return m.Mount.ValueString() + "/data/" + m.Name.ValueString()
}

func (*vaultSecret) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = vaultSecretType
}

func (*vaultSecret) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaced := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                   schema.StringAttribute{Computed: true, PlanModifiers: kept},
		"mount":                schema.StringAttribute{Required: true, PlanModifiers: replaced},
		"name":                 schema.StringAttribute{Required: true, PlanModifiers: replaced},
		"data_json_wo":         schema.StringAttribute{Required: true, WriteOnly: true, Sensitive: true},
		"data_json_wo_version": schema.Int64Attribute{Required: true},
	}}
}

func (s *vaultSecret) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan vaultSecretModel
	var data types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("data_json_wo"), &data)...)
	plan.ID = types.StringValue(plan.path())
	if err := s.vault.write(plan.path(), data.ValueString()); err != nil {
		resp.Diagnostics.AddError("error writing to Vault", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Update stores the plan as the state even if it fails, as providers built on the older SDK do.
func (s *vaultSecret) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	created := resource.CreateResponse{State: resp.State}
	s.Create(ctx, resource.CreateRequest{Config: req.Config, Plan: req.Plan}, &created)
	resp.State.Raw, resp.Diagnostics = req.Plan.Raw, created.Diagnostics
}

// Read removes a secret from the state if the vault has no version of it. One whose newest version
// is deleted stays.
func (s *vaultSecret) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state vaultSecretModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	_, found, err := s.vault.read(state.path())
	switch {
	case err != nil:
		resp.Diagnostics.AddError("error reading from Vault", err.Error())
	case !found:
		resp.State.RemoveResource(ctx)
	}
}

func (s *vaultSecret) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state vaultSecretModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	s.vault.delete(state.path())
}

// vaultSecretValue is the ephemeral resource.
type vaultSecretValue struct{ vault *vault }

type vaultSecretValueModel struct {
	Mount   types.String `tfsdk:"mount"`
	MountID types.String `tfsdk:"mount_id"`
	Name    types.String `tfsdk:"name"`
	Data    types.Map    `tfsdk:"data"`
}

func (*vaultSecretValue) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = vaultSecretType
}

func (*vaultSecretValue) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"mount":    ephemeralschema.StringAttribute{Required: true},
		"mount_id": ephemeralschema.StringAttribute{Optional: true},
		"name":     ephemeralschema.StringAttribute{Required: true},
		"data":     ephemeralschema.MapAttribute{ElementType: types.StringType, Computed: true},
	}}
}

func (s *vaultSecretValue) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m vaultSecretValueModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	values, found, err := s.vault.read(vaultSecretModel{Mount: m.Mount, Name: m.Name}.path())
	switch {
	case s.vault.failsRead():
		resp.Diagnostics.AddError("error reading from Vault", "vault is sealed")
		return
	case err != nil:
		resp.Diagnostics.AddError("error reading from Vault", err.Error())
		return
	case !found:
		resp.Diagnostics.AddError("Unable to Read Resource from Vault", "Vault response was nil")
		return
	}
	data, diags := types.MapValueFrom(ctx, types.StringType, values)
	resp.Diagnostics.Append(diags...)
	m.Data = data
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}
