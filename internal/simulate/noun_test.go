// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// idAttribute is the attribute that identifies an object, on the server and in the state.
const idAttribute = "sid"

// noun contains what is specific to one kind of object.
type noun interface {
	// rank orders the nouns: a noun refers only to nouns of a lower rank.
	rank() int
	// configure generates the configuration of instance i.
	configure(g *generator, i int) attributes
	// change changes one attribute of a configuration.
	change(g *generator, i int, a attributes)
	// unknownable returns the attributes that may be known only at apply.
	unknownable() []string
	// operations returns the requests that the provider makes for the noun. Faults select by them.
	operations() []string

	// held returns the objects on the server.
	held(mock *verifymock.Server) []held
	// key is equal for objects that the search for a lost create cannot tell apart. It is computed
	// from the attributes of a configuration or an object.
	key(text func(name string) string) string
	// takenOver reports whether a create takes over an existing object.
	takenOver() bool
	// events returns what an outsider can do to an object, and outside does one of these things.
	// The attributes are those of the configuration. The ID is empty if there is no object.
	events() []string
	outside(mock *verifymock.Server, a attributes, id, event string)
	// remove deletes an object as an outsider.
	remove(mock *verifymock.Server, o held)

	// asConfigured reports whether every attribute that would force a replacement matches the
	// configuration.
	asConfigured(mock *verifymock.Server, a attributes, o *object, id string) bool
	// untrue returns the name of an attribute in the state that differs from the server, or "" if
	// there is none.
	untrue(mock *verifymock.Server, o *object, id string) string

	// resolve replaces the symbols in a configuration with values, and notes its secrets.
	resolve(r *run, i *instance, a attributes)
	// mayTaint reports whether the object may be tainted although Twilio confirmed its creation.
	mayTaint(r *run, i *instance, object *record) bool
	// mayBlock reports whether a plan may fail because of the object.
	mayBlock(r *run, i *instance) bool
	// cleanUp does what a person has to do before the instance can settle.
	cleanUp(w *world, i *instance)
}

// nouns has all nouns by resource type.
var nouns = map[string]noun{
	serviceType: service{}, entityType: entity{}, webhookType: webhook{}, factorType: factor{},
}

// TestNouns_TakePart expects every resource among the nouns, every noun in some history, and names
// of requests that the network uses.
func TestNouns_TakePart(t *testing.T) {
	t.Parallel()
	known, configured := slices.Collect(maps.Values(collections)), map[string]bool{}
	for seed := range uint64(100) {
		for _, s := range generate(seed).Steps {
			configured[s.Type] = true
		}
	}
	for typeName := range schemas().ResourceSchemas {
		noun := nouns[typeName]
		if noun == nil {
			t.Errorf("nouns has no %s", typeName)
			continue
		}
		if !configured[typeName] {
			t.Errorf("no history configures a %s; see instances", typeName)
		}
		for _, operation := range noun.operations() {
			if kind, _, _ := strings.Cut(operation, " "); !slices.Contains(known, kind) {
				t.Errorf("%s: no request is a %q; see collections", typeName, operation)
			}
		}
	}
}

// undemanding has default methods for a noun without symbols, secrets, or obstacles.
type undemanding struct{}

func (undemanding) takenOver() bool                        { return false }
func (undemanding) resolve(*run, *instance, attributes)    {}
func (undemanding) mayTaint(*run, *instance, *record) bool { return false }
func (undemanding) mayBlock(*run, *instance) bool          { return false }
func (undemanding) cleanUp(*world, *instance)              {}

func (i *instance) rank() int {
	if i.noun == nil { // never configured
		return 0
	}
	return i.noun.rank()
}

// held is an object on the server.
type held struct {
	ID       string
	Type     string
	Key      string
	Within   []string // IDs of the objects that contain it
	Verified bool
}

func heldObjects(mock *verifymock.Server) map[string]held {
	objects := map[string]held{}
	for _, noun := range nouns {
		for _, o := range noun.held(mock) {
			objects[o.ID] = o
		}
	}
	return objects
}

// attributes are a configuration. Missing attributes are null.
type attributes map[string]any

// reference is a reference to an attribute of another instance.
type reference struct {
	Instance  int
	Attribute string
}

