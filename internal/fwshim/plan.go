// SPDX-License-Identifier: MPL-2.0

package fwshim

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NoOpPlan reports whether a plan changes nothing, in which case the framework is not called. It
// reports false if it is not certain.
type NoOpPlan func(ctx context.Context, prior, proposed *tfprotov6.DynamicValue) bool

// IsNoOp implements a [NoOpPlan]. The function settled reports whether the provider would plan no
// change for an object whose proposed state equals its prior state. It may set write-only attributes
// of the proposed model to null.
func (c *Codec[M]) IsNoOp(ctx context.Context, priorValue, proposedValue *tfprotov6.DynamicValue, settled func(proposed M) bool) bool {
	prior, ok := c.decode(ctx, priorValue)
	if !ok {
		return false
	}
	proposed, ok := c.decode(ctx, proposedValue)
	return ok && settled(proposed) && reflect.DeepEqual(prior, proposed)
}
