// SPDX-License-Identifier: MPL-2.0

package tfcore

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Version is the version that a provider sees.
const Version = "1.14.0"

// Diagnostics are the warnings and errors of a call.
type Diagnostics = []*tfprotov6.Diagnostic

// Failed reports whether the diagnostics contain an error.
func Failed(diags Diagnostics) bool {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// Texts returns the diagnostics as text.
func Texts(diags Diagnostics) string {
	var all strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&all, "%s: %s\n%s\n\n", d.Severity, d.Summary, d.Detail)
	}
	return all.String()
}

// Inconsistent is the summary of the error with which Terraform rejects a provider's response.
const Inconsistent = "Provider produced inconsistent result"

func inconsistent(format string, args ...any) Diagnostics {
	return Diagnostics{{Severity: tfprotov6.DiagnosticSeverityError, Summary: Inconsistent, Detail: fmt.Sprintf(format, args...)}}
}

// callFailed adds the error of a call that has no response.
func callFailed(err error) Diagnostics {
	return Diagnostics{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Plugin did not respond", Detail: err.Error()}}
}

// Provider is a provider process.
type Provider struct {
	Server  tfprotov6.ProviderServer
	Schemas *tfprotov6.GetProviderSchemaResponse

	identities map[string]tftypes.Type
}

// NewProvider returns a process that has not been configured.
func NewProvider(server tfprotov6.ProviderServer) *Provider {
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(err)
	return &Provider{Server: server, Schemas: schemas}
}

// Type returns the type of a resource.
func (p *Provider) Type(typeName string) tftypes.Object {
	return objectType(p.Schemas.ResourceSchemas[typeName])
}

func objectType(schema *tfprotov6.Schema) tftypes.Object {
	object, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		panic("the schema is not that of an object")
	}
	return object
}

// Null returns a null object of a resource type.
func (p *Provider) Null(typeName string) tftypes.Value {
	return tftypes.NewValue(p.Type(typeName), nil)
}

// IdentityType returns the type of a resource's identity.
func (p *Provider) IdentityType(typeName string) tftypes.Type {
	if p.identities == nil {
		schemas, err := p.Server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
		must(err)
		p.identities = map[string]tftypes.Type{}
		for name, schema := range schemas.IdentitySchemas {
			p.identities[name] = schema.ValueType()
		}
	}
	return p.identities[typeName]
}

// Configure configures the provider.
func (p *Provider) Configure(ctx context.Context, config Attributes) Diagnostics {
	resp, err := p.Server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: Version, Config: Dynamic(config.Value(objectType(p.Schemas.Provider))),
	})
	if err != nil {
		return callFailed(err)
	}
	return resp.Diagnostics
}

// Validate validates a configuration, as Terraform does before a plan.
func (p *Provider) Validate(ctx context.Context, typeName string, config tftypes.Value) Diagnostics {
	resp, err := p.Server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: Dynamic(config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		return callFailed(err)
	}
	return resp.Diagnostics
}

// Refresh reads an object. It returns nil if the object does not exist any more, and the object
// itself after an error.
func (p *Provider) Refresh(ctx context.Context, typeName string, o *Object) (*Object, Diagnostics) {
	resp, err := p.Server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: Dynamic(o.Value), Private: o.Private, CurrentIdentity: o.Identity,
	})
	switch {
	case err != nil:
		return o, callFailed(err)
	case Failed(resp.Diagnostics):
		return o, resp.Diagnostics
	}
	return p.object(typeName, resp.NewState, resp.Private, resp.NewIdentity, o), resp.Diagnostics
}

// Import imports an object by its ID or, if that is empty, by its identity, and reads it.
func (p *Provider) Import(ctx context.Context, typeName, id string, identity *tfprotov6.ResourceIdentityData) (*Object, Diagnostics) {
	resp, err := p.Server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id, Identity: identity})
	switch {
	case err != nil:
		return nil, callFailed(err)
	case Failed(resp.Diagnostics):
		return nil, resp.Diagnostics
	}
	first := resp.ImportedResources[0]
	o, diags := p.Refresh(ctx, typeName, p.object(typeName, first.State, first.Private, first.Identity, nil))
	if Failed(diags) {
		o = nil
	}
	return o, append(resp.Diagnostics, diags...)
}

// Move moves the state of a resource of another provider, as JSON, to a resource type.
func (p *Provider) Move(ctx context.Context, typeName, source, sourceType, state string) (*Object, Diagnostics) {
	resp, err := p.Server.MoveResourceState(ctx, &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: source, SourceTypeName: sourceType, SourceState: &tfprotov6.RawState{JSON: []byte(state)},
		TargetTypeName: typeName,
	})
	switch {
	case err != nil:
		return nil, callFailed(err)
	case resp.TargetState == nil:
		return nil, resp.Diagnostics
	}
	return p.object(typeName, resp.TargetState, resp.TargetPrivate, resp.TargetIdentity, nil), resp.Diagnostics
}

// Query lists the objects of a list resource until take returns false.
func (p *Provider) Query(
	ctx context.Context, typeName string, config Attributes, limit int64, resources bool, take func(tfprotov6.ListResourceResult) bool,
) {
	server, ok := p.Server.(tfprotov6.ListResourceServer)
	if !ok {
		panic("the provider has no list resources")
	}
	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: typeName, Limit: limit, IncludeResource: resources,
		Config: Dynamic(config.Value(objectType(p.Schemas.ListResourceSchemas[typeName]))),
	})
	must(err)
	stream.Results(take)
}

// ReadData reads a data source.
func (p *Provider) ReadData(ctx context.Context, typeName string, config Attributes) (tftypes.Value, Diagnostics) {
	object := objectType(p.Schemas.DataSourceSchemas[typeName])
	resp, err := p.Server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: Dynamic(config.Value(object))})
	if err != nil {
		return tftypes.NewValue(object, nil), callFailed(err)
	}
	return decode(resp.State, object), resp.Diagnostics
}

// object returns what the provider returned, or nil if it is null.
func (p *Provider) object(
	typeName string, state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData, before *Object,
) *Object {
	value := decode(state, p.Type(typeName))
	if value.IsNull() {
		return nil
	}
	o := &Object{Value: value, Private: private, Identity: identity}
	if before != nil {
		o.Tainted, o.Parents = before.Tainted, before.Parents
	}
	return o
}

func decode(d *tfprotov6.DynamicValue, object tftypes.Object) tftypes.Value {
	if d == nil {
		return tftypes.NewValue(object, nil)
	}
	value, err := d.Unmarshal(object)
	must(err)
	return value
}
