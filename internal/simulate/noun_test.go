// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// idAttribute is what identifies an object, on the server and in the state.
const idAttribute = "sid"

// noun is what only one kind of object knows.
type noun interface {
	// rank orders the nouns: one refers only to those of a lower rank.
	rank() int
	// configure generates the configuration of instance i.
	configure(g *generator, i int) attributes
	// change changes a configuration in one of its attributes.
	change(g *generator, i int, a attributes)
	// unknownable are attributes that may be known only at apply.
	unknownable() []string

	// held are the objects of the server.
	held(mock *verifymock.Server) []held
	// key is equal for objects that a lost create could be confused about. It is made from the
	// attributes of a configuration or an object.
	key(text func(name string) string) string
	// takenOver reports whether the next create takes over what an earlier one made.
	takenOver() bool
	// events are what an outsider does to an object, and outside does one of them. The attributes
	// are those of the configuration, and the ID is empty if there is no object.
	events() []string
	outside(mock *verifymock.Server, a attributes, id, event string)
	// remove deletes an object as an outsider.
	remove(mock *verifymock.Server, o held)

	// asConfigured reports whether everything that would force a replacement is as the
	// configuration says.
	asConfigured(mock *verifymock.Server, a attributes, o *object, id string) bool
	// untrue names an attribute of the state that is not what the server holds, "" if none is.
	untrue(mock *verifymock.Server, o *object, id string) string

	// resolve puts values in place of the symbols of a configuration, and notes its secrets.
	resolve(r *run, i *instance, a attributes)
	// mayTaint reports whether the object may be tainted though Twilio confirmed its creation.
	mayTaint(r *run, i *instance, object *record) bool
	// mayBlock reports whether the object may keep a plan from being made.
	mayBlock(r *run, i *instance) bool
	// cleanUp does what a person has to do before the instance can settle.
	cleanUp(w *world, i *instance)
}

// nouns are all of them, by type of resource.
var nouns = map[string]noun{
	serviceType: service{}, entityType: entity{}, webhookType: webhook{}, factorType: factor{},
}

// undemanding is a noun without symbols, secrets, and obstacles.
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

// held is an object as the server holds it.
type held struct {
	ID       string
	Type     string
	Key      string
	Within   []string // IDs of what contains it
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

// attributes are a configuration; what is not there is null.
type attributes map[string]any

// reference is the value of an attribute of another instance.
type reference struct {
	Instance  int
	Attribute string
}

func (r reference) String() string { return fmt.Sprintf("%s of %d", r.Attribute, r.Instance) }

// unknown is the value of what is known only at apply.
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

// parents are the numbers of the instances that it refers to.
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

// evaluated is the configuration of an instance with values in place of references. While it is
// planned, some are unknown.
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

// present is the configuration of an instance with values of the state in place of references. It
// is nil if one of them has no value.
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

// value is the configuration as an object of a schema's type.
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

// set is a list or set of texts, sorted.
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

// differing names an attribute of the state that has another value than the server, "" if none has.
// What the state does not know does not differ.
func (o *object) differing(server map[string]any) string {
	of := members(o.value)
	for _, name := range slices.Sorted(maps.Keys(server)) {
		said := of[name]
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
