// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

var (
	errKilled      = errors.New("the provider process died")
	errInterrupted = errors.New("interrupted")
)

// process is a provider process. Its calls end if the process is killed, and their responses are
// searched for secrets.
type process struct {
	tfprotov6.ProviderServer
	world *world
	run   *run
	alias int
	heard bool // received a response, and with it the server's clock; guarded by the network's mutex

	ctx    context.Context // of its calls
	cancel context.CancelFunc
	dead   context.Context
	die    context.CancelFunc
}

func startProcess(w *world, r *run, alias int) *process {
	p := &process{world: w, run: r, alias: alias}
	ctx := tflogtest.RootLogger(context.Background(), w)
	if w.history.Setup.FrameworkLog {
		ctx = tfsdklogtest.RootLogger(ctx, w)
	}
	p.dead, p.die = context.WithCancel(ctx)
	p.ctx, p.cancel = context.WithCancel(p.dead)
	p.ProviderServer = provider.NewServer(provider.Options{Version: "simulated", DialContext: w.network.dialer(p)})()
	return p
}

// providerConfig returns the provider block.
func (w *world) providerConfig() tfcore.Attributes {
	a := tfcore.Attributes{"base_url": "http://127.0.0.1", "max_retries": w.history.Setup.MaxRetries}
	account := w.account()
	if w.history.Setup.Credentials != "key" {
		a["account_sid"] = account.SID
	}
	if strings.HasPrefix(w.history.Setup.Credentials, "key") {
		for key, secret := range account.APIKeys {
			a["api_key"], a["api_secret"] = key, secret
		}
	} else {
		a["auth_token"] = account.AuthToken
	}
	return a
}

func (p *process) killed() bool { return p != nil && p.dead.Err() != nil }

// kill ends the process as SIGKILL would: it receives no more responses, and its requests end.
func (p *process) kill() {
	p.world.logf("killed")
	p.die()
}

// interrupt stops the provider as Terraform does after Ctrl-C.
func (p *process) interrupt() {
	p.world.logf("interrupted")
	_, _ = p.StopProvider(p.ctx, &tfprotov6.StopProviderRequest{}) // never fails
	p.cancel()
}

func (p *process) ConfigureProvider(
	_ context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	return call(p, p.ProviderServer.ConfigureProvider, req)
}

func (p *process) ValidateResourceConfig(
	_ context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return call(p, p.ProviderServer.ValidateResourceConfig, req)
}

func (p *process) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := call(p, p.ProviderServer.ReadResource, req)
	p.search("the state", resp.NewState, resp.Private)
	return resp, err
}

func (p *process) PlanResourceChange(
	_ context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := call(p, p.ProviderServer.PlanResourceChange, req)
	p.search("the plan", resp.PlannedState, resp.PlannedPrivate)
	return resp, err
}

func (p *process) ApplyResourceChange(
	_ context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := call(p, p.ProviderServer.ApplyResourceChange, req)
	p.search("the state", resp.NewState, resp.Private)
	return resp, err
}

func (p *process) ImportResourceState(
	_ context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return call(p, p.ProviderServer.ImportResourceState, req)
}

// search looks for secrets in what a response stores.
func (p *process) search(what string, state *tfprotov6.DynamicValue, private []byte) {
	if state != nil {
		p.world.checkSecret(what, true, state.MsgPack)
	}
	p.world.checkSecret("the private part of "+what, false, private)
}

// longest is how long a call may take before it counts as hanging.
const longest = 6 * time.Hour

// call calls the provider, unless Terraform was interrupted or the process was killed. With an error,
// the response is empty.
func call[Q, R any](p *process, f func(context.Context, *Q) (*R, error), req *Q) (*R, error) {
	switch {
	case p.killed():
		return new(R), errKilled
	case p.ctx.Err() != nil:
		return new(R), errInterrupted
	}
	response, err := new(R), error(nil)
	done := make(chan struct{})
	p.world.background.Go(func() {
		defer close(done)
		defer func() {
			if failure := recover(); failure != nil {
				p.world.fail("panic", "%v\n%s", failure, debug.Stack())
				err = fmt.Errorf("panic: %v", failure)
			}
		}()
		if received, failure := f(p.ctx, req); failure != nil {
			err = failure
		} else {
			response = received
		}
	})
	select {
	case <-p.dead.Done():
		return new(R), errKilled
	case <-done:
		return response, err
	case <-time.After(longest):
		p.world.fail("hang", "a call took more than %s", longest)
		return new(R), errKilled
	}
}

// schemas returns the provider's schemas, which are the same in every process.
var schemas = sync.OnceValue(func() *tfprotov6.GetProviderSchemaResponse {
	return tfcore.NewProvider(provider.NewServer(provider.Options{})()).Schemas
})

func objectType(typeName string) tftypes.Object {
	return schemas().ResourceSchemas[typeName].ValueType().(tftypes.Object)
}
