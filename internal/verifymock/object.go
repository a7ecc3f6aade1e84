// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Object has the values of an object by their names in the API's JSON. The name of a value in a
// group is that of the group, a dot, and its own, such as "totp.issuer". Values are of type string,
// int, bool, []string, map[string]any, or [time.Time]. Values that are missing are null.
type Object map[string]any

// Text returns a value of type string, or "".
func (o Object) Text(name string) string {
	s, _ := o[name].(string)
	return s
}

// count adds 1 to a value of type int.
func (o Object) count(name string) {
	n, _ := o[name].(int)
	o[name] = n + 1
}

func (o Object) setDefault(name string, value any) {
	if _, ok := o[name]; !ok {
		o[name] = value
	}
}

func (o Object) clone() Object {
	clone := maps.Clone(o)
	for name, value := range clone {
		switch v := value.(type) {
		case []string:
			clone[name] = slices.Clone(v)
		case []ChallengeField:
			clone[name] = slices.Clone(v)
		case map[string]any:
			clone[name] = maps.Clone(v)
		}
	}
	return clone
}

// record is a stored object. Its number is its position among all objects of its kind, in order of
// creation.
type record struct {
	Object

	kind    *kind
	path    string // of its URL, with the identity in lower case
	number  int
	added   time.Time   // by the server's clock, to the nanosecond
	creates []time.Time // of factors of an entity, or of challenges of a factor, in the last day
}

// list returns the path of the list that contains the object.
func (r *record) list() string { return r.path[:strings.LastIndex(r.path, "/")] }

// Objects returns all objects of a kind in order of creation.
func (s *Server) Objects(of Kind) []Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.expire(s.now())
	objects := []Object{}
	for _, o := range s.state.rows[of] {
		objects = append(objects, o.clone())
	}
	return objects
}

// Object returns the object with that ID, and reports whether it exists. The ID is the SID, or what
// the parameters in the path are, such as VA…/US for a messaging configuration.
func (s *Server) Object(of Kind, id string) (Object, bool) {
	var found Object
	ok := s.withObject(of, id, func(o *record) { found = o.clone() })
	return found, ok
}

// AddObject adds an object as if another client had created it, without checks, and returns it with
// the missing values filled in: the first service, and so on. It panics if there is nothing that
// could contain it.
func (s *Server) AddObject(of Kind, o Object) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addSample(kindOf(of), o).clone()
}

// UpdateObject changes an object as if another client had done so, and reports whether it exists.
// What is in its path cannot be changed.
func (s *Server) UpdateObject(of Kind, id string, f func(Object)) bool {
	return s.withObject(of, id, func(o *record) {
		updated := o.clone()
		f(updated)
		for _, name := range slices.Concat(o.kind.identity, []string{"account_sid", "sid"}) {
			delete(updated, name)
			if value, ok := o.Object[name]; ok {
				updated[name] = value
			}
		}
		o.Object = updated.clone()
		s.state.expectExpiry(o)
	})
}

// DeleteObject deletes an object with everything in it, as if another client had done so, and
// reports whether it existed.
func (s *Server) DeleteObject(of Kind, id string) bool {
	return s.withObject(of, id, s.deleteObject)
}

// withObject calls f with an object, with the state locked, and reports whether the object exists.
func (s *Server) withObject(of Kind, id string, f func(*record)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.expire(s.now())
	o := s.state.object(kindOf(of), id)
	if o != nil {
		f(o)
	}
	return o != nil
}

// object returns the object with that ID, or nil.
func (s *state) object(k *kind, id string) *record {
	for _, o := range s.rows[k.name] {
		if strings.EqualFold(k.id(o.Object), id) {
			return o
		}
	}
	return nil
}

// addSample stores a new object in the container that it names, or else in the first one.
func (s *Server) addSample(k *kind, o Object) *record {
	o = o.clone()
	if o == nil {
		o = Object{}
	}
	if k.parent == nil {
		o.setDefault("account_sid", s.config.Accounts[0].SID)
		if s.account(o.Text("account_sid")) == nil {
			panic("verifymock: no account " + o.Text("account_sid"))
		}
	} else {
		s.place(k, o)
	}
	number := s.state.numbers[k.counted()] + 1
	for _, f := range k.fields {
		if f.sample != nil {
			o.setDefault(f.name, f.sampleOf(number))
		}
	}
	return s.addObject(k, o)
}

