// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file is Terraform's part, after internal/terraform/node_resource_abstract_instance.go and
// internal/plans/objchange of its source.

// instance is a resource instance with what the state has of it.
type instance struct {
	number   int
	typeName string
	config   attributes // nil when the configuration has none
	current  *object
	deposed  []*object
}

// object is an object in the state.
type object struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
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
	changes  int             // that the plan showed
	planned  map[string]bool // IDs of the objects whose destruction the plan showed
	pending  map[string]int  // number of objects without ID, by key, whose destruction the plan showed
	creates  map[string]int  // number of planned creates, by key
	made     map[string]int  // number of created objects that still exist, by key
	configs  []attributes    // with values in place of symbols
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
	object   *object // that it starts from, nil for none
	deposed  bool
	action   action
	planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// report takes over the diagnostics of a call and returns whether it failed.
func (r *run) report(diags []*tfprotov6.Diagnostic, err error) (failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.diags = append(r.diags, diags...)
	for _, d := range diags {
		r.w.logf("%s: %s: %s", d.Severity, d.Summary, d.Detail)
		failed = failed || d.Severity == tfprotov6.DiagnosticSeverityError
	}
	if err != nil {
		r.w.logf("call failed: %v", err)
	}
	failed = failed || err != nil
	r.failed = r.failed || failed
	return failed
}

// inconsistent reports what Terraform itself rejects, as an error of the run.
func (r *run) inconsistent(format string, args ...any) {
	r.mu.Lock()
	r.failed = true
	r.mu.Unlock()
	r.w.fail("inconsistent", format, args...)
}

// start begins a provider process and configures it.
func (r *run) start() bool {
	r.process = startProcess(r.w, r)
	object := schemas().Provider.ValueType().(tftypes.Object)
	resp, err := call(r.process, r.process.server.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: dynamic(r.w.providerConfig().value(object, nil)),
	})
	return !r.report(diagnosticsOf(resp, err), err)
}

// each works on the instances one after another, or all at once, each beginning a little after the one before.
func (r *run) each(f func(*instance)) {
	var all sync.WaitGroup
	for n, i := range r.w.instances {
		if !r.w.history.Setup.Parallel {
			f(i)
			continue
		}
		all.Go(func() {
			time.Sleep(time.Duration(n) * 777 * time.Microsecond)
			f(i)
		})
	}
	all.Wait()
}

// planAll refreshes and plans everything. It returns the refreshed objects and the changes; neither has effect yet.
func (r *run) planAll() (refreshed [][]*object, changes []*change) {
	refreshed = make([][]*object, len(r.w.instances)) // deposed ones, and the current one or nil last
	perInstance := make([][]*change, len(r.w.instances))
	r.each(func(i *instance) {
		if !r.validate(i) {
			return
		}
		var fresh []*object
		for _, o := range append(append([]*object{}, i.deposed...), i.current) {
			next, ok := r.refresh(i, o)
			if !ok {
				return
			}
			fresh = append(fresh, next)
		}
		refreshed[i.number] = fresh
		last := len(fresh) - 1
		for _, o := range fresh[:last] {
			if o != nil {
				perInstance[i.number] = append(perInstance[i.number], r.planDelete(i, o, true))
			}
		}
		if r.step.Action != actionRefresh {
			perInstance[i.number] = append(perInstance[i.number], r.plan(i, fresh[last]))
		}
	})
	for _, c := range perInstance {
		for _, one := range c {
			if one != nil && one.action != doNothing {
				changes = append(changes, one)
			}
		}
	}
	return refreshed, changes
}

