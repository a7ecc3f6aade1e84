// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"maps"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
)

// protocol is the interface that Terraform calls.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// attributes are a configuration as Go values. Missing attributes are null.
type attributes map[string]any

// with returns a copy with additional attributes.
func (a attributes) with(more attributes) attributes {
	all := maps.Clone(a)
	maps.Copy(all, more)
	return all
}

// value returns the configuration as an object of a schema's type.
func (a attributes) value(object tftypes.Object) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attributeType := range object.AttributeTypes {
		switch v := a[name].(type) {
		case nil:
			values[name] = tftypes.NewValue(attributeType, nil)
		case int:
			values[name] = tftypes.NewValue(attributeType, big.NewFloat(float64(v)))
		case []string:
			var elements []tftypes.Value
			for _, element := range v {
				elements = append(elements, tftypes.NewValue(tftypes.String, element))
			}
			values[name] = tftypes.NewValue(attributeType, elements)
		case map[string]any:
			elements := map[string]tftypes.Value{}
			for key, element := range v {
				elements[key] = tftypes.NewValue(tftypes.String, element)
			}
			values[name] = tftypes.NewValue(attributeType, elements)
		default:
			values[name] = tftypes.NewValue(attributeType, v)
		}
	}
	return tftypes.NewValue(object, values)
}

// instance is a resource instance and acts as Terraform: it runs the provider in process through
// protocol 6 and stores the state.
type instance struct {
	t        *testing.T
	typeName string
	server   tfprotov6.ProviderServer
	schema   *tfprotov6.GetProviderSchemaResponse

	state    tftypes.Value // null if there is none
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// newInstance returns a factor without a state. It must be started.
func newInstance(t *testing.T) *instance {
	t.Helper()
	return newInstanceOf(t, factor.TypeName)
}

// newInstanceOf returns an instance of any resource type.
func newInstanceOf(t *testing.T, typeName string) *instance {
	t.Helper()
	i := &instance{t: t, typeName: typeName}
	i.server = provider.NewServer(provider.Options{Version: "test"})()
	schema, err := i.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	i.must(err)
	i.schema = schema
	i.state = tftypes.NewValue(i.object(), nil)
	return i
}

func (i *instance) object() tftypes.Object {
	return i.schema.ResourceSchemas[i.typeName].ValueType().(tftypes.Object)
}

// start begins a run of Terraform, with a new provider process.
func (i *instance) start(config attributes) {
	i.t.Helper()
	if diags := i.configure(config); len(diags) > 0 {
		i.t.Fatalf("configure: %s", texts(diags))
	}
}

func (i *instance) configure(config attributes) []*tfprotov6.Diagnostic {
	i.t.Helper()
	i.server = provider.NewServer(provider.Options{Version: "test"})()
	object := i.schema.Provider.ValueType().(tftypes.Object)
	resp, err := i.server.ConfigureProvider(i.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0",
		Config:           i.dynamic(config.value(object)),
	})
	i.must(err)
	return resp.Diagnostics
}

// validate validates a configuration, as Terraform does before a plan.
func (i *instance) validate(config attributes) []*tfprotov6.Diagnostic {
	i.t.Helper()
	resp, err := i.server.ValidateResourceConfig(i.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName:           i.typeName,
		Config:             i.dynamic(config.value(i.object())),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	i.must(err)
	return resp.Diagnostics
}

// refresh reads the instance, if there is one.
func (i *instance) refresh() []*tfprotov6.Diagnostic {
	i.t.Helper()
	if i.state.IsNull() {
		return nil
	}
	resp, err := i.server.ReadResource(i.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: i.typeName, CurrentState: i.dynamic(i.state), Private: i.private, CurrentIdentity: i.identity,
	})
	i.must(err)
	if !failed(resp.Diagnostics) {
		i.keep(resp.NewState, resp.Private, resp.NewIdentity)
	}
	return resp.Diagnostics
}

// keep stores what the provider returned.
func (i *instance) keep(state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) {
	i.t.Helper()
	value, err := state.Unmarshal(i.object())
	i.must(err)
	i.state, i.private, i.identity = value, private, identity
	if value.IsNull() {
		i.private, i.identity, i.tainted = nil, nil, false
	}
}

// change is a planned change. Its action is nothing, create, update, replace, or delete.
type change struct {
	action  string
	planned tftypes.Value
	private []byte
}

// plan plans the configuration; nil means none.
func (i *instance) plan(config attributes) (change, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	planned, diags := i.planFrom(i.state, config)
	switch {
	case i.state.IsNull() && config == nil:
		planned.action = "nothing"
	case i.state.IsNull():
		planned.action = "create"
	case config == nil:
		planned.action = "delete"
	case i.tainted:
		planned.action = "replace"
	case planned.action == "" && planned.planned.Equal(i.state):
		planned.action = "nothing"
	case planned.action == "":
		planned.action = "update"
	}
	return planned, diags
}

