// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Field is a field of an object. Its struct field has the tag json with its name in a response
// and, if it can be set, the tag form with the name of its parameter. The option "clearable" in that
// tag says that an empty parameter clears the field. Null in a response means that a clearable field,
// or one in a nested object, is not set. For other fields, and those with the option "default", for
// which Twilio has a default, null means that Twilio did not reveal the value.
type Field struct {
	// Attribute is the path of the field in JSON, joined by underscores.
	Attribute string
	// Parameter is the name of the field in a request, "" if it cannot be set.
	Parameter string
	Clearable bool
	comma     bool // a list is sent as one text, separated by commas
	nullable  bool // null in a response means that the field is not set
	index     []int
}

// Fields returns the fields of the kind's objects.
func (k *Kind[T]) Fields() []Field {
	k.once.Do(func() { k.fields = fieldsOf(reflect.TypeFor[T](), "", nil) })
	return k.fields
}

func fieldsOf(t reflect.Type, prefix string, index []int) (fields []Field) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for i := range t.NumField() {
		field := t.Field(i)
		name, at := field.Tag.Get("json"), append(slices.Clone(index), i)
		group := field.Type.Kind() == reflect.Struct || field.Type.Kind() == reflect.Pointer && field.Type.Elem().Kind() == reflect.Struct
		switch {
		case field.Anonymous:
			fields = append(fields, fieldsOf(field.Type, prefix, at)...)
		case name == "" || name == "-", field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() != reflect.String:
		case group:
			fields = append(fields, fieldsOf(field.Type, prefix+name+"_", at)...)
		default:
			parameter, option, _ := strings.Cut(field.Tag.Get("form"), ",")
			fields = append(fields, Field{
				Attribute: prefix + name, Parameter: parameter, Clearable: option == "clearable", comma: option == "comma",
				nullable: option == "clearable" || prefix != "" && option != "default", index: at,
			})
		}
	}
	return fields
}

// value returns the value of the field in an object, given as a pointer: a string, a slice or map
// of strings, or a pointer to a number or boolean. It returns false if the response did not have
// the object that contains the field.
func (f Field) value(object any) (reflect.Value, bool) {
	v, err := reflect.ValueOf(object).Elem().FieldByIndexErr(f.index)
	return v, err == nil
}

// Texts returns the texts of a value as they are sent.
func (f Field) Texts(texts []string) []string {
	if f.comma {
		return []string{strings.Join(texts, ",")}
	}
	return slices.Sorted(slices.Values(texts))
}

// Values returns the values of an object by attribute: a string, int64, bool, []string, or
// map[string]string, or nil for null. An empty string is null, too. An attribute that is not in the
// result has a value that Twilio did not reveal.
func (k *Kind[T]) Values(object T) map[string]any {
	values := map[string]any{}
	for _, f := range k.Fields() {
		v, ok := f.value(object)
		switch {
		case !ok || v.IsZero() && !f.nullable:
		case v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0:
			values[f.Attribute] = nil
		case v.Kind() == reflect.Pointer:
			values[f.Attribute] = v.Elem().Interface()
		case v.Kind() == reflect.String:
			values[f.Attribute] = v.String()
		case v.Kind() == reflect.Slice:
			values[f.Attribute] = v.Convert(reflect.TypeFor[[]string]()).Interface()
		default:
			values[f.Attribute] = v.Convert(reflect.TypeFor[map[string]string]()).Interface()
		}
	}
	return values
}

// text returns the value of the field as in a request, or "" if it is null or empty.
func (f Field) text(object any) string {
	switch v, ok := f.value(object); {
	case !ok || v.IsZero():
		return ""
	case v.Kind() == reflect.Pointer:
		return fmt.Sprint(v.Elem().Interface())
	case v.Kind() == reflect.Slice:
		return fmt.Sprint(sorted(v.Interface()))
	case v.Kind() == reflect.Map:
		text, _ := json.Marshal(v.Interface()) //nolint:errchkjson // a map of strings always encodes
		return string(text)
	default:
		return v.String()
	}
}

func sorted(list any) []string {
	texts := reflect.ValueOf(list).Convert(reflect.TypeFor[[]string]()).Interface().([]string) //nolint:forcetypeassert // the type it was converted to
	return slices.Sorted(slices.Values(texts))
}

// Text returns the value of an attribute of an object as text, or "" if it is null.
func (k *Kind[T]) Text(object T, attribute string) string {
	for _, f := range k.Fields() {
		if f.Attribute == attribute {
			return f.text(object)
		}
	}
	return ""
}

// hasKey reports whether an object has the key in the form of a create.
func (k *Kind[T]) hasKey(object T, form url.Values) bool {
	return k.compare(object, form, func(f Field) bool { return slices.Contains(k.Key, f.Attribute) })
}

// equals reports whether an object has all values in the form of a create.
func (k *Kind[T]) equals(object T, form url.Values) bool {
	return k.compare(object, form, func(Field) bool { return true })
}

func (k *Kind[T]) compare(object T, form url.Values, relevant func(Field) bool) bool {
	for _, f := range k.Fields() {
		if f.Parameter == "" || !form.Has(f.Parameter) || !relevant(f) {
			continue
		}
		want := form.Get(f.Parameter)
		switch v, ok := f.value(object); {
		case f.comma:
			want = fmt.Sprint(sorted(strings.Split(want, ",")))
		case ok && v.Kind() == reflect.Slice:
			want = fmt.Sprint(sorted(form[f.Parameter]))
		}
		if !matches(f.text(object), want) {
			return false
		}
	}
	return true
}

// matches reports whether a value from a response may be the value in a request. Twilio may rewrite
// it: trim it, change its case, or store it in another Unicode normalization form. Null matches
// anything.
func matches(got, want string) bool {
	return got == "" || strings.EqualFold(normalize(got), normalize(want))
}

func normalize(text string) string { return norm.NFC.String(strings.TrimSpace(text)) }
