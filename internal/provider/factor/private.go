// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// Keys of the private state.
const (
	// payloadPendingKey is present if auth_payload_wo could not be delivered.
	payloadPendingKey = "auth_payload_pending"
)

func isPayloadPending(ctx context.Context, private shared.PrivateState, diags *diag.Diagnostics) bool {
	return hasKey(ctx, private, payloadPendingKey, diags)
}

func setPayloadPending(ctx context.Context, private shared.PrivateState, pending bool, diags *diag.Diagnostics) {
	setKey(ctx, private, payloadPendingKey, pending, diags)
}

func hasKey(ctx context.Context, private shared.PrivateState, key string, diags *diag.Diagnostics) bool {
	value, getDiags := private.GetKey(ctx, key)
	diags.Append(getDiags...)
	return value != nil
}

func setKey(ctx context.Context, private shared.PrivateState, key string, present bool, diags *diag.Diagnostics) {
	var value []byte
	if present {
		value = []byte("true")
	}
	diags.Append(private.SetKey(ctx, key, value)...)
}
