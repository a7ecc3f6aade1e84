// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

// TestNouns_NoOpPlans expects a no-op plan for each resource, and a field of its model for each
// attribute.
func TestNouns_NoOpPlans(t *testing.T) {
	t.Parallel()
	schemas := tfcore.NewProvider(providerserver.NewProtocol6(&twilioProvider{})()).Schemas
	null := &tfprotov6.DynamicValue{MsgPack: []byte{0xc0}}
	for name := range schemas.ResourceSchemas {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if problem := recover(); problem != nil {
					t.Error(problem)
				}
			}()
			if noOp := noOpPlans[name]; noOp == nil {
				t.Error("noOpPlans has no plan for this resource")
			} else if noOp(t.Context(), null, null) {
				t.Error("a plan without a prior state counts as a no-op")
			}
		})
	}
	for name := range noOpPlans {
		if schemas.ResourceSchemas[name] == nil {
			t.Errorf("noOpPlans has a plan for %s, which is not a resource", name)
		}
	}
}
