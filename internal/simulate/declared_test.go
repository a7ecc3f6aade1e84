// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// This file contains the nouns that need nothing but a table.

// declared is a noun that needs nothing but a declaration.
type declared struct {
	undemanding
	typeName   string
	kind       verifymock.Kind
	collection string // in the path
	level      int    // its rank
	parent     string // the type that it refers to, and parentSID is the attribute
	parentSID  string
	naming     string           // the attribute that names it
	names      []any            // by instance, if no other object in the parent may have the name
	values     map[string][]any // the other attributes and their possible values; nil leaves one out
	replaces   []string         // the attributes that replace it
	secrets    map[string]string
}

// declarations are the nouns of this kind.
var declarations = []declared{{
	typeName: "twilio_verify_rate_limit", kind: verifymock.RateLimits, collection: "RateLimits", level: 1,
	parent: serviceType, parentSID: "service_sid", naming: "unique_name", names: []any{
		"zero", "one", "two", "three", "four", "five", "six",
		"seven", "eight",
	},
	values:   map[string][]any{"description": {nil, "First", "Gamma & Söhne"}},
	replaces: []string{"service_sid", "unique_name"},
}, {
	typeName: "twilio_verify_rate_limit_bucket", kind: verifymock.Buckets, collection: "Buckets", level: 2,
	parent: "twilio_verify_rate_limit", parentSID: "rate_limit_sid", naming: "interval",
	names:    []any{1, 60, 61, 62, 3600, 3601, 3602, 7200, 86400},
	values:   map[string][]any{"max": {1, 5}},
	replaces: []string{"service_sid", "rate_limit_sid"},
}, {
	typeName: "twilio_verify_messaging_configuration", kind: verifymock.MessagingConfigurations, collection: "MessagingConfigurations",
	level:  1,
	parent: serviceType, parentSID: "service_sid", naming: "country", names: []any{"all", "DE", "US", "FR", "GB", "JP", "CA", "IT", "ES"},
	values:   map[string][]any{"messaging_service_sid": {"MG00000000000000000000000000000001", "MG00000000000000000000000000000002"}},
	replaces: []string{"service_sid", "country"},
}, {
	typeName: "twilio_push_credential", kind: verifymock.Credentials, collection: "Credentials", naming: "friendly_name",
	values:   map[string][]any{"type": {"fcm"}, "friendly_name": {"Alpha", "Beta", "Gamma & Söhne"}, "credentials_wo_version": {1, 2}},
	replaces: []string{"type"},
	secrets:  map[string]string{"secret_wo": `{"type": "service_account", "private_key": "canary-0001"}`},
}}

func (d declared) rank() int { return d.level }

func (d declared) unique() bool { return d.names != nil }

func (d declared) unknownable() []string { return slices.Sorted(maps.Keys(d.values)) }

func (d declared) operations() []string {
	var all []string
	for _, verb := range []string{"create", "fetch", "list", "update", "delete"} {
		all = append(all, string(d.kind)+" "+verb)
	}
	return all
}

// id returns the ID of an object, which is that of its SID if it has one.
func (d declared) id(o verifymock.Object) string {
	return cmp.Or(o.Text(idAttribute), o.Text("service_sid")+"/"+o.Text("country"))
}

func (d declared) held(mock *verifymock.Server) []held {
	var objects []held
	for _, o := range mock.Objects(d.kind) {
		h := held{ID: d.id(o), Type: d.typeName, Key: d.key(func(name string) string { return textOf(o[name]) })}
		for _, within := range []string{"service_sid", "rate_limit_sid"} {
			if sid := o.Text(within); sid != "" {
				h.Within = append(h.Within, sid)
			}
		}
		objects = append(objects, h)
	}
	return objects
}

func (d declared) key(text func(string) string) string {
	return norm.NFC.String(strings.Join([]string{d.typeName, text(cmp.Or(d.parentSID, "type")), text(d.naming)}, "/"))
}

func (d declared) label(a attributes) string { return textOf(a[d.naming]) }

func (d declared) configure(g *generator, i int) attributes {
	a := attributes{}
	if d.unique() {
		a[d.naming] = d.unused(g, i)
	}
	for _, name := range slices.Sorted(maps.Keys(d.values)) {
		if v := pick(g, d.values[name]...); v != nil {
			a[name] = v
		}
	}
	for name, secret := range d.secrets {
		a[name] = secret
	}
	switch parent, ok := g.another(d.parent); {
	case d.parent == serviceType:
		a["service_sid"] = g.service()
	case ok:
		a["service_sid"] = reference{Instance: parent, Attribute: "service_sid"}
		a[d.parentSID] = reference{Instance: parent, Attribute: idAttribute}
	case d.parent != "":
		return nil
	}
	return a
}

