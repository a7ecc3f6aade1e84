// SPDX-License-Identifier: MPL-2.0

package tfcore

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Core has a configuration of several instances, and their state.
type Core struct {
	Instances []*Instance
	// Start starts a configured process of the provider with an alias.
	Start func(alias int) (*Provider, Diagnostics)
	// Observe is called for each call of a provider. In a parallel walk, calls are concurrent.
	Observe func(Event)
	// Parallel works on all instances at once, instead of one after another.
	Parallel bool
	// CreateBeforeDestroy applies to all instances.
	CreateBeforeDestroy bool
}

// Instance is a resource instance with its objects in the state.
type Instance struct {
	Number   int // index in Core.Instances
	TypeName string
	Alias    int        // of the provider
	Config   Attributes // nil if the instance is not configured
	Current  *Object
	Deposed  []*Object
}

// Objects returns the instance's objects in the state.
func (i *Instance) Objects() []*Object {
	all := slices.Clone(i.Deposed)
	if i.Current != nil {
		all = append(all, i.Current)
	}
	return all
}

// The kinds of events.
const (
	Validated = "validated"
	Refreshed = "refreshed"
	Planned   = "planned"
	Applying  = "applying"
	Applied   = "applied"
	Imported  = "imported"
)

// Event is the start or the result of calls for one object.
type Event struct {
	Kind          string
	Instance      *Instance
	Change        *Change       // planned or applied
	Config        tftypes.Value // of a planned create, update, or replacement
	Before, After *Object
	Diagnostics   Diagnostics
}

// Options change what a run does.
type Options struct {
	RefreshOnly bool
	Replace     *Instance // as with -replace
	// Unknown is an attribute of UnknownIn that is known only at apply.
	Unknown   string
	UnknownIn *Instance
}

// Plan is the result of a plan, which may be applied later.
type Plan struct {
	Options
	Failed    bool
	Changes   []*InstanceChange
	refreshed [][]*Object // deposed objects, then the current one or nil
}

// InstanceChange is a change of an instance's object.
type InstanceChange struct {
	*Change
	Instance *Instance
	Deposed  bool
}

// run is a plan or an apply.
type run struct {
	*Core
	Options
	ctx       context.Context
	mu        sync.Mutex
	failed    bool
	providers map[int]*Provider
	planning  bool
	after     []tftypes.Value // planned values of the instances
}

func (c *Core) newRun(ctx context.Context, o Options, planning bool) *run {
	return &run{
		Core: c, Options: o, ctx: ctx, providers: map[int]*Provider{}, planning: planning,
		after: make([]tftypes.Value, len(c.Instances)),
	}
}

// Plan refreshes and plans everything. The state remains unchanged until the plan is applied.
func (c *Core) Plan(ctx context.Context, options Options) *Plan {
	r := c.newRun(ctx, options, true)
	p := &Plan{Options: options, refreshed: make([][]*Object, len(c.Instances))}
	changes := make([][]*InstanceChange, len(c.Instances))
	nodes := make([]*node, len(c.Instances))
	for n, i := range c.Instances {
		nodes[n] = &node{run: func() (ok bool) {
			p.refreshed[n], changes[n], ok = r.planInstance(i)
			return ok
		}}
	}
	for n, i := range c.Instances {
		for _, parent := range i.Config.Parents() {
			nodes[n].after = append(nodes[n].after, nodes[parent])
		}
	}
	c.walk(nodes)
	for _, one := range slices.Concat(changes...) {
		if one.Action != Nothing {
			p.Changes = append(p.Changes, one)
		}
	}
	p.Failed = r.failed
	return p
}

// Apply stores the results of the plan's refresh and carries out its changes. It reports whether
// everything succeeded.
func (c *Core) Apply(ctx context.Context, p *Plan) bool {
	for n, i := range c.Instances {
		fresh := p.refreshed[n]
		last := len(fresh) - 1
		i.Current, i.Deposed = fresh[last], slices.DeleteFunc(slices.Clone(fresh[:last]), func(o *Object) bool { return o == nil })
	}
	if p.RefreshOnly {
		return true
	}
	r := c.newRun(ctx, p.Options, false)
	r.applyAll(p.Changes)
	return !r.failed
}

