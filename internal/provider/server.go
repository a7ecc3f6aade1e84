// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns the constructor of the provider as Terraform talks to it, over protocol 6.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		return server{providerserver.NewProtocol6(New(version)())().(protocol)} //nolint:forcetypeassert // of the framework, whose server is all three
	}
}

// protocol is what the framework implements and Terraform asks for.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server mends what the framework gets wrong.
type server struct {
	protocol
}

// ValidateActionConfig lets write-only attributes have values. The framework, as of 1.19, takes them for a mistake in
// every action, because the protocol has no field to say that Terraform knows them; yet each Terraform that has
// actions does.
func (s server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	resp, err := lend(ctx, req, s.protocol.ValidateActionConfig)
	if err != nil {
		return nil, err
	}
	resp.Diagnostics = slices.DeleteFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return d.Summary == "WriteOnly Attribute Not Allowed"
	})
	return resp, nil
}

// PlanResourceChange answers at once where a factor stays as it is. That is most of a plan's work, and the framework
// takes as long for it as for a change.
func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if req.TypeName == factorTypeName && staysAsItIs(ctx, req) {
		return &tfprotov6.PlanResourceChangeResponse{
			PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity,
		}, nil
	}
	return lend(ctx, req, s.protocol.PlanResourceChange)
}

// staysAsItIs tells whether Terraform proposes no change, and none comes from here: a factor that is to verify itself
// may have been found unverified. What cannot be read is left to the framework, which says why.
func staysAsItIs(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) bool {
	prior, priorOK := readFactor(ctx, req.PriorState)
	proposed, proposedOK := readFactor(ctx, req.ProposedNewState)
	if !priorOK || !proposedOK {
		return false
	}
	proposed.BindingSecretWO, proposed.AuthPayloadWO = types.StringNull(), types.StringNull()
	return reflect.DeepEqual(prior, proposed) && proposed.verification(nil, prior) == verifyNothing
}

func readFactor(ctx context.Context, value *tfprotov6.DynamicValue) (m *factorResourceModel, ok bool) {
	if value == nil {
		return nil, false
	}
	raw, err := value.Unmarshal(factorResourceType())
	if err != nil || raw.IsNull() {
		return nil, false
	}
	var diags diag.Diagnostics
	m = factorFrom(ctx, raw, &diags)
	return m, !diags.HasError()
}

// lent is the context of a request, for as long as the request takes. The framework, as of 1.19, keeps the cancel
// function of each request's context until the provider ends, and with it all that hangs on the context: a dozen
// kilobytes a request, which is tens of megabytes for a thousand factors, and the time to walk through them.
type lent struct {
	parent atomic.Pointer[context.Context]
}

var _ context.Context = (*lent)(nil)

// over stands in for the context of a request that was answered.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// lend makes a call with a context that forgets its parent after it.
func lend[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	var l lent
	l.parent.Store(&ctx)
	defer l.parent.Store(&over) //nolint:contextcheck // what stands in afterwards must not hang on the request
	return call(&l, req)        //nolint:contextcheck // it leads to ctx
}

func (l *lent) Deadline() (time.Time, bool) { return (*l.parent.Load()).Deadline() }
func (l *lent) Done() <-chan struct{}       { return (*l.parent.Load()).Done() }
func (l *lent) Err() error                  { return (*l.parent.Load()).Err() }
func (l *lent) Value(key any) any           { return (*l.parent.Load()).Value(key) }

// What follows is lent to. InvokeAction and ListResource are not, for they go on after they have returned; nor is what
// Terraform asks once for a provider.

func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lend(ctx, req, s.protocol.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lend(ctx, req, s.protocol.UpgradeResourceState)
}

func (s server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lend(ctx, req, s.protocol.UpgradeResourceIdentity)
}

func (s server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lend(ctx, req, s.protocol.ReadResource)
}

func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lend(ctx, req, s.protocol.ApplyResourceChange)
}

func (s server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return lend(ctx, req, s.protocol.ImportResourceState)
}

func (s server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return lend(ctx, req, s.protocol.MoveResourceState)
}

func (s server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return lend(ctx, req, s.protocol.GenerateResourceConfig)
}

func (s server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return lend(ctx, req, s.protocol.ValidateDataResourceConfig)
}

func (s server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return lend(ctx, req, s.protocol.ReadDataSource)
}

func (s server) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return lend(ctx, req, s.protocol.ValidateEphemeralResourceConfig)
}

func (s server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return lend(ctx, req, s.protocol.OpenEphemeralResource)
}

func (s server) RenewEphemeralResource(ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return lend(ctx, req, s.protocol.RenewEphemeralResource)
}

func (s server) CloseEphemeralResource(ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return lend(ctx, req, s.protocol.CloseEphemeralResource)
}

func (s server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return lend(ctx, req, s.protocol.PlanAction)
}

func (s server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return lend(ctx, req, s.protocol.CallFunction)
}
