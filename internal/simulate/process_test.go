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
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

var (
	errKilled      = errors.New("the provider process died")
	errInterrupted = errors.New("interrupted")
)

// process is a provider process.
type process struct {
	world  *world
	run    *run
	server tfprotov6.ProviderServer
	heard  bool // received a response, and with it the server's clock; guarded by the network's mutex

	ctx    context.Context
	cancel context.CancelFunc
	dead   chan struct{}
	die    func()
}

// newServer returns the provider with a dialer for the process.
func newServer(p *process) tfprotov6.ProviderServer {
	return provider.NewServer(provider.Options{Version: "simulated", DialContext: p.world.network.dialer(p)})()
}

func startProcess(w *world, r *run) *process {
	p := &process{world: w, run: r, dead: make(chan struct{})}
	p.die = sync.OnceFunc(func() { close(p.dead) })
	ctx := tflogtest.RootLogger(context.Background(), &w.log)
	if w.history.Setup.FrameworkLog {
		ctx = tfsdklogtest.RootLogger(ctx, &w.log)
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.server = newServer(p)
	return p
}

// providerConfig returns the provider block.
func (w *world) providerConfig() attributes {
	a := attributes{"base_url": "http://127.0.0.1", "max_retries": w.history.Setup.MaxRetries}
	account, token, apiKey, secret := verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, verifymock.DefaultAPIKey, verifymock.DefaultAPISecret
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
	_, _ = p.server.StopProvider(p.ctx, &tfprotov6.StopProviderRequest{}) // never fails
	p.cancel()
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
