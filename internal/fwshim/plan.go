// SPDX-License-Identifier: MPL-2.0

package fwshim

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NoOpPlan reports whether a plan changes nothing, so that the framework need not be called. It
// reports false if it cannot tell.
type NoOpPlan func(ctx context.Context, prior, proposed *tfprotov6.DynamicValue) bool

// NewNoOpPlan returns a plan check for a resource. The settled function reports whether an object
// that Terraform proposes to keep as it is needs no change from the provider's side; it may set
// write-only attributes of the proposed model to null.
func NewNoOpPlan[M any](codec *Codec[M], settled func(proposed *M) bool) NoOpPlan {
	return func(ctx context.Context, priorValue, proposedValue *tfprotov6.DynamicValue) bool {
		prior, ok := codec.decode(ctx, priorValue)
		if !ok {
			return false
		}
		proposed, ok := codec.decode(ctx, proposedValue)
		return ok && settled(proposed) && reflect.DeepEqual(prior, proposed)
	}
}
