// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateState is the private state of a resource. A key with an empty value is absent.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// Keys of the private state.
const (
	// payloadPendingKey is present if auth_payload_wo could not be delivered.
	payloadPendingKey = "auth_payload_pending"
	// uriPendingKey is present if the binding URI of a recovered factor could not be composed.
	uriPendingKey = "binding_uri_pending"
)

func isPayloadPending(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	return hasKey(ctx, private, payloadPendingKey, diags)
}

func setPayloadPending(ctx context.Context, private privateState, pending bool, diags *diag.Diagnostics) {
	setKey(ctx, private, payloadPendingKey, pending, diags)
}

func hasKey(ctx context.Context, private privateState, key string, diags *diag.Diagnostics) bool {
	value, getDiags := private.GetKey(ctx, key)
	diags.Append(getDiags...)
	return value != nil
}

func setKey(ctx context.Context, private privateState, key string, present bool, diags *diag.Diagnostics) {
	var value []byte
	if present {
		value = []byte("true")
	}
	diags.Append(private.SetKey(ctx, key, value)...)
}
