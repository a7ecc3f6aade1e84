// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
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

type instance struct {
	*tfcore.Instance
	noun   *noun
	config attributes // nil if the instance is not configured
}

// run is one run of Terraform, with processes for the plan and others for the apply.
type run struct {
	w       *world
	number  int
	step    step
	changes int // number of changes in the plan

	mu        sync.Mutex
	processes []*process // of the plan or the apply
	diags     []*tfprotov6.Diagnostic
	failed    bool            // for any reason
	planned   map[string]bool // IDs of the objects whose destruction the plan showed
	forced    map[string]bool // IDs of those whose contents are destroyed with them
	applied   map[string]bool // IDs of the objects that were created or updated
	payloads  map[string]bool // that the user configured
}

func (w *world) newRun(s step) *run {
	w.runs++
	r := &run{
		w: w, number: w.runs, step: s,
		planned: map[string]bool{}, forced: map[string]bool{}, applied: map[string]bool{}, payloads: map[string]bool{},
	}
	w.network.begin(r)
	for _, i := range w.instances {
		i.Config = nil
		if w.configured(i) {
			a := maps.Clone(i.config)
			if i.noun.resolve != nil {
				i.noun.resolve(r, i, a)
			}
			i.Config = tfcore.Attributes(a)
		}
	}
	w.core.Start, w.core.Observe = r.start, r.observe
	return r
}

func (w *world) run(s step) *run {
	r := w.newRun(s)
	if s.Action == actionImport {
		r.importAgain()
		return r
	}
	i := w.instances[s.Instance]
	options := tfcore.Options{RefreshOnly: s.Action == actionRefresh, Unknown: s.Unknown, UnknownIn: i.Instance}
	if s.Action == actionReplace {
		options.Replace = i.Instance
	}
	plan := w.core.Plan(context.Background(), options)
	r.changes = len(plan.Changes)
	r.failed = r.failed || plan.Failed
	w.checkPlanned(r)
	if r.failed || s.Action == actionPlan ||
		slices.ContainsFunc(r.started(), func(p *process) bool { return p.ctx.Err() != nil }) {
		return r
	}
	r.show(plan)
	if s.Wait > 0 || s.What != "" { // a saved plan
		time.Sleep(s.Wait)
		w.network.outside(i, s.What)
	}
	r.mu.Lock()
	r.processes = nil
	r.mu.Unlock()
	ok := w.core.Apply(context.Background(), plan)
	r.failed = r.failed || !ok
	w.checkLost(r)
	return r
}

func (r *run) start(alias int) (*tfcore.Provider, tfcore.Diagnostics) {
	p := startProcess(r.w, r, alias)
	r.mu.Lock()
	r.processes = append(r.processes, p)
	r.mu.Unlock()
	provider := &tfcore.Provider{Server: p, Schemas: schemas()}
	diags := provider.Configure(context.Background(), r.w.providerConfig())
	r.report(diags)
	return provider, diags
}

// started returns the processes of the plan or the apply.
func (r *run) started() []*process {
	defer lock(&r.mu)()
	return slices.Clone(r.processes)
}

// interrupt stops all processes, as Ctrl-C does.
func (r *run) interrupt() {
	for _, p := range r.started() {
		p.interrupt()
	}
}

func (r *run) messages() string {
	defer lock(&r.mu)()
	return tfcore.Texts(r.diags)
}

func (r *run) report(diags []*tfprotov6.Diagnostic) {
	defer lock(&r.mu)()
	r.diags = append(r.diags, diags...)
	r.failed = r.failed || tfcore.Failed(diags)
	for _, d := range diags {
		text := d.Summary + ": " + d.Detail
		r.w.logf("%s: %s", d.Severity, text)
		r.w.checkSecret("a message", false, []byte(text))
		r.w.remember(text)
		if d.Summary == tfcore.Inconsistent {
			r.w.fail("inconsistent", "%s", d.Detail)
		}
	}
}

func (r *run) observe(e tfcore.Event) {
	i := r.w.instances[e.Instance.Number]
	r.report(e.Diagnostics)
	failed := tfcore.Failed(e.Diagnostics)
	switch {
	case e.Kind == tfcore.Applying:
		r.w.logf("instance %d: %s", i.Number, e.Change.Action)
	case e.Kind == tfcore.Applied:
		r.checkApplied(i, e, failed)
	case failed:
	case e.Kind == tfcore.Refreshed:
		r.w.checkRefreshed(i, e)
	case e.Kind == tfcore.Planned:
		r.w.checkReplaced(r, i, e)
	}
}

// show records what the plan will destroy.
func (r *run) show(plan *tfcore.Plan) {
	defer lock(&r.mu)()
	for _, c := range plan.Changes {
		r.w.logf("plan: instance %d: %s", c.Instance.Number, c.Action)
		if c.Destroys() {
			id := idOf(c.Object)
			r.planned[id] = true
			r.forced[id] = c.Object.Flag("force_destroy")
		}
	}
}

// importAgain removes the objects of an instance from the state, as terraform state rm does, and
// imports the current one.
func (r *run) importAgain() {
	i := r.w.instances[r.step.Instance]
	id := idOf(i.Current)
	if id == "" || !r.w.configured(i) {
		return
	}
	importID := i.Current.Text("id")
	if r.w.elsewhere(i.Current) {
		r.w.hidden[id] = true
	}
	for _, o := range i.Objects() {
		r.w.network.mark(idOf(o), (*record).giveUp)
	}
	i.Current, i.Deposed = nil, nil
	if r.w.core.Import(context.Background(), i.Instance, importID) {
		r.w.network.mark(id, func(o *record) { o.Outsider = false })
	}
}

// withoutFaults reports whether nothing went wrong in the run but a clock.
func (r *run) withoutFaults() bool {
	return len(r.step.Faults) == 0 && !r.w.other && r.step.What == "" && r.step.Wait == 0
}

// evaluated returns the configuration of an instance with values from the state in place of
// references, or nil if one of them has no value.
func (w *world) evaluated(i *instance) attributes { return w.referring(attributes(i.Config)) }

func (w *world) referring(a attributes) attributes {
	a = maps.Clone(a)
	for name, v := range a {
		if ref, ok := v.(reference); ok {
			if a[name] = w.instances[ref.Instance].Current.Text(ref.Attribute); a[name] == "" {
				return nil
			}
		}
	}
	return a
}

func members(o *tfcore.Object) map[string]tftypes.Value {
	if o == nil {
		return nil
	}
	return tfcore.Members(o.Value)
}

func containsFold(text, word string) bool {
	return word != "" && strings.Contains(strings.ToLower(text), strings.ToLower(word))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// lock locks a mutex, and returns the function that unlocks it.
func lock(mu *sync.Mutex) (unlock func()) {
	mu.Lock()
	return mu.Unlock
}

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
