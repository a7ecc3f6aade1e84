// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
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
	// key describes an object of a configuration, and the same object on the server.
	key(text func(name string) string) string
	// label is what an error about a create with an unknown outcome has to contain.
	label(a attributes) string
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
	asConfigured(mock *verifymock.Server, a attributes, o *tfcore.Object, id string) bool
	// untrue returns the name of an attribute in the state that differs from the server, or "" if
	// there is none.
	untrue(mock *verifymock.Server, o *tfcore.Object, id string) string
	// foreign returns what is wrong with an object that a create left in the state, but that the
	// create did not ask for, or "" if nothing is.
	foreign(mock *verifymock.Server, a attributes, o *tfcore.Object, r *record) string

	// resolve replaces the symbols in a configuration with values, and notes its secrets.
	resolve(r *run, i *instance, a attributes)
	// mayBlock reports whether a plan may fail because of the object or the configuration.
	mayBlock(r *run, i *instance) bool
	// cleanUp does what a person has to do before the instance can settle.
	cleanUp(w *world, i *instance)
}

// nouns has all nouns by resource type.
var nouns = func() map[string]noun {
	all := map[string]noun{serviceType: service{}, entityType: entity{}, webhookType: webhook{}, factorType: factor{}}
	for _, d := range declarations {
		all[d.typeName] = d
	}
	return all
}()

// TestNouns_TakePart expects every resource among the nouns, every noun in some history, and names
// of requests that the network uses.
func TestNouns_TakePart(t *testing.T) {
	t.Parallel()
	known, configured := slices.Collect(maps.Values(collections)), map[string]bool{}
	for seed := range uint64(200) {
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

func (undemanding) takenOver() bool                     { return false }
func (undemanding) resolve(*run, *instance, attributes) {}
func (undemanding) mayBlock(*run, *instance) bool       { return false }
func (undemanding) cleanUp(*world, *instance)           {}
func (undemanding) label(a attributes) string           { return a.text("friendly_name") }

// foreign expects an object that the provider has created itself.
func (undemanding) foreign(_ *verifymock.Server, _ attributes, _ *tfcore.Object, r *record) string {
	if r.Outsider {
		return "it is an outsider's"
	}
	return ""
}

// held is an object on the server.
type held struct {
	ID       string
	Type     string
	Key      string
	Within   []string // IDs of the objects that contain it
	Verified bool
}

// idOf returns what identifies an object in the state: its SID, or its ID if it cannot have one.
func idOf(o *tfcore.Object) string {
	if _, ok := members(o)[idAttribute]; o != nil && !ok {
		return o.Text("id")
	}
	return o.Text(idAttribute)
}

// textOf returns a value of a configuration or of the mock as text.
func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
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
type attributes tfcore.Attributes

type reference = tfcore.Reference

func (a attributes) text(name string) string {
	s, _ := a[name].(string)
	return s
}

func (a attributes) flag(name string) bool {
	b, _ := a[name].(bool)
	return b
}

func (a attributes) has(name string) bool { return a[name] != nil }

func (a attributes) parents() []int { return tfcore.Attributes(a).Parents() }

// set returns a list or set of strings, sorted.
func set(list tftypes.Value) []string {
	var elements []tftypes.Value
	must(list.As(&elements))
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
func differing(o *tfcore.Object, server map[string]any) string {
	state := members(o)
	for _, name := range slices.Sorted(maps.Keys(server)) {
		said := state[name]
		if said.IsNull() {
			continue
		}
		switch v := server[name].(type) {
		case []string:
			if !slices.Equal(set(said), slices.Sorted(slices.Values(v))) {
				return name
			}
		case string: // which the server may have stored in another Unicode form
			var text string
			if must(said.As(&text)); norm.NFC.String(text) != norm.NFC.String(v) {
				return fmt.Sprintf("%s (%q, server %q)", name, text, v)
			}
		default:
			if !said.Equal(tftypes.NewValue(said.Type(), v)) {
				return fmt.Sprintf("%s (%s, server %v)", name, said, v)
			}
		}
	}
	return ""
}
