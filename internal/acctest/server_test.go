// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

// TestServer_ReleasesRequests makes requests whose contexts the framework keeps, and checks that
// everything that the contexts refer to is released.
func TestServer_ReleasesRequests(t *testing.T) {
	t.Parallel()
	const requests = 50
	server, ok := provider.NewServer(provider.Options{Version: "test"})().(protocol)
	if !ok {
		t.Fatal("the server does not implement the whole protocol")
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

// call returns a function that sends an empty request, to which the response is a diagnostic.
func call[Request, Response any](method func(context.Context, *Request) (*Response, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := method(ctx, new(Request))
		return err
	}
}

type callerKey struct{}
