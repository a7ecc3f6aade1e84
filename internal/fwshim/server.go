// SPDX-License-Identifier: MPL-2.0

package fwshim

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a provider's protocol 6 server with all workarounds. The no-op plans are keyed
// by resource type.
func NewServer(p provider.Provider, noOpPlans map[string]NoOpPlan) tfprotov6.ProviderServer {
	return server{
		protocol:  providerserver.NewProtocol6(p)().(protocol), //nolint:forcetypeassert // the framework's server implements all three
		noOpPlans: noOpPlans,
	}
}

// protocol is the part of the plugin protocol that the framework implements.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

type server struct {
	protocol
	noOpPlans map[string]NoOpPlan
}

// ValidateActionConfig accepts values for write-only attributes.
func (s server) ValidateActionConfig(
	ctx context.Context, req *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	resp, err := withDetachedContext(ctx, req, s.protocol.ValidateActionConfig)
	if err != nil {
		return nil, err
	}
	resp.Diagnostics = slices.DeleteFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return d.Summary == "WriteOnly Attribute Not Allowed"
	})
	return resp, nil
}

// PlanResourceChange returns the prior state if nothing changes, without calling the framework.
func (s server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	if noOp := s.noOpPlans[req.TypeName]; noOp != nil && noOp(ctx, req.PriorState, req.ProposedNewState) {
		return &tfprotov6.PlanResourceChangeResponse{
			PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity,
		}, nil
	}
	return withDetachedContext(ctx, req, s.protocol.PlanResourceChange)
}

// The methods below detach the context of each request. InvokeAction and ListResource do not,
// because their results are streamed after they have returned. The methods that Terraform calls
// once per provider or list block do not need to, nor does RenewEphemeralResource, which it does not
// call: no ephemeral resource says when to renew it.

func (s server) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.UpgradeResourceState)
}

func (s server) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.UpgradeResourceIdentity)
}

func (s server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.ReadResource)
}

func (s server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.ApplyResourceChange)
}

func (s server) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.ImportResourceState)
}

func (s server) MoveResourceState(
	ctx context.Context, req *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.MoveResourceState)
}

func (s server) GenerateResourceConfig(
	ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest,
) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.GenerateResourceConfig)
}

func (s server) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.ValidateDataResourceConfig)
}

func (s server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.ReadDataSource)
}

func (s server) ValidateEphemeralResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.ValidateEphemeralResourceConfig)
}

func (s server) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.OpenEphemeralResource)
}

func (s server) CloseEphemeralResource(
	ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.CloseEphemeralResource)
}

func (s server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return withDetachedContext(ctx, req, s.protocol.PlanAction)
}

// CallFunction accepts null arguments from OpenTofu, which sends them without data.
func (s server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	for i, argument := range req.Arguments {
		if argument != nil && len(argument.MsgPack) == 0 && len(argument.JSON) == 0 {
			req.Arguments[i] = &tfprotov6.DynamicValue{MsgPack: []byte{msgpackNil}}
		}
	}
	return withDetachedContext(ctx, req, s.protocol.CallFunction)
}

// msgpackNil is null in MessagePack.
const msgpackNil = 0xc0
