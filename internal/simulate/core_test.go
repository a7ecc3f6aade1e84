// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file plays the part of Terraform. It follows Terraform's own source in
// internal/terraform/node_resource_abstract_instance.go and internal/plans/objchange.

// instance is a resource instance with its objects in the state.
type instance struct {
	number   int
	typeName string
	noun     noun
	config   attributes // nil if the instance is not configured
	current  *object
	deposed  []*object
}

// object is an object in the state.
type object struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
	imported bool  // by an import that has not read it yet
	hidden   bool  // from the credentials, which belong to another account
	parents  []int // numbers of the instances that it depends on
	applied  int   // number of the run that created or updated it
}

func (i *instance) objects() []*object {
	all := append([]*object{}, i.deposed...)
	if i.current != nil {
		all = append(all, i.current)
	}
	return all
}

// run is one run of Terraform, with a process for the plan and one for the apply.
type run struct {
	w       *world
	number  int
	step    step
	process *process

	mu       sync.Mutex
	diags    []*tfprotov6.Diagnostic
	failed   bool            // for any reason
	changes  int             // number of changes in the plan
	planned  map[string]bool // IDs of the objects whose destruction the plan showed
	forced   map[string]bool // IDs of those whose contents are destroyed with them
	pending  map[string]int  // number of objects without an ID whose destruction the plan showed, by key
	creates  map[string]int  // number of planned creates that have started, by key
	made     map[string]int  // number of created objects that still exist, by key
	configs  []attributes    // with values in place of symbols
	after    []tftypes.Value // planned values of the instances
	payloads map[string]bool
}

type action string

const (
	doNothing action = "nothing"
	doCreate  action = "create"
	doUpdate  action = "update"
	doReplace action = "replace"
	doDelete  action = "delete"
)

// change is a planned change of an instance.
type change struct {
	instance *instance
	object   *object // the prior object, or nil
	deposed  bool
	action   action
	planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// messages returns the text of the diagnostics so far.
func (r *run) messages() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return textsOf(r.diags)
}

// report records the diagnostics of a call and reports whether the call failed.
func (r *run) report(diags []*tfprotov6.Diagnostic, err error) (failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.diags = append(r.diags, diags...)
	for _, d := range diags {
		r.w.logf("%s: %s: %s", d.Severity, d.Summary, d.Detail)
		failed = failed || d.Severity == tfprotov6.DiagnosticSeverityError
		r.w.checkSecret("a message", false, []byte(d.Summary+" "+d.Detail))
	}
	if err != nil {
		r.w.logf("call failed: %v", err)
	}
	failed = failed || err != nil
	r.failed = r.failed || failed
	return failed
}

// inconsistent reports a response that Terraform itself would reject. The run fails.
func (r *run) inconsistent(format string, args ...any) {
	r.mu.Lock()
	r.failed = true
	r.mu.Unlock()
	r.w.fail("inconsistent", format, args...)
}

// start starts a provider process and configures it.
func (r *run) start() bool {
	r.process = startProcess(r.w, r)
	object := schemas().Provider.ValueType().(tftypes.Object)
	resp, err := call(r.process, r.process.server.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: dynamic(r.w.providerConfig().value(object)),
	})
	return !r.report(diagnosticsOf(resp, err), err)
}

// planAll refreshes and plans everything. It returns the refreshed objects and the changes, but
// does not apply either.
func (r *run) planAll() (refreshed [][]*object, changes []*change) {
	refreshed = make([][]*object, len(r.w.instances)) // deposed objects, then the current one or nil
	perInstance := make([][]*change, len(r.w.instances))
	nodes := make([]*node, len(r.w.instances))
	for n, i := range r.w.instances {
		nodes[n] = &node{number: n, rank: i.rank(), run: func() (ok bool) {
			refreshed[n], perInstance[n], ok = r.planInstance(i)
			return ok
		}}
	}
	for _, n := range nodes {
		for _, parent := range r.configs[n.number].parents() {
			n.after = append(n.after, nodes[parent])
		}
	}
	r.walk(nodes)
	for _, c := range perInstance {
		for _, one := range c {
			if one != nil && one.action != doNothing {
				changes = append(changes, one)
			}
		}
	}
	return refreshed, changes
}

