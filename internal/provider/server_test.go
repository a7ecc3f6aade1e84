// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestRequestsLeaveNothing makes requests whose contexts the framework keeps, and
// wants what hangs on those to be free again.
func TestRequestsLeaveNothing(t *testing.T) {
	t.Parallel()
	const requests = 50
	server, ok := NewServer("test")().(protocol)
	if !ok {
		t.Fatal("the server does not have all of the protocol")
	}
	for name, request := range map[string]func(context.Context) error{
		"ValidateResourceConfig":          call(server.ValidateResourceConfig),
		"UpgradeResourceState":            call(server.UpgradeResourceState),
		"UpgradeResourceIdentity":         call(server.UpgradeResourceIdentity),
		"ReadResource":                    call(server.ReadResource),
		"PlanResourceChange":              call(server.PlanResourceChange),
		"ApplyResourceChange":             call(server.ApplyResourceChange),
		"ImportResourceState":             call(server.ImportResourceState),
		"MoveResourceState":               call(server.MoveResourceState),
		"GenerateResourceConfig":          call(server.GenerateResourceConfig),
		"ValidateDataResourceConfig":      call(server.ValidateDataResourceConfig),
		"ReadDataSource":                  call(server.ReadDataSource),
		"ValidateEphemeralResourceConfig": call(server.ValidateEphemeralResourceConfig),
		"OpenEphemeralResource":           call(server.OpenEphemeralResource),
		"RenewEphemeralResource":          call(server.RenewEphemeralResource),
		"CloseEphemeralResource":          call(server.CloseEphemeralResource),
		"ValidateActionConfig":            call(server.ValidateActionConfig),
		"PlanAction":                      call(server.PlanAction),
		"CallFunction":                    call(server.CallFunction),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var freed atomic.Int64
			for range requests {
				payload := new([1 << 10]byte)
				runtime.AddCleanup(payload, func(struct{}) { freed.Add(1) }, struct{}{})
				if err := request(context.WithValue(t.Context(), callerKey{}, payload)); err != nil {
					t.Fatal(err)
				}
			}
			waitFor(t, func() bool {
				runtime.GC()
				return freed.Load() == requests
			})
			runtime.KeepAlive(server)
		})
	}
}

// call makes a request of nothing, which is answered with a diagnostic.
func call[Request, Response any](method func(context.Context, *Request) (*Response, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := method(ctx, new(Request))
		return err
	}
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

// TestStaysAsItIs takes the fast way only where nothing is to be planned.
func TestStaysAsItIs(t *testing.T) {
	t.Parallel()
	object, ok := factorResourceType().(tftypes.Object)
	if !ok {
		t.Fatal("the resource is no object")
	}
	dynamic := func(value tftypes.Value) *tfprotov6.DynamicValue {
		packed, err := tfprotov6.NewDynamicValue(object, value)
		if err != nil {
			t.Fatal(err)
		}
		return &packed
	}
	null := dynamic(tftypes.NewValue(object, nil))
	state := attributes{
		"sid": "YF00000000000000000000000000000001", "friendly_name": "Robot 1", "status": "unverified",
		"metadata": map[string]any{"k": "v"}, "config_skew": 0, "binding_secret_wo_version": 1,
	}
	of := func(a attributes) *tfprotov6.DynamicValue { return dynamic(a.value(object)) }
	verifies := state.with(attributes{"auto_verify": true})
	verified := verifies.with(attributes{"status": "verified"})
	for name, c := range map[string]struct {
		prior, proposed *tfprotov6.DynamicValue
		want            bool
	}{
		"no difference":            {of(state), of(state), true},
		"write-only values":        {of(state), of(state.with(attributes{"binding_secret_wo": givenSecret, "auth_payload_wo": "123456"})), true},
		"another name":             {of(state), of(state.with(attributes{"friendly_name": "Robot 2"})), false},
		"other metadata":           {of(state), of(state.with(attributes{"metadata": map[string]any{"k": "w"}})), false},
		"nothing in place of 0":    {of(state), of(state.with(attributes{"config_skew": nil})), false},
		"unknown":                  {of(state), of(state.with(attributes{"friendly_name": tftypes.UnknownValue})), false},
		"verified":                 {of(verified), of(verified), true},
		"verifies, and unverified": {of(verifies), of(verifies), false},
		"create":                   {null, of(state), false},
		"destroy":                  {of(state), null, false},
		"nothing at all":           {null, null, false},
		"no values":                {nil, nil, false},
		"not readable":             {&tfprotov6.DynamicValue{MsgPack: []byte{0xc1}}, &tfprotov6.DynamicValue{MsgPack: []byte{0xc1}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := &tfprotov6.PlanResourceChangeRequest{TypeName: factorTypeName, PriorState: c.prior, ProposedNewState: c.proposed}
			if got := staysAsItIs(t.Context(), req); got != c.want {
				t.Errorf("%t, want %t", got, c.want)
			}
		})
	}
}
