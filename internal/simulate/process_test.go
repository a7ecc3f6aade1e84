// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
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

	ctx    context.Context
	cancel context.CancelFunc
	dead   chan struct{}
	die    func()
}

// newServer returns the provider with a dialer for the process.
func newServer(p *process) tfprotov6.ProviderServer {
	return provider.NewServer(provider.Options{Version: "simulated", DialContext: p.world.network.dialer(p)})()
}

func startProcess(w *world, r *run, alias int) *process {
	p := &process{world: w, run: r, alias: alias, dead: make(chan struct{})}
	p.die = sync.OnceFunc(func() { close(p.dead) })
	ctx := tflogtest.RootLogger(context.Background(), &w.log)
	if w.history.Setup.FrameworkLog {
		ctx = tfsdklogtest.RootLogger(ctx, &w.log)
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.ProviderServer = newServer(p)
	return p
}

// providerConfig returns the provider block.
func (w *world) providerConfig() tfcore.Attributes {
	a := tfcore.Attributes{"base_url": "http://127.0.0.1", "max_retries": w.history.Setup.MaxRetries}
	account, token, apiKey, secret := verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, verifymock.DefaultAPIKey,
		verifymock.DefaultAPISecret
	if w.other {
		account, token, apiKey, secret = otherAccountSID, otherToken, otherKey, otherSecret
	}
	if w.history.Setup.Credentials != "key" {
		a["account_sid"] = account
	}
	if w.history.Setup.Credentials == "token" {
		a["auth_token"] = token
	} else {
		a["api_key"], a["api_secret"] = apiKey, secret
	}
	return a
}

func (p *process) killed() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// kill ends the process as SIGKILL would: it receives no more responses, and its requests end.
func (p *process) kill() {
	p.world.logf("killed")
	p.die()
	p.cancel()
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

// ValidateResourceConfig calls the provider only for a configuration that it has not accepted yet,
// because the result depends on nothing else.
func (p *process) ValidateResourceConfig(
	_ context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	once := req.TypeName + string(req.Config.MsgPack)
	p.world.mu.Lock()
	validated := p.world.validated[once]
	p.world.mu.Unlock()
	if validated {
		return &tfprotov6.ValidateResourceConfigResponse{}, nil
	}
	resp, err := call(p, p.ProviderServer.ValidateResourceConfig, req)
	if err == nil && !tfcore.Failed(resp.Diagnostics) {
		p.world.mu.Lock()
		p.world.validated[once] = true
		p.world.mu.Unlock()
	}
	return resp, err
}

func (p *process) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := call(p, p.ProviderServer.ReadResource, req)
	if err == nil {
		p.search("the state", resp.NewState, resp.Private)
	}
	return resp, err
}

func (p *process) PlanResourceChange(
	_ context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := call(p, p.ProviderServer.PlanResourceChange, req)
	if err == nil {
		p.search("the plan", resp.PlannedState, resp.PlannedPrivate)
	}
	return resp, err
}

func (p *process) ApplyResourceChange(
	_ context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := call(p, p.ProviderServer.ApplyResourceChange, req)
	if err == nil {
		p.search("the state", resp.NewState, resp.Private)
	}
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

// call calls the provider, unless Terraform was interrupted or the process was killed.
func call[Request, Response any](p *process, f func(context.Context, Request) (Response, error), req Request) (Response, error) {
	type outcome struct {
		response Response
		err      error
	}
	var none Response
	switch {
	case p.killed():
		return none, errKilled
	case p.ctx.Err() != nil:
		return none, errInterrupted
	}
	done := make(chan outcome, 1)
	p.world.background.Go(func() {
		defer func() {
			if failure := recover(); failure != nil {
				p.world.fail("panic", "%v\n%s", failure, debug.Stack())
				done <- outcome{err: fmt.Errorf("panic: %v", failure)}
			}
		}()
		response, err := f(p.ctx, req)
		done <- outcome{response, err}
	})
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-p.dead:
		return none, errKilled
	case o := <-done:
		return o.response, o.err
	case <-timer.C:
		p.world.fail("hang", "a call took more than %s", longest)
		return none, errKilled
	}
}

// schemas returns the provider's schemas, which are the same in every process.
var schemas = sync.OnceValue(func() *tfprotov6.GetProviderSchemaResponse {
	w := &world{}
	w.network = &network{world: w}
	return tfcore.NewProvider(newServer(&process{world: w})).Schemas
})

func objectType(typeName string) tftypes.Object {
	return schemas().ResourceSchemas[typeName].ValueType().(tftypes.Object)
}