// planInstance refreshes an instance and plans it.
func (r *run) planInstance(i *instance) (fresh []*object, changes []*change, ok bool) {
	if !r.validate(i) {
		return nil, nil, false
	}
	for _, o := range append(append([]*object{}, i.deposed...), i.current) {
		next, ok := r.refresh(i, o)
		if !ok {
			return nil, nil, false
		}
		fresh = append(fresh, next)
	}
	last := len(fresh) - 1
	for _, o := range fresh[:last] {
		if o != nil {
			changes = append(changes, r.planDelete(i, o, true))
		}
	}
	current := fresh[last]
	if current != nil {
		r.after[i.number] = current.value
		current.parents = merged(r.configs[i.number].parents(), current.parents)
	}
	if r.step.Action == actionRefresh {
		return fresh, changes, true
	}
	if r.configs[i.number] == nil && current == nil {
		return fresh, changes, true
	}
	c := r.plan(i, current)
	if c == nil {
		return fresh, changes, false
	}
	r.after[i.number] = c.planned
	return fresh, append(changes, c), true
}

func merged(a, b []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

func (r *run) validate(i *instance) bool {
	if r.configs[i.number] == nil {
		return true
	}
	config := dynamic(r.configOf(i, true))
	once := i.typeName + string(config.MsgPack) // the result depends on nothing else
	r.mu.Lock()
	validated := r.w.validated[once]
	r.mu.Unlock()
	if validated {
		return true
	}
	resp, err := call(r.process, r.process.server.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: i.typeName, Config: config,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if r.report(diagnosticsOf(resp, err), err) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.w.validated[once] = true
	return true
}

// configOf returns the configuration of an instance. During planning, some values are unknown.
func (r *run) configOf(i *instance, planning bool) tftypes.Value {
	if r.configs[i.number] == nil {
		return null(i.typeName)
	}
	return r.evaluated(i, planning).value(objectType(i.typeName))
}

func (r *run) refresh(i *instance, o *object) (*object, bool) {
	if o == nil {
		return nil, true
	}
	resp, err := call(r.process, r.process.server.ReadResource, &tfprotov6.ReadResourceRequest{
		TypeName: i.typeName, CurrentState: dynamic(o.value), Private: o.private, CurrentIdentity: o.identity,
	})
	if r.report(diagnosticsOf(resp, err), err) {
		return nil, false
	}
	value := decode(resp.NewState, i.typeName)
	r.w.checkRefreshed(i, o, value, resp.Diagnostics)
	if value.IsNull() {
		return nil, true
	}
	return &object{value: value, private: resp.Private, identity: resp.NewIdentity, tainted: o.tainted, parents: o.parents}, true
}

func (r *run) planDelete(i *instance, o *object, deposed bool) *change {
	resp, err := call(r.process, r.process.server.PlanResourceChange, &tfprotov6.PlanResourceChangeRequest{
		TypeName: i.typeName, PriorState: dynamic(o.value), ProposedNewState: dynamic(null(i.typeName)),
		Config: dynamic(null(i.typeName)), PriorPrivate: o.private, PriorIdentity: o.identity,
	})
	if r.report(diagnosticsOf(resp, err), err) {
		return nil
	}
	if !decode(resp.PlannedState, i.typeName).IsNull() {
		r.inconsistent("the plan of a destroy is not null")
	}
	return &change{instance: i, object: o, deposed: deposed, action: doDelete, planned: null(i.typeName), private: resp.PlannedPrivate, identity: o.identity}
}

// plan plans one instance from its refreshed object.
func (r *run) plan(i *instance, o *object) *change {
	if r.configs[i.number] == nil {
		return r.planDelete(i, o, false)
	}
	prior := &object{value: null(i.typeName)}
	if o != nil && !o.tainted {
		prior = o
	}
	c, replace, ok := r.planOnce(i, prior, true)
	if !ok {
		return nil
	}
	c.object = o
	forced := r.step.Action == actionReplace && r.step.Instance == i.number
	switch {
	case prior.value.IsNull():
		c.action = doCreate
	case replace || forced:
		again := &object{value: null(i.typeName), private: c.private}
		if c, _, ok = r.planOnce(i, again, true); !ok {
			return nil
		}
		c.object, c.action = o, doReplace
	case c.planned.Equal(prior.value):
		c.action = doNothing
	default:
		c.action = doUpdate
	}
	if o != nil && o.tainted {
		c.action = doReplace
	}
	r.w.checkReplaced(r, c, forced)
	return c
}

// planOnce makes one call, and checks the plan as Terraform does.
func (r *run) planOnce(i *instance, prior *object, planning bool) (c *change, replace, ok bool) {
	config := r.configOf(i, planning)
	resp, err := call(r.process, r.process.server.PlanResourceChange, &tfprotov6.PlanResourceChangeRequest{
		TypeName: i.typeName, PriorState: dynamic(prior.value), ProposedNewState: dynamic(propose(i.typeName, prior.value, config)),
		Config: dynamic(config), PriorPrivate: prior.private, PriorIdentity: prior.identity,
	})
	if r.report(diagnosticsOf(resp, err), err) {
		return nil, false, false
	}
	planned := decode(resp.PlannedState, i.typeName)
	r.w.checkSecret("the plan", true, resp.PlannedState.MsgPack)
	r.w.checkSecret("the private state of the plan", false, resp.PlannedPrivate)
	if !r.checkPlan(i, prior.value, config, planned) {
		return nil, false, false
	}
	for _, p := range resp.RequiresReplace {
		name := strings.TrimSuffix(strings.TrimPrefix(p.String(), `AttributeName("`), `")`)
		before, after := members(prior.value)[name], members(planned)[name]
		replace = replace || !prior.value.IsNull() && !before.Equal(after)
	}
	return &change{instance: i, object: prior, planned: planned, private: resp.PlannedPrivate, identity: resp.PlannedIdentity}, replace, true
}

// checkPlan does what objchange.AssertPlanValid does for attributes.
func (r *run) checkPlan(i *instance, prior, config, planned tftypes.Value) bool {
	before, wanted, after := members(prior), members(config), members(planned)
	for _, a := range schemas().ResourceSchemas[i.typeName].Block.Attributes {
		p, c := after[a.Name], wanted[a.Name]
		asBefore := !prior.IsNull() && !before[a.Name].IsNull() && p.Equal(before[a.Name])
		switch {
		case a.WriteOnly && !p.IsNull():
			r.inconsistent("write-only %s is in the plan", a.Name)
		case a.WriteOnly, p.Equal(c), a.Computed && c.IsNull(), asBefore && !c.IsNull():
			continue
		default:
			r.inconsistent("invalid plan: %s is neither the configured nor the prior value", a.Name)
		}
		return false
	}
	return true
}

// propose does what objchange.ProposedNew does for attributes.
func propose(typeName string, prior, config tftypes.Value) tftypes.Value {
	proposed, before := members(config), members(prior)
	for _, a := range schemas().ResourceSchemas[typeName].Block.Attributes {
		switch {
		case a.WriteOnly:
			proposed[a.Name] = tftypes.NewValue(a.Type, nil)
		case a.Computed && proposed[a.Name].IsNull() && !prior.IsNull():
			proposed[a.Name] = before[a.Name]
		}
	}
	return tftypes.NewValue(objectType(typeName), proposed)
}

// forget removes a deposed object, or replaces it with next if that is not nil.
func (i *instance) forget(o, next *object) {
	var rest []*object
	for _, d := range i.deposed {
		switch {
		case d != o:
			rest = append(rest, d)
		case next != nil:
			rest = append(rest, next)
		}
	}
	i.deposed = rest
}

// applyFinal plans again with the values that are known now, and carries out the plan.
func (r *run) applyFinal(c *change, prior *object) bool {
	i := c.instance
	from := prior
	if from == nil {
		from = &object{value: null(i.typeName)}
	}
	final, replace, ok := r.planOnce(i, from, false)
	if !ok {
		return false
	}
	if replace {
		r.inconsistent("inconsistent final plan: the object must be replaced")
		return false
	}
	if name := incompatible(c.planned, final.planned); name != "" {
		r.inconsistent("inconsistent final plan: %s", name)
		return false
	}
	if prior != nil && final.planned.Equal(prior.value) {
		return true
	}
	final.action, final.object = doUpdate, prior
	if prior == nil {
		final.action = doCreate
	}
	i.current, ok = r.carryOut(final, prior)
	return ok
}

// carryOut carries out the change, and returns the object that is then in the state.
func (r *run) carryOut(c *change, prior *object) (*object, bool) {
	i := c.instance
	before, config := null(i.typeName), null(i.typeName)
	if prior != nil {
		before = prior.value
	}
	if c.action != doDelete {
		config = r.configOf(i, false)
	}
	if c.action == doCreate {
		r.mu.Lock()
		r.creates[i.noun.key(r.evaluated(i, false).text)]++
		r.mu.Unlock()
	}
	r.w.logf("instance %d: %s", i.number, c.action)
	resp, err := call(r.process, r.process.server.ApplyResourceChange, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: i.typeName, PriorState: dynamic(before), PlannedState: dynamic(c.planned), Config: dynamic(config),
		PlannedPrivate: c.private, PlannedIdentity: c.identity,
	})
	failed := r.report(diagnosticsOf(resp, err), err)
	if err != nil {
		return prior, false
	}
	value := decode(resp.NewState, i.typeName)
	r.w.checkSecret("the state", true, resp.NewState.MsgPack)
	r.w.checkSecret("the private state", false, resp.Private)
	if !failed {
		failed = !r.checkResult(c, value)
	}
	switch {
	case failed && value.IsNull():
		return prior, false
	case value.IsNull():
		r.w.checkGone(i, prior)
		return nil, true
	}
	next := &object{value: value, private: resp.Private, identity: resp.NewIdentity, parents: r.configs[i.number].parents(), applied: r.number}
	if prior != nil {
		next.parents = merged(next.parents, prior.parents)
	}
	if c.action == doDelete {
		next.applied = prior.applied
	}
	next.tainted = failed && (c.action == doCreate || prior != nil && prior.tainted)
	r.w.checkApplied(r, c, prior, next, failed)
	return next, !failed
}

// checkResult performs the checks that Terraform performs after an apply without errors.
func (r *run) checkResult(c *change, value tftypes.Value) bool {
	if c.action == doDelete {
		if !value.IsNull() {
			r.inconsistent("a destroy without errors left an object")
		}
		return value.IsNull()
	}
	name := incompatible(c.planned, value)
	switch {
	case !value.IsFullyKnown():
		r.inconsistent("unknown values after apply")
	case value.IsNull():
		r.inconsistent("no object after apply")
	case name != "":
		r.inconsistent("inconsistent result after apply: %s", name)
	default:
		return true
	}
	return false
}

// incompatible returns the name and values of an attribute that differs from its planned value, or
// "" if there is none.
func incompatible(planned, actual tftypes.Value) string {
	came := members(actual)
	for name, p := range members(planned) {
		if p.IsFullyKnown() && !p.Equal(came[name]) {
			return fmt.Sprintf("%s was planned as %s and is %s", name, p, came[name])
		}
	}
	return ""
}

// importObject does what terraform import does with an ID. The argument hidden sets the object's
// field.
func (r *run) importObject(i *instance, id string, hidden bool) bool {
	resp, err := call(r.process, r.process.server.ImportResourceState, &tfprotov6.ImportResourceStateRequest{TypeName: i.typeName, ID: id})
	if r.report(diagnosticsOf(resp, err), err) {
		return false
	}
	imported := resp.ImportedResources[0]
	o, ok := r.refresh(i, &object{value: decode(imported.State, i.typeName), private: imported.Private, identity: imported.Identity, imported: true, hidden: hidden})
	if !ok || o == nil {
		return false
	}
	i.current = o
	return true
}

// schemas returns the provider's schemas, which are the same in every process.
var schemas = sync.OnceValue(func() *tfprotov6.GetProviderSchemaResponse {
	w := &world{}
	w.network = &network{world: w}
	resp, err := newServer(&process{world: w}).GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(err)
	return resp
})

func objectType(typeName string) tftypes.Object {
	return schemas().ResourceSchemas[typeName].ValueType().(tftypes.Object)
}

func null(typeName string) tftypes.Value { return tftypes.NewValue(objectType(typeName), nil) }

func dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	d, err := tfprotov6.NewDynamicValue(value.Type(), value)
	must(err)
	return &d
}

