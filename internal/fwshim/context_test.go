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
	var kept []context.Context
	if _, err := withDetachedContext(parent, 0, func(ctx context.Context, _ int) (int, error) {
		kept = append(kept, ctx)
		if got, ok := ctx.Deadline(); !ok || !got.Equal(deadline) {
			t.Errorf("deadline %s, want %s", got, deadline)
		}
		if got := ctx.Value(callerKey{}); got != "value" {
			t.Errorf("value %v", got)
		}
		child, cancelChild := context.WithCancel(ctx)
		defer cancelChild()
		cancel()
		select {
		case <-child.Done():
		case <-time.After(time.Minute):
			t.Error("canceling the parent does not cancel the child")
		}
		return 0, nil
	}); err != nil {
		t.Fatal(err)
	}
	if kept[0].Err() == nil || kept[0].Value(callerKey{}) != nil {
		t.Error("after the request, the context must be done and have no values")
	}
}