// place sets the values that say what contains the object.
func (s *Server) place(k *kind, o Object) {
	container := k.identity[:len(k.identity)-1]
	for _, p := range s.state.rows[k.parent.name] {
		own := p.clone()
		own.setDefault(container[len(container)-1], own["sid"])
		named := slices.DeleteFunc(slices.Clone(container), func(name string) bool { return o[name] == nil })
		other := slices.ContainsFunc(named, func(name string) bool { return o[name] != own[name] })
		if !other && (len(named) > 0 || p.Text("account_sid") == s.config.Accounts[0].SID) {
			for _, name := range slices.Concat(container, []string{"account_sid"}) {
				o[name] = own[name]
			}
			return
		}
	}
	panic("verifymock: no " + string(k.parent.name) + " for the new " + string(k.name))
}

// addObject stores a new object, with the values that every object has.
func (s *Server) addObject(k *kind, o Object) *record {
	s.state.numbers[k.counted()]++
	if k.prefix != "" {
		o.setDefault("sid", s.random.sid(k.prefix))
	}
	for _, f := range k.fields {
		if f.value != nil {
			o.setDefault(f.name, f.value)
		}
	}
	o.setDefault("date_created", s.today())
	o.setDefault("date_updated", o["date_created"])
	stored := &record{Object: o, kind: k, path: k.key(o.Text), number: s.state.numbers[k.counted()], added: s.now()}
	s.state.objects[stored.path] = stored
	s.state.rows[k.name] = append(s.state.rows[k.name], stored)
	s.state.lists[stored.list()] = append(s.state.lists[stored.list()], stored)
	s.state.expectExpiry(stored)
	if k.event != nil {
		s.emit(k.event("created"), stored)
	}
	return stored
}

// deleteObject removes an object that a client deletes.
func (s *Server) deleteObject(o *record) {
	s.state.removeObject(o)
	if o.kind.event != nil {
		s.emit(o.kind.event("deleted"), o)
	}
}

// removeObject removes an object with everything in it.
func (s *state) removeObject(o *record) {
	removed := []*record{o}
	for path, other := range s.objects {
		if o.kind.contains && strings.HasPrefix(path, o.path+"/") {
			removed = append(removed, other)
		}
	}
	for _, r := range removed {
		delete(s.objects, r.path)
		s.rows[r.kind.name] = without(s.rows[r.kind.name], r)
		s.lists[r.list()] = without(s.lists[r.list()], r)
	}
}

func without(records []*record, removed *record) []*record {
	return slices.DeleteFunc(records, func(r *record) bool { return r == removed })
}

// fields calls f with each field of a struct that has a name in the API.
func fields(v reflect.Value, group string, f func(name string, field reflect.Value)) {
	for i := range v.NumField() {
		name, ok := v.Type().Field(i).Tag.Lookup("api")
		switch field := v.Field(i); {
		case !ok:
		case field.Kind() == reflect.Struct && field.Type() != reflect.TypeFor[time.Time]():
			fields(field, group+name+".", f)
		default:
			f(group+name, field)
		}
	}
}

// objectOf returns the values in a struct. Empty ones are missing, except false.
func objectOf(v any) Object {
	o := Object{}
	fields(reflect.ValueOf(v), "", func(name string, field reflect.Value) {
		if field.IsZero() && field.Kind() != reflect.Bool {
			return
		}
		if field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		o[name] = field.Interface()
	})
	return o.clone()
}

// typed returns a struct with the values of an object.
func typed[T any](o Object) T {
	var v T
	o = o.clone()
	fields(reflect.ValueOf(&v).Elem(), "", func(name string, field reflect.Value) {
		value := o[name]
		if value == nil {
			return
		}
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.New(field.Type().Elem()))
			field = field.Elem()
		}
		field.Set(reflect.ValueOf(value))
	})
	return v
}

// setParameters sets the fields of a struct whose parameters are in the checked form.
func setParameters(v any, form url.Values) {
	fields(reflect.ValueOf(v).Elem(), "", func(name string, field reflect.Value) {
		switch text := form.Get(camelCase(name)); {
		case !form.Has(camelCase(name)):
		case field.Kind() == reflect.Int:
			field.SetInt(int64(number(text)))
		default:
			field.SetString(text)
		}
	})
}

// all returns the objects of a kind as structs.
func all[T any](s *Server, of Kind) []T {
	var structs []T
	for _, o := range s.Objects(of) {
		structs = append(structs, typed[T](o))
	}
	return structs
}

// one returns an object as a struct, and reports whether it exists.
func one[T any](s *Server, of Kind, id string) (T, bool) {
	o, ok := s.Object(of, id)
	return typed[T](o), ok
}

// change calls f with an object as a struct and stores the result, and reports whether the object
// exists.
func change[T any](s *Server, of Kind, id string, f func(*T)) bool {
	return s.UpdateObject(of, id, func(o Object) {
		v := typed[T](o)
		f(&v)
		clear(o)
		maps.Copy(o, objectOf(v))
	})
}