func (i *instance) planFrom(prior tftypes.Value, config attributes) (change, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	configured, proposed := tftypes.NewValue(i.object(), nil), tftypes.NewValue(i.object(), nil)
	if config != nil {
		configured = config.value(i.object())
		proposed = i.propose(prior, configured)
	} else if prior.IsNull() {
		return change{planned: proposed}, nil
	}
	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: i.typeName, PriorState: i.dynamic(prior), Config: i.dynamic(configured), ProposedNewState: i.dynamic(proposed),
	}
	if !prior.IsNull() {
		req.PriorPrivate, req.PriorIdentity = i.private, i.identity
	}
	resp, err := i.server.PlanResourceChange(i.t.Context(), req)
	i.must(err)
	planned := change{private: resp.PlannedPrivate}
	if len(resp.RequiresReplace) > 0 {
		planned.action = "replace"
	}
	planned.planned, err = resp.PlannedState.Unmarshal(i.object())
	i.must(err)
	return planned, resp.Diagnostics
}

// propose returns the state that Terraform proposes: the configuration and, for computed attributes
// that are not configured, the prior value.
func (i *instance) propose(prior, config tftypes.Value) tftypes.Value {
	proposed := maps.Clone(i.members(config)) // a copy: the map is the configuration itself
	for _, attribute := range i.schema.ResourceSchemas[i.typeName].Block.Attributes {
		if attribute.Computed && proposed[attribute.Name].IsNull() && !prior.IsNull() {
			proposed[attribute.Name] = i.members(prior)[attribute.Name]
		}
	}
	return tftypes.NewValue(i.object(), proposed)
}

func (i *instance) members(object tftypes.Value) map[string]tftypes.Value {
	var members map[string]tftypes.Value
	if !object.IsNull() {
		i.must(object.As(&members))
	}
	return members
}

// apply plans the configuration, nil for none, and applies the plan without a refresh. It returns
// the action and the diagnostics.
func (i *instance) apply(config attributes) (string, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	planned, diags := i.plan(config)
	if failed(diags) || planned.action == "nothing" {
		return planned.action, diags
	}
	if planned.action == "replace" {
		destroy, more := i.planFrom(i.state, nil)
		diags = append(diags, more...)
		diags = append(diags, i.carryOut(destroy, nil)...)
		if failed(diags) {
			return "replace", diags
		}
		create, more := i.planFrom(i.state, config)
		diags = append(diags, more...)
		return "replace", append(diags, i.carryOut(create, config)...)
	}
	return planned.action, append(diags, i.carryOut(planned, config)...)
}

func (i *instance) carryOut(planned change, config attributes) []*tfprotov6.Diagnostic {
	i.t.Helper()
	configured := tftypes.NewValue(i.object(), nil)
	if config != nil {
		configured = config.value(i.object())
	}
	created := i.state.IsNull()
	resp, err := i.server.ApplyResourceChange(i.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: i.typeName, PriorState: i.dynamic(i.state), PlannedState: i.dynamic(planned.planned),
		Config: i.dynamic(configured), PlannedPrivate: planned.private, PlannedIdentity: i.identity,
	})
	i.must(err)
	i.keep(resp.NewState, resp.Private, resp.NewIdentity)
	if created {
		i.tainted = !i.state.IsNull() && failed(resp.Diagnostics)
	}
	if !failed(resp.Diagnostics) {
		i.checkConsistent(planned.planned)
	}
	return resp.Diagnostics
}

// checkConsistent performs Terraform's check that the new state matches the plan.
func (i *instance) checkConsistent(planned tftypes.Value) {
	i.t.Helper()
	state := i.members(i.state)
	for name, value := range i.members(planned) {
		if value.IsFullyKnown() && !value.Equal(state[name]) {
			i.t.Errorf("inconsistent result after apply: %s differs from the plan", name)
		}
	}
}

// text returns an attribute of the state, or "" if it is null or there is no state.
func (i *instance) text(name string) string {
	i.t.Helper()
	value, ok := i.members(i.state)[name]
	if !ok || value.IsNull() {
		return ""
	}
	var text string
	i.must(value.As(&text))
	return text
}

// readData reads a data source, and reports whether it succeeded.
func (i *instance) readData(typeName string, config attributes) (bool, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	object := i.schema.DataSourceSchemas[typeName].ValueType().(tftypes.Object)
	resp, err := i.server.ReadDataSource(i.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: typeName, Config: i.dynamic(config.value(object)),
	})
	i.must(err)
	return !failed(resp.Diagnostics), resp.Diagnostics
}

func (i *instance) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	i.t.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	i.must(err)
	return &dynamic
}

func (i *instance) must(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

func failed(diags []*tfprotov6.Diagnostic) bool {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

func texts(diags []*tfprotov6.Diagnostic) string {
	all := ""
	for _, d := range diags {
		all += fmt.Sprintf("%s: %s\n%s\n\n", d.Severity, d.Summary, d.Detail)
	}
	return all
}
