// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// idAttribute is the attribute that identifies an object, on the server and in the state.
const idAttribute = "sid"

// noun is a kind of object. Functions that do not say what nil means do nothing if they are nil.
type noun struct {
	typeName    string
	kind        verifymock.Kind
	collection  string   // in paths
	rank        int      // a noun refers only to nouns of a lower rank
	counts      []int    // choices for the number of instances
	operations  []string // the provider's requests for it, first the create; nil for all verbs
	unknownable []string // attributes that may be known only at apply
	events      []string // what an outsider can do to an object

	key       []string // attributes that describe an object, in a configuration and on the server
	label     string   // attribute that an error about a create with an unknown outcome has to contain
	replaces  []string // attributes whose change replaces the object
	read      []string // attributes that the state has as the server does
	copied    []string // attributes that another client copies into an object of its own
	unique    bool     // the last attribute of the key is, so a create cannot be mistaken for another
	unkeyed   bool     // only the age of an object shows that it may be the result of a lost create
	takenOver bool     // a create takes over an existing object

	// configure generates the configuration of instance i, and change changes one attribute of it.
	configure func(g *generator, i int) attributes
	change    func(g *generator, i int, a attributes)
	// drifts are the changes of an object by an outsider, by event.
	drifts map[string]func(verifymock.Object)
	// add adds an object to the server. If it is nil, [verifymock.Server.AddObject] does.
	add func(mock *verifymock.Server, o verifymock.Object)
	// matches reports whether what replaces an object matches the configuration, apart from replaces.
	matches func(f verifymock.Object, a attributes, o *tfcore.Object) bool
	// server adapts the values on the server to the form of those in the state.
	server func(o *tfcore.Object, values map[string]any)
	// foreign returns what is wrong with an object that a create left in the state, but that the
	// create did not ask for, or "" if nothing is. If it is nil, the provider must have created it.
	foreign func(has verifymock.Object, a attributes, o *tfcore.Object, r *record) string

	// resolve replaces the symbols in a configuration with values, and notes its secrets.
	resolve func(r *run, i *instance, a attributes)
	// mayBlock reports whether a plan may fail because of the object or the configuration.
	mayBlock func(r *run, i *instance) bool
	// cleanUp does what a person has to do before the instance can settle.
	cleanUp func(w *world, i *instance)
}

// nouns has all nouns by resource type.
var nouns = func() map[string]*noun {
	byType := map[string]*noun{}
	for _, n := range allNouns {
		if byType[n.typeName] = n; n.operations == nil {
			n.operations = operationsOf(n.kind, "create", "fetch", "list", "update", "delete")
		}
	}
	return byType
}()

func operationsOf(kind verifymock.Kind, verbs ...string) []string {
	var all []string
	for _, verb := range verbs {
		all = append(all, string(kind)+" "+verb)
	}
	return all
}

// TestNouns_TakePart expects every resource among the nouns, and every noun in some history.
func TestNouns_TakePart(t *testing.T) {
	t.Parallel()
	configured := map[string]bool{}
	for seed := range uint64(200) {
		for _, s := range generate(seed).Steps {
			configured[s.Type] = true
		}
	}
	for typeName := range schemas().ResourceSchemas {
		if nouns[typeName] == nil || !configured[typeName] {
			t.Errorf("allNouns has no %s, or no history configures one", typeName)
		}
	}
}

type held struct {
	ID       string
	Type     string
	Key      string
	Within   []string // IDs of the objects that contain it
	Verified bool
}

func heldObjects(mock *verifymock.Server) map[string]held {
	objects := map[string]held{}
	for _, n := range nouns {
		for _, o := range mock.Objects(n.kind) {
			h := held{ID: objectID(o), Type: n.typeName, Verified: o.Text("status") == "verified"}
			h.Key = n.keyOf(func(name string) string { return textOf(o[name]) })
			for _, container := range []string{"service_sid", "rate_limit_sid", "entity_sid"} {
				if sid := o.Text(container); sid != "" {
					h.Within = append(h.Within, sid)
				}
			}
			objects[h.ID] = h
		}
	}
	return objects
}

// objectID returns the ID of an object on the server, which is its SID if it has one.
func objectID(o verifymock.Object) string {
	return cmp.Or(o.Text(idAttribute), o.Text("service_sid")+"/"+o.Text("country"))
}

func (n *noun) object(mock *verifymock.Server, id string) verifymock.Object {
	for _, o := range mock.Objects(n.kind) {
		if objectID(o) == id {
			return o
		}
	}
	return nil
}

// keyOf describes an object of a configuration, and the same object on the server.
func (n *noun) keyOf(text func(name string) string) string {
	parts := []string{n.typeName}
	for _, name := range n.key {
		parts = append(parts, folded(name, text(name)))
	}
	return strings.Join(parts, "/")
}

// folded returns a value in the form in which it equals others that mean the same.
func folded(name, value string) string {
	if name == "identity" {
		value = strings.ToLower(value)
	}
	return norm.NFC.String(value)
}

