// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"maps"
	"math/big"
	"net"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

// protocol is the interface that Terraform calls.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// attributes are a configuration as Go values. Missing attributes are null.
type attributes tfcore.Attributes

// with returns a copy with additional attributes.
func (a attributes) with(more attributes) attributes {
	all := maps.Clone(a)
	maps.Copy(all, more)
	return all
}

// value returns the configuration as an object of a schema's type.
func (a attributes) value(object tftypes.Object) tftypes.Value {
	return tfcore.Attributes(a).Value(object)
}

// instance is a resource instance with its state, which tests may change.
type instance struct {
	t        *testing.T
	typeName string
	server   tfprotov6.ProviderServer
	schema   *tfprotov6.GetProviderSchemaResponse

	state    tftypes.Value // null if there is none
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool

	dial func(ctx context.Context, network, address string) (net.Conn, error) // nil for Go's
}

// newInstance returns a factor without a state. It must be started.
func newInstance(t *testing.T) *instance {
	t.Helper()
	return newInstanceOf(t, factor.TypeName)
}

// instance returns a started factor without a state.
func (m *mock) instance(t *testing.T) *instance {
	t.Helper()
	i := newInstance(t)
	i.dial = m.dial
	i.start(m.attributes())
	return i
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
	i.server = provider.NewServer(provider.Options{Version: "test", DialContext: i.dial})()
	return i.core().Configure(i.t.Context(), tfcore.Attributes(config))
}

// core returns the part of Terraform that calls the provider.
func (i *instance) core() *tfcore.Provider {
	return &tfcore.Provider{Server: i.server, Schemas: i.schema}
}

// current returns the object in the state, or nil if there is none.
func (i *instance) current() *tfcore.Object {
	if i.state.IsNull() {
		return nil
	}
	return &tfcore.Object{Value: i.state, Private: i.private, Identity: i.identity, Tainted: i.tainted}
}

// keep stores an object, or that there is none.
func (i *instance) keep(o *tfcore.Object) {
	if o == nil {
		o = &tfcore.Object{Value: tftypes.NewValue(i.object(), nil)}
	}
	i.state, i.private, i.identity, i.tainted = o.Value, o.Private, o.Identity, o.Tainted
}

// configured returns the configuration, nil for none, as an object.
func (i *instance) configured(config attributes) tftypes.Value {
	if config == nil {
		return tftypes.NewValue(i.object(), nil)
	}
	return config.value(i.object())
}

// validate validates a configuration, as Terraform does before a plan.
func (i *instance) validate(config attributes) []*tfprotov6.Diagnostic {
	i.t.Helper()
	return i.core().Validate(i.t.Context(), i.typeName, config.value(i.object()))
}

// refresh reads the instance, if there is one.
func (i *instance) refresh() []*tfprotov6.Diagnostic {
	i.t.Helper()
	if i.state.IsNull() {
		return nil
	}
	o, diags := i.core().Refresh(i.t.Context(), i.typeName, i.current())
	i.keep(o)
	return diags
}

// plan plans the configuration; nil means none.
func (i *instance) plan(config attributes) (*tfcore.Change, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	switch o := i.current(); {
	case config != nil:
		return i.core().Plan(i.t.Context(), i.typeName, o, i.configured(config), false)
	case o != nil:
		return i.core().PlanDelete(i.t.Context(), i.typeName, o)
	default:
		return &tfcore.Change{Action: tfcore.Nothing, Planned: i.state}, nil
	}
}

func (i *instance) members(object tftypes.Value) map[string]tftypes.Value {
	return tfcore.Members(object)
}

// apply plans the configuration, nil for none, and applies the plan without a refresh. It returns
// the action and the diagnostics.
func (i *instance) apply(config attributes) (tfcore.Action, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	planned, diags := i.plan(config)
	if failed(diags) || planned.Action == tfcore.Nothing {
		return planned.Action, diags
	}
	if planned.Action != tfcore.Replace {
		return planned.Action, append(diags, i.carryOut(planned, config)...)
	}
	for _, config := range []attributes{nil, config} {
		next, more := i.plan(config)
		if diags = append(diags, more...); !failed(diags) {
			diags = append(diags, i.carryOut(next, config)...)
		}
		if failed(diags) {
			break
		}
	}
	return tfcore.Replace, diags
}

// mustApply is an apply without errors. It returns the warnings.
func (i *instance) mustApply(config attributes) string {
	i.t.Helper()
	_, diags := i.apply(config)
	if failed(diags) {
		i.t.Fatal(texts(diags))
	}
	return texts(diags)
}

// applyQuietly is an apply without errors and warnings.
func (i *instance) applyQuietly(config attributes) {
	i.t.Helper()
	_, diags := i.apply(config)
	i.quietly(diags)
}

// quietly expects no diagnostics.
func (i *instance) quietly(diags []*tfprotov6.Diagnostic) {
	i.t.Helper()
	if len(diags) > 0 {
		i.t.Fatal(texts(diags))
	}
}

func (i *instance) carryOut(planned *tfcore.Change, config attributes) []*tfprotov6.Diagnostic {
	i.t.Helper()
	o, diags := i.core().Apply(i.t.Context(), i.typeName, i.current(), planned, i.configured(config))
	i.keep(o)
	return diags
}

// text returns an attribute of the state as a text, or "" if it is null or there is no state.
func (i *instance) text(name string) (text string) {
	i.t.Helper()
	value, ok := i.members(i.state)[name]
	switch {
	case !ok || value.IsNull():
	case value.Type().Is(tftypes.Number):
		number := new(big.Float)
		i.must(value.As(&number))
		text = number.String()
	case value.Type().Is(tftypes.Bool):
		var flag bool
		i.must(value.As(&flag))
		text = strconv.FormatBool(flag)
	default:
		i.must(value.As(&text))
	}
	return text
}

// readData reads a data source, and reports whether it succeeded.
func (i *instance) readData(typeName string, config attributes) (bool, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	_, diags := i.core().ReadData(i.t.Context(), typeName, tfcore.Attributes(config))
	return !failed(diags), diags
}

func (i *instance) dynamic(value tftypes.Value) *tfprotov6.DynamicValue { return tfcore.Dynamic(value) }

func (i *instance) must(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

func failed(diags []*tfprotov6.Diagnostic) bool { return tfcore.Failed(diags) }

func texts(diags []*tfprotov6.Diagnostic) string { return tfcore.Texts(diags) }