// unused returns the name of an instance, or the next one that no other instance has: one that was
// renamed has taken its name along.
func (d declared) unused(g *generator, i int) any {
	var used []any
	for n, config := range g.configs {
		if n != i && g.types[n] == d.typeName {
			used = append(used, config[d.naming])
		}
	}
	for n := i; ; n++ {
		if name := d.names[n%len(d.names)]; !slices.Contains(used, name) {
			return name
		}
	}
}

func (d declared) change(g *generator, _ int, a attributes) {
	name := pick(g, slices.Sorted(maps.Keys(d.values))...)
	if v := pick(g, d.values[name]...); v != nil {
		a[name] = v
	} else {
		delete(a, name)
	}
}

func (d declared) resolve(r *run, _ *instance, _ attributes) {
	for _, secret := range d.secrets {
		r.w.note(secret, true)
	}
}

func (declared) events() []string { return []string{"reconfigure", "delete", "delete", "lookalike"} }

func (d declared) outside(mock *verifymock.Server, a attributes, id, event string) {
	switch event {
	case "delete":
		mock.DeleteObject(d.kind, id)
	case "reconfigure":
		mock.UpdateObject(d.kind, id, func(o verifymock.Object) {
			for _, name := range slices.Sorted(maps.Keys(d.values)) {
				if _, ok := o[name]; ok && !slices.Contains(d.replaces, name) {
					o[name] = d.values[name][len(d.values[name])-1]
				}
			}
		})
	case "lookalike":
		if !d.unique() {
			d.add(mock, a)
		}
	}
}

// add adds an object like the configured one.
func (d declared) add(mock *verifymock.Server, a attributes) {
	o := verifymock.Object{}
	for name, v := range a {
		if _, isSecret := d.secrets[name]; !isSecret && !strings.HasSuffix(name, "_wo_version") {
			o[name] = v
		}
	}
	mock.AddObject(d.kind, o)
}

func (d declared) remove(mock *verifymock.Server, o held) { mock.DeleteObject(d.kind, o.ID) }

func (d declared) asConfigured(mock *verifymock.Server, a attributes, _ *tfcore.Object, id string) bool {
	o, ok := mock.Object(d.kind, id)
	return ok && !slices.ContainsFunc(d.replaces, func(name string) bool { return textOf(o[name]) != textOf(a[name]) })
}

func (d declared) untrue(mock *verifymock.Server, o *tfcore.Object, id string) string {
	has, ok := mock.Object(d.kind, id)
	if !ok {
		return ""
	}
	server := map[string]any{}
	for name := range d.values {
		if v, ok := has[name]; ok {
			server[name] = v
		}
	}
	return differing(o, server)
}

// foreign returns "" for an object with a unique name, because nothing distinguishes one that was
// created in place of an unknown outcome.
func (d declared) foreign(mock *verifymock.Server, a attributes, o *tfcore.Object, r *record) string {
	if !d.unique() {
		return d.undemanding.foreign(mock, a, o, r)
	}
	if has, ok := mock.Object(d.kind, r.ID); ok && textOf(has[d.naming]) != textOf(a[d.naming]) {
		return "its " + d.naming + " is " + textOf(has[d.naming])
	}
	return ""
}

// rival creates what a request of the provider asks for, unless something has its name.
func (d declared) rival(mock *verifymock.Server, path []string, form url.Values) {
	o := verifymock.Object{}
	if len(path) > 3 && path[2] == "Services" {
		o["service_sid"] = path[3]
	}
	if len(path) > 5 && path[4] == "RateLimits" {
		o["rate_limit_sid"] = path[5]
	}
	for _, other := range mock.Objects(d.kind) {
		if d.unique() && textOf(other[d.naming]) == form.Get(parameter(d.naming)) &&
			other.Text(cmp.Or(d.parentSID, "type")) == o.Text(d.parentSID) {
			return
		}
	}
	for _, name := range append(slices.Collect(maps.Keys(d.values)), d.naming) {
		text := form.Get(parameter(name))
		number, err := strconv.Atoi(text)
		switch {
		case text == "":
		case err == nil:
			o[name] = number
		default:
			o[name] = text
		}
	}
	mock.AddObject(d.kind, o)
}

// parameter returns the form parameter of an attribute.
func parameter(attribute string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(attribute, "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}
