// SPDX-License-Identifier: MPL-2.0

package client

import (
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
// or one in a nested object, is not set. For other fields, and those with the option "default", which
// have a default or are not returned again, null means that Twilio did not reveal the value.
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

// value returns the value of the field in an object, given as a pointer: a string, int64, bool,
// []string, or map[string]string, or nil for null. An empty string or list is null, too. It returns
// false if Twilio did not reveal the value.
func (f Field) value(object any) (value any, revealed bool) {
	v, err := reflect.ValueOf(object).Elem().FieldByIndexErr(f.index)
	switch {
	case err != nil: // the response did not have the object that contains the field
		return nil, false
	case v.IsZero(), v.Kind() == reflect.Slice && v.Len() == 0:
		return nil, f.nullable || !v.IsZero()
	case v.Kind() == reflect.Pointer:
		return v.Elem().Interface(), true
	case v.Kind() == reflect.String:
		return v.String(), true
	case v.Kind() == reflect.Slice:
		return v.Convert(reflect.TypeFor[[]string]()).Interface(), true
	default:
		return v.Convert(reflect.TypeFor[map[string]string]()).Interface(), true
	}
}

// Texts returns the texts of a value as they are sent.
func (f Field) Texts(texts []string) []string {
	if f.comma {
		return []string{strings.Join(texts, ",")}
	}
	return slices.Sorted(slices.Values(texts))
}

// Values returns the values of an object by attribute: a string, int64, bool, []string, or
// map[string]string, or nil for null. An attribute that is not in the result has a value that Twilio
// did not reveal.
func (k *Kind[T]) Values(object T) map[string]any {
	values := map[string]any{}
	for _, f := range k.Fields() {
		if value, revealed := f.value(object); revealed {
			values[f.Attribute] = value
		}
	}
	return values
}

// textOf returns a value of a field as one text, or "" for null. The order of a list has no meaning.
func textOf(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case []string:
		return fmt.Sprint(slices.Sorted(slices.Values(value)))
	case map[string]string:
		return JSON(value)
	default:
		return fmt.Sprint(value)
	}
}

// Text returns the value of an attribute of an object as text, or "" if it is null.
func (k *Kind[T]) Text(object T, attribute string) string {
	for _, f := range k.Fields() {
		if f.Attribute == attribute {
			value, _ := f.value(object)
			return textOf(value)
		}
	}
	return ""
}

// keyOf returns the parameters in the form of a create by which its object is recognized.
func (k *Kind[T]) keyOf(form url.Values) url.Values {
	key := url.Values{}
	for _, f := range k.Fields() {
		if form.Has(f.Parameter) && slices.Contains(k.Key, f.Attribute) {
			key[f.Parameter] = form[f.Parameter]
		}
	}
	return key
}

// equals reports whether an object has all values in a form.
func (k *Kind[T]) equals(object T, form url.Values) bool {
	for _, f := range k.Fields() {
		if f.Parameter == "" || !form.Has(f.Parameter) {
			continue
		}
		got, _ := f.value(object)
		var want any = form.Get(f.Parameter)
		if _, isList := got.([]string); isList { // sent as several texts, or as one
			want = strings.Split(strings.Join(form[f.Parameter], ","), ",")
		}
		if !matches(textOf(got), textOf(want)) {
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