func (r reference) String() string { return fmt.Sprintf("%s of %d", r.Attribute, r.Instance) }

// unknown is a value that is known only at apply.
type unknown struct{}

func (a attributes) text(name string) string {
	s, _ := a[name].(string)
	return s
}

func (a attributes) flag(name string) bool {
	b, _ := a[name].(bool)
	return b
}

func (a attributes) has(name string) bool { return a[name] != nil }

// parents returns the numbers of the instances that the configuration refers to.
func (a attributes) parents() []int {
	var parents []int
	for _, v := range a {
		if r, ok := v.(reference); ok {
			parents = append(parents, r.Instance)
		}
	}
	slices.Sort(parents)
	return slices.Compact(parents)
}

// evaluated returns the configuration of an instance with values in place of references. During
// planning, some values are unknown.
func (r *run) evaluated(i *instance, planning bool) attributes {
	a := maps.Clone(r.configs[i.number])
	for name, v := range a {
		if ref, ok := v.(reference); ok {
			a[name] = r.refer(ref, planning)
		}
	}
	if planning && r.step.Instance == i.number && a.has(r.step.Unknown) {
		a[r.step.Unknown] = unknown{}
	}
	return a
}

// present returns the configuration of an instance with values from the state in place of
// references, or nil if one of them has no value.
func (w *world) present(i *instance) attributes {
	if !w.configured(i) {
		return nil
	}
	a := maps.Clone(i.config)
	for name, v := range a {
		if ref, ok := v.(reference); ok {
			value := w.instances[ref.Instance].current.text(ref.Attribute)
			if value == "" {
				return nil
			}
			a[name] = value
		}
	}
	return a
}

func (r *run) refer(ref reference, planning bool) any {
	var value tftypes.Value
	switch parent := r.w.instances[ref.Instance]; {
	case planning:
		value = r.after[ref.Instance]
	case parent.current != nil:
		value = parent.current.value
	}
	if value.Type() == nil || value.IsNull() {
		return unknown{}
	}
	v := members(value)[ref.Attribute]
	if !v.IsKnown() {
		return unknown{}
	}
	var s string
	must(v.As(&s))
	return s
}

// value returns the configuration as an object of a schema's type.
func (a attributes) value(object tftypes.Object) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, t := range object.AttributeTypes {
		switch v := a[name].(type) {
		case nil:
			values[name] = tftypes.NewValue(t, nil)
		case unknown:
			values[name] = tftypes.NewValue(t, tftypes.UnknownValue)
		case int:
			values[name] = tftypes.NewValue(t, big.NewFloat(float64(v)))
		case []string:
			elements := []tftypes.Value{}
			for _, element := range v {
				elements = append(elements, tftypes.NewValue(tftypes.String, element))
			}
			values[name] = tftypes.NewValue(t, elements)
		case map[string]string:
			elements := map[string]tftypes.Value{}
			for key, element := range v {
				elements[key] = tftypes.NewValue(tftypes.String, element)
			}
			values[name] = tftypes.NewValue(t, elements)
		default:
			values[name] = tftypes.NewValue(t, v)
		}
	}
	return tftypes.NewValue(object, values)
}

// set returns a list or set of strings, sorted.
func (o *object) set(name string) []string {
	var elements []tftypes.Value
	must(members(o.value)[name].As(&elements))
	var texts []string
	for _, element := range elements {
		var s string
		must(element.As(&s))
		texts = append(texts, s)
	}
	slices.Sort(texts)
	return texts
}

// differing returns the name of an attribute in the state that differs from the server, or "" if
// there is none. Null in the state does not differ.
func (o *object) differing(server map[string]any) string {
	state := members(o.value)
	for _, name := range slices.Sorted(maps.Keys(server)) {
		said := state[name]
		if said.IsNull() {
			continue
		}
		switch v := server[name].(type) {
		case []string:
			if !slices.Equal(o.set(name), slices.Sorted(slices.Values(v))) {
				return name
			}
		default:
			if !said.Equal(tftypes.NewValue(said.Type(), v)) {
				return fmt.Sprintf("%s (%s, server %v)", name, said, v)
			}
		}
	}
	return ""
}