// Import imports an object that the state does not hold.
func (c *Core) Import(ctx context.Context, i *Instance, id string) bool {
	r := c.newRun(ctx, Options{}, false)
	p := r.provider(i)
	if p == nil {
		return false
	}
	o, diags := p.Import(ctx, i.TypeName, id, nil)
	r.note(Event{Kind: Imported, Instance: i, After: o, Diagnostics: diags})
	i.Current = o
	return o != nil
}

// Move does what a moved block does: it gives the objects of an instance to another one that has none.
func (c *Core) Move(from, to *Instance) {
	to.Current, to.Deposed = from.Current, from.Deposed
	from.Current, from.Deposed = nil, nil
	for _, i := range c.Instances {
		for _, o := range i.Objects() {
			parents := slices.Clone(o.Parents)
			for n, parent := range parents {
				if parent == from.Number {
					parents[n] = to.Number
				}
			}
			o.Parents = merged(parents, nil)
		}
	}
}

// provider returns the process for an instance, or nil if it cannot be started.
func (r *run) provider(i *Instance) *Provider {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.providers[i.Alias]; ok {
		return p
	}
	p, diags := r.Start(i.Alias)
	if Failed(diags) {
		r.failed, p = true, nil
	}
	r.providers[i.Alias] = p
	return p
}

// note passes an event on, and reports whether it was a success.
func (r *run) note(e Event) (ok bool) {
	failed := Failed(e.Diagnostics)
	r.mu.Lock()
	r.failed = r.failed || failed
	r.mu.Unlock()
	if r.Observe != nil {
		r.Observe(e)
	}
	return !failed
}

// planInstance refreshes an instance and plans it.
func (r *run) planInstance(i *Instance) (fresh []*Object, changes []*InstanceChange, ok bool) {
	p := r.provider(i)
	if p == nil {
		return nil, nil, false
	}
	if i.Config != nil && !r.note(Event{Kind: Validated, Instance: i, Diagnostics: p.Validate(r.ctx, i.TypeName, r.config(p, i))}) {
		return nil, nil, false
	}
	for _, o := range append(slices.Clone(i.Deposed), i.Current) {
		next, ok := r.refresh(p, i, o)
		if !ok {
			return nil, nil, false
		}
		fresh = append(fresh, next)
	}
	last := len(fresh) - 1
	current := fresh[last]
	if current != nil {
		r.setAfter(i, current.Value)
		current.Parents = merged(i.Config.Parents(), current.Parents)
	}
	if r.RefreshOnly {
		return fresh, nil, true
	}
	for _, o := range fresh[:last] {
		if o != nil {
			c, diags := p.PlanDelete(r.ctx, i.TypeName, o)
			r.note(Event{Kind: Planned, Instance: i, Change: c, Diagnostics: diags})
			changes = append(changes, &InstanceChange{c, i, true})
		}
	}
	if i.Config == nil && current == nil {
		return fresh, changes, true
	}
	c, ok := r.planCurrent(p, i, current)
	if ok {
		changes = append(changes, &InstanceChange{c, i, false})
	}
	return fresh, changes, ok
}

// refresh refreshes an object, which may be nil.
func (r *run) refresh(p *Provider, i *Instance, o *Object) (*Object, bool) {
	if o == nil {
		return nil, true
	}
	next, diags := p.Refresh(r.ctx, i.TypeName, o)
	return next, r.note(Event{Kind: Refreshed, Instance: i, Before: o, After: next, Diagnostics: diags})
}

