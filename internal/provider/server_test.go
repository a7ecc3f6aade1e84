// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestRequestsLeaveNothing makes requests whose contexts the framework keeps, and
// wants what hangs on those to be free again.
func TestRequestsLeaveNothing(t *testing.T) {
	t.Parallel()
	const requests = 50
	server := NewServer("test")()
	var freed atomic.Int64
	for range requests {
		payload := new([1 << 10]byte)
		runtime.AddCleanup(payload, func(struct{}) { freed.Add(1) }, struct{}{})
		ctx := context.WithValue(t.Context(), callerKey{}, payload)
		if _, err := server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
			TypeName: factorTypeName, RawState: &tfprotov6.RawState{JSON: []byte("{}")},
		}); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, func() bool {
		runtime.GC()
		return freed.Load() == requests
	})
	runtime.KeepAlive(server)
}

type callerKey struct{}

// TestLentContext is like its parent while the request takes.
func TestLentContext(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Hour)
	parent, cancel := context.WithDeadline(context.WithValue(t.Context(), callerKey{}, "value"), deadline)
	var kept []context.Context
	if _, err := lend(parent, 0, func(ctx context.Context, _ int) (int, error) {
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
			t.Error("the parent's end does not reach its child")
		}
		return 0, nil
	}); err != nil {
		t.Fatal(err)
	}
	if kept[0].Err() == nil || kept[0].Value(callerKey{}) != nil {
		t.Error("the request is over, and its context goes on")
	}
}
