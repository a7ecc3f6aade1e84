// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
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
	resp, err := s.protocol.ValidateActionConfig(ctx, req)
	if err != nil {
		return nil, err
	}
	resp.Diagnostics = slices.DeleteFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return d.Summary == "WriteOnly Attribute Not Allowed"
	})
	return resp, nil
}