// planCurrent plans an instance from its current object, which may be nil.
func (r *run) planCurrent(p *Provider, i *Instance, current *Object) (*Change, bool) {
	var c *Change
	var diags Diagnostics
	config := r.config(p, i)
	if i.Config == nil {
		c, diags = p.PlanDelete(r.ctx, i.TypeName, current)
	} else {
		c, diags = p.Plan(r.ctx, i.TypeName, current, config, r.Replace == i)
	}
	r.setAfter(i, c.Planned)
	return c, r.note(Event{Kind: Planned, Instance: i, Change: c, Config: config, Diagnostics: diags})
}

func merged(a, b []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

func (r *run) setAfter(i *Instance, value tftypes.Value) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.after[i.Number] = value
}

// config returns the configuration of an instance, which is null if the instance has none.
func (r *run) config(p *Provider, i *Instance) tftypes.Value {
	if i.Config == nil {
		return p.Null(i.TypeName)
	}
	a := maps.Clone(i.Config)
	for name, v := range a {
		if ref, ok := v.(Reference); ok {
			a[name] = r.refer(ref)
		}
	}
	if r.planning && r.UnknownIn == i && a[r.Unknown] != nil {
		a[r.Unknown] = Unknown{}
	}
	return a.Value(p.Type(i.TypeName))
}

// refer returns the value of a reference, which may be unknown during planning.
func (r *run) refer(ref Reference) any {
	r.mu.Lock()
	value := r.after[ref.Instance]
	r.mu.Unlock()
	if !r.planning {
		value = tftypes.Value{}
		if current := r.Instances[ref.Instance].Current; current != nil {
			value = current.Value
		}
	}
	if value.Type() == nil || value.IsNull() || !Members(value)[ref.Attribute].IsKnown() {
		return Unknown{}
	}
	return (&Object{Value: value}).Text(ref.Attribute)
}

// destroy carries out the destroy of a change.
func (r *run) destroy(c *InstanceChange) bool {
	i, o := c.Instance, c.Object
	p := r.provider(i)
	if p == nil {
		return false
	}
	deposed := slices.Contains(i.Deposed, o)
	d := &Change{Action: Delete, Object: o, Planned: p.Null(i.TypeName), identity: o.Identity}
	if c.Action == Delete {
		d = c.Change
	}
	next := r.carryOut(i, o, d, func() (*Object, Diagnostics) { return p.Apply(r.ctx, i.TypeName, o, d, p.Null(i.TypeName)) })
	if deposed {
		i.forget(o, next.after)
	} else {
		i.Current = next.after
	}
	return next.ok
}

// forget removes a deposed object, or replaces it with next if that is not nil.
func (i *Instance) forget(o, next *Object) {
	var rest []*Object
	for _, d := range i.Deposed {
		switch {
		case d != o:
			rest = append(rest, d)
		case next != nil:
			rest = append(rest, next)
		}
	}
	i.Deposed = rest
}

// create carries out the create or update of a change.
func (r *run) create(c *InstanceChange) bool {
	i := c.Instance
	old := i.Current
	replace := c.Action == Replace
	if replace && r.CreateBeforeDestroy {
		i.Current, i.Deposed = nil, append(i.Deposed, old)
	}
	p := r.provider(i)
	if p == nil {
		return false
	}
	from := i.Current
	if replace {
		from = nil
	}
	done := r.carryOut(i, from, c.Change, func() (*Object, Diagnostics) {
		next, diags := p.Execute(r.ctx, i.TypeName, from, c.Change, r.config(p, i))
		if next != nil && next != from {
			next.Parents = merged(next.Parents, i.Config.Parents())
		}
		return next, diags
	})
	i.Current = done.after
	if replace && r.CreateBeforeDestroy && done.after == nil {
		i.Current = old
		i.forget(old, nil)
	}
	return done.ok
}

type result struct {
	after *Object
	ok    bool
}

func (r *run) carryOut(i *Instance, before *Object, c *Change, apply func() (*Object, Diagnostics)) result {
	r.note(Event{Kind: Applying, Instance: i, Before: before, Change: c})
	after, diags := apply()
	ok := r.note(Event{Kind: Applied, Instance: i, Change: c, Before: before, After: after, Diagnostics: diags})
	return result{after, ok}
}