func (r *run) validate(i *instance) bool {
	if i.config == nil {
		return true
	}
	resp, err := call(r.process, r.process.server.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: i.typeName, Config: dynamic(r.configOf(i, true)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	return !r.report(diagnosticsOf(resp, err), err)
}

// configOf is the configuration of an instance, with what is unknown at plan if it is planned.
func (r *run) configOf(i *instance, planning bool) tftypes.Value {
	object := objectType(i.typeName)
	if i.config == nil {
		return tftypes.NewValue(object, nil)
	}
	var unknown map[string]bool
	if planning && r.step.Unknown != "" && r.step.Instance == i.number && i.config.has(r.step.Unknown) {
		unknown = map[string]bool{r.step.Unknown: true}
	}
	return r.configs[i.number].value(object, unknown)
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
	return &object{value, resp.Private, resp.NewIdentity, o.tainted}, true
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
	switch {
	case i.config == nil && o == nil:
		return nil
	case i.config == nil:
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
	r.w.checkWriteOnly("the plan", resp.PlannedState.MsgPack, resp.PlannedPrivate)
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

// checkPlan is objchange.AssertPlanValid for attributes.
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
			r.inconsistent("invalid plan: %s is neither as configured nor as before", a.Name)
		}
		return false
	}
	return true
}

// propose is objchange.ProposedNew for attributes.
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

// apply carries out a change: a replacement as a destroy and a create.
func (r *run) apply(c *change) {
	i := c.instance
	switch {
	case c.deposed:
		if next, ok := r.carryOut(c, c.object); !ok || next == nil {
			i.forget(c.object, next)
		}
	case c.action == doDelete:
		i.current, _ = r.carryOut(c, c.object)
	case c.action == doReplace && r.w.history.Setup.CreateBeforeDestroy:
		r.createThenDestroy(c)
	case c.action == doReplace:
		var ok bool
		destroy := &change{instance: i, object: c.object, action: doDelete, planned: null(i.typeName), private: c.private, identity: c.object.identity}
		if i.current, ok = r.carryOut(destroy, c.object); ok {
			r.applyFinal(c, nil)
		}
	default:
		r.applyFinal(c, i.current)
	}
}

// forget removes a deposed object, or replaces it by what is known of it now.
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

func (r *run) createThenDestroy(c *change) {
	i := c.instance
	old := i.current
	i.current, i.deposed = nil, append(i.deposed, old)
	if ok := r.applyFinal(c, nil); !ok {
		if i.current == nil {
			i.current = old
			i.forget(old, nil)
		}
		return
	}
	destroy := &change{instance: i, object: old, action: doDelete, planned: null(i.typeName), private: c.private, identity: old.identity}
	next, _ := r.carryOut(destroy, old)
	i.forget(old, next)
}

// applyFinal plans once more, with what is known now, and carries the plan out.
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
		r.inconsistent("inconsistent final plan: the factor must be replaced")
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

// carryOut makes the call, and returns the object that is in the state after it.
func (r *run) carryOut(c *change, prior *object) (*object, bool) {
	i := c.instance
	before, config := null(i.typeName), null(i.typeName)
	if prior != nil {
		before = prior.value
	}
	if c.action != doDelete {
		config = r.configOf(i, false)
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
	r.w.checkWriteOnly("the state", resp.NewState.MsgPack, resp.Private)
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
	next := &object{value: value, private: resp.Private, identity: resp.NewIdentity}
	next.tainted = failed && (c.action == doCreate || prior != nil && prior.tainted)
	r.w.checkApplied(r, c, prior, next, failed)
	return next, !failed
}

// checkResult is what Terraform checks after an apply without errors.
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

// incompatible names an attribute that was planned otherwise than it came, "" if none was.
func incompatible(planned, actual tftypes.Value) string {
	came := members(actual)
	for name, p := range members(planned) {
		if p.IsFullyKnown() && !p.Equal(came[name]) {
			return fmt.Sprintf("%s was planned as %s and is %s", name, p, came[name])
		}
	}
	return ""
}

// importObject is terraform import of an ID.
func (r *run) importObject(i *instance, id string) bool {
	resp, err := call(r.process, r.process.server.ImportResourceState, &tfprotov6.ImportResourceStateRequest{TypeName: i.typeName, ID: id})
	if r.report(diagnosticsOf(resp, err), err) {
		return false
	}
	imported := resp.ImportedResources[0]
	o, ok := r.refresh(i, &object{value: decode(imported.State, i.typeName), private: imported.Private, identity: imported.Identity})
	if !ok || o == nil {
		return false
	}
	i.current = o
	return true
}

// value is the configuration as an object of a schema's type.
func (a attributes) value(object tftypes.Object, unknown map[string]bool) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, t := range object.AttributeTypes {
		switch v := a[name].(type) {
		case nil:
			values[name] = tftypes.NewValue(t, nil)
		case int:
			values[name] = tftypes.NewValue(t, big.NewFloat(float64(v)))
		case map[string]string:
			elements := map[string]tftypes.Value{}
			for key, element := range v {
				elements[key] = tftypes.NewValue(tftypes.String, element)
			}
			values[name] = tftypes.NewValue(t, elements)
		default:
			values[name] = tftypes.NewValue(t, v)
		}
		if unknown[name] {
			values[name] = tftypes.NewValue(t, tftypes.UnknownValue)
		}
	}
	return tftypes.NewValue(object, values)
}

// schemas are the provider's, which are the same in every process.
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

// members returns the attributes of an object, nil of a null one.
func members(value tftypes.Value) map[string]tftypes.Value {
	var m map[string]tftypes.Value
	if !value.IsNull() {
		must(value.As(&m))
	}
	return maps.Clone(m) // what As returns is the value's own
}

// text is an attribute of the object, "" when it is null, unknown or not a string.
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

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// diagnosticsOf returns the diagnostics of a response, none if there is no response.
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
		panic(fmt.Sprintf("diagnostics of %T", response))
	}
}