// outside lets an outsider do something to the object with that ID, which is empty if there is none.
// The attributes are those of the configuration.
func (n *noun) outside(mock *verifymock.Server, a attributes, id, event string) {
	o := n.object(mock, id)
	switch {
	case event == "lookalike" && !n.unique:
		like := verifymock.Object{}
		for _, name := range n.copied {
			if a.has(name) {
				like[name] = a[name]
			}
		}
		n.addTo(mock, like)
	case o == nil, event == "lookalike":
	case event == "delete":
		n.remove(mock, id)
	case event == "factor":
		mock.AddFactor(verifymock.Factor{
			ServiceSID: cmp.Or(o.Text("service_sid"), id), Identity: cmp.Or(o.Text("identity"), "outsider-1"), FriendlyName: "Outsider",
		})
	default:
		mock.UpdateObject(n.kind, id, n.drifts[event])
	}
}

func (n *noun) addTo(mock *verifymock.Server, o verifymock.Object) {
	if n.add != nil {
		n.add(mock, o)
		return
	}
	mock.AddObject(n.kind, o)
}

// remove deletes an object as an outsider.
func (n *noun) remove(mock *verifymock.Server, id string) {
	if o := n.object(mock, id); n.kind == verifymock.Entities && o != nil {
		id = o.Text("service_sid") + "/" + o.Text("identity")
	}
	mock.DeleteObject(n.kind, id)
}

func (n *noun) requested(path []string, form url.Values) verifymock.Object {
	o := verifymock.Object{}
	containers := map[string]string{"Services": "service_sid", "Entities": "identity", "RateLimits": "rate_limit_sid"}
	for i := 3; i < len(path); i += 2 {
		o[containers[path[i-1]]] = path[i]
	}
	types := objectType(n.typeName).AttributeTypes
	for _, name := range n.copied {
		texts, ok := form[parameter(name)]
		switch {
		case !ok:
		case types[name].Is(tftypes.Number):
			o[name], _ = strconv.Atoi(texts[0])
		case types[name].Is(tftypes.String):
			o[name] = texts[0]
		default:
			o[name] = texts
		}
	}
	return o
}

func parameter(attribute string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(attribute, "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}

// asConfigured reports whether every attribute that would force a replacement matches the
// configuration.
func (n *noun) asConfigured(mock *verifymock.Server, a attributes, o *tfcore.Object, id string) bool {
	has := n.object(mock, id)
	differs := func(name string) bool {
		return folded(name, textOf(has[name])) != folded(name, textOf(a[name]))
	}
	return has != nil && !slices.ContainsFunc(n.replaces, differs) && (n.matches == nil || n.matches(has, a, o))
}

// untrue returns an attribute in the state that differs from the server, or "" if there is none.
func (n *noun) untrue(mock *verifymock.Server, o *tfcore.Object, id string) string {
	has := n.object(mock, id)
	if has == nil {
		return ""
	}
	values := map[string]any{}
	for name, v := range has {
		if name = strings.ReplaceAll(name, ".", "_"); slices.Contains(n.read, name) {
			values[name] = v
		}
	}
	if n.server != nil {
		n.server(o, values)
	}
	return differing(o, n.read, values)
}

// wrong returns what is wrong with an object that a create left in the state.
func (n *noun) wrong(mock *verifymock.Server, a attributes, o *tfcore.Object, r *record) string {
	has := n.object(mock, r.ID)
	switch naming := n.key[len(n.key)-1]; {
	case n.foreign != nil && has != nil:
		return n.foreign(has, a, o, r)
	case n.takenOver, n.foreign != nil:
	case n.unique: // nothing distinguishes one that was created in place of an unknown outcome
		if has != nil && textOf(has[naming]) != textOf(a[naming]) {
			return "its " + naming + " is " + textOf(has[naming])
		}
	case r.Outsider:
		return "it is an outsider's"
	}
	return ""
}

// idOf returns what identifies an object in the state: its SID, or its ID if it cannot have one.
func idOf(o *tfcore.Object) string {
	if _, ok := members(o)[idAttribute]; o != nil && !ok {
		return o.Text("id")
	}
	return o.Text(idAttribute)
}

func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// attributes are a configuration. Missing attributes are null.
type attributes tfcore.Attributes

type reference = tfcore.Reference

func (a attributes) text(name string) string {
	s, _ := a[name].(string)
	return s
}

func (a attributes) has(name string) bool { return a[name] != nil }

func (a attributes) parents() []int { return tfcore.Attributes(a).Parents() }

// differing returns the first attribute in the state that differs from the server, where a missing
// value is empty, or "" if there is none. Null in the state does not differ.
func differing(o *tfcore.Object, names []string, server map[string]any) string {
	state := members(o)
	for _, name := range names {
		said, v := state[name], server[name]
		var is, want string
		switch {
		case said.IsNull() || v == unread:
			continue
		case said.Type().Is(tftypes.String):
			must(said.As(&is))
			want = textOf(v)
		case said.Type().Is(tftypes.Set{}) || said.Type().Is(tftypes.List{}):
			texts, _ := v.([]string)
			is, want = fmt.Sprint(set(said)), fmt.Sprint(slices.Sorted(slices.Values(texts)))
		case said.Type().Is(tftypes.Number):
			number, _ := v.(int)
			is, want = said.String(), tftypes.NewValue(tftypes.Number, number).String()
		default:
			is, want = said.String(), tftypes.NewValue(tftypes.Bool, v).String()
		}
		if norm.NFC.String(is) != norm.NFC.String(want) { // the server may have stored another Unicode form
			return fmt.Sprintf("%s (%q, server %q)", name, is, want)
		}
	}
	return ""
}

// unread is a value on the server that no client can read.
const unread = "unread"

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
