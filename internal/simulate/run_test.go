// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

// instance is a resource instance.
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

// run runs Terraform.
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

// start starts and configures a process.
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

// messages returns the text of the diagnostics so far.
func (r *run) messages() string {
	defer lock(&r.mu)()
	return tfcore.Texts(r.diags)
}

// report records the diagnostics of a call.
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

// observe checks what happened to one object.
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
func (w *world) evaluated(i *instance) attributes {
	if i.Config == nil {
		return nil
	}
	return w.referring(attributes(i.Config))
}

func (w *world) referring(a attributes) attributes {
	a = maps.Clone(a)
	for name, v := range a {
		if ref, ok := v.(reference); ok {
			value := w.instances[ref.Instance].Current.Text(ref.Attribute)
			if value == "" {
				return nil
			}
			a[name] = value
		}
	}
	return a
}

// members returns the attributes of an object.
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