func decode(d *tfprotov6.DynamicValue, typeName string) tftypes.Value {
	if d == nil {
		return null(typeName)
	}
	value, err := d.Unmarshal(objectType(typeName))
	must(err)
	return value
}

// members returns the attributes of an object, or nil if it is null.
func members(value tftypes.Value) map[string]tftypes.Value {
	var m map[string]tftypes.Value
	if !value.IsNull() {
		must(value.As(&m))
	}
	return maps.Clone(m) // As returns the value's own map
}

// text returns an attribute of the object, or "" if it is null, unknown, or not a string.
func (o *object) text(name string) string {
	if o == nil {
		return ""
	}
	var s string
	if v, ok := members(o.value)[name]; ok && v.IsKnown() && !v.IsNull() && v.Type().Is(tftypes.String) {
		must(v.As(&s))
	}
	return s
}

// flag returns an attribute of the object, or false if it is null.
func (o *object) flag(name string) bool {
	var b bool
	if v, ok := members(o.value)[name]; ok && v.IsKnown() && !v.IsNull() {
		must(v.As(&b))
	}
	return b
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// diagnosticsOf returns the diagnostics of a response, or nil if there is no response.
func diagnosticsOf(response any, err error) []*tfprotov6.Diagnostic {
	if err != nil {
		return nil
	}
	switch resp := response.(type) {
	case *tfprotov6.ConfigureProviderResponse:
		return resp.Diagnostics
	case *tfprotov6.ValidateResourceConfigResponse:
		return resp.Diagnostics
	case *tfprotov6.ReadResourceResponse:
		return resp.Diagnostics
	case *tfprotov6.PlanResourceChangeResponse:
		return resp.Diagnostics
	case *tfprotov6.ApplyResourceChangeResponse:
		return resp.Diagnostics
	case *tfprotov6.ImportResourceStateResponse:
		return resp.Diagnostics
	default:
		panic(fmt.Sprintf("unexpected response type %T", response))
	}
}
