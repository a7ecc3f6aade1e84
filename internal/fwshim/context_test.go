// SPDX-License-Identifier: MPL-2.0

package fwshim

import (
	"context"
	"testing"
	"time"
)

type callerKey struct{}

// TestContext_Detached checks that the context behaves like its parent during the request.
func TestContext_Detached(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Hour)
	parent, cancel := context.WithDeadline(context.WithValue(t.Context(), callerKey{}, "value"), deadline)
	kept, err := withDetachedContext(parent, 0, func(ctx context.Context, _ int) (context.Context, error) {
		if got, ok := ctx.Deadline(); !ok || !got.Equal(deadline) || ctx.Value(callerKey{}) != "value" {
			t.Errorf("deadline %s, value %v", got, ctx.Value(callerKey{}))
		}
		child, cancelChild := context.WithCancel(ctx)
		defer cancelChild()
		cancel()
		select {
		case <-child.Done():
		case <-time.After(time.Minute):
			t.Error("canceling the parent does not cancel the child")
		}
		return ctx, nil
	})
	if err != nil || kept.Err() == nil || kept.Value(callerKey{}) != nil {
		t.Errorf("after the request, the context must be done and have no values; error %v", err)
	}
}
