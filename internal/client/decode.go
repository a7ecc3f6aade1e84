// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// decode decodes JSON from the API into out, which is a pointer. The API's schema is not precise
// about types, so a field may also be a number or a boolean in a string, an empty string for null,
// a number or a boolean for a string, or an empty list for an empty object.
func decode(data []byte, out any) error {
	target := reflect.ValueOf(out).Elem()
	if err := json.Unmarshal(data, out); err != nil {
		if !json.Valid(data) {
			return err
		}
		target.SetZero()
		if err := json.Unmarshal(convertMembers(data, target.Type()), out); err != nil {
			return err
		}
	}
	return checkSIDs(target)
}

var sidForm = regexp.MustCompile(`^[A-Z]{2}[0-9a-fA-F]{32}$`)

// checkSIDs returns an error if a SID in the value does not have the form of one. SIDs become parts
// of URLs, import IDs, and messages. An empty one is null.
func checkSIDs(value reflect.Value) error {
	switch value.Kind() { //nolint:exhaustive // other kinds contain no fields with names
	case reflect.Pointer:
		if !value.IsNil() {
			return checkSIDs(value.Elem())
		}
	case reflect.Slice:
		for i := range value.Len() {
			if err := checkSIDs(value.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range value.NumField() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
			field := value.Field(i)
			isSID := field.Kind() == reflect.String && (name == "sid" || strings.HasSuffix(name, "_sid"))
			if isSID && field.String() != "" && !sidForm.MatchString(field.String()) {
				return fmt.Errorf("%w: %s is not a SID", errInvalidField, name)
			}
			if err := checkSIDs(field); err != nil {
				return err
			}
		}
	}
	return nil
}

// convertMembers converts the members of an object or a list with [convert].
func convertMembers(data []byte, t reflect.Type) []byte {
	var members map[string]json.RawMessage
	var list []json.RawMessage
	switch {
	case t.Kind() == reflect.Struct && json.Unmarshal(data, &members) == nil:
		for _, field := range reflect.VisibleFields(t) {
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			for name, value := range members {
				if strings.EqualFold(name, cmp.Or(tag, field.Name)) {
					members[name] = convert(value, field.Type)
				}
			}
		}
		return marshal(members)
	case t.Kind() == reflect.Slice && json.Unmarshal(data, &list) == nil:
		for i, value := range list {
			list[i] = convert(value, t.Elem())
		}
		return marshal(list)
	default:
		return data
	}
}

// convert returns a JSON value in the form that a type needs, or unchanged if it has another form
// that is not known.
func convert(value json.RawMessage, t reflect.Type) json.RawMessage {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	value = bytes.TrimSpace(value)
	kind := t.Kind()
	switch {
	case (kind == reflect.Struct || kind == reflect.Map) && isEmptyList(value):
		return json.RawMessage("{}")
	case reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		return value
	case kind == reflect.String && strings.ContainsRune("-0123456789tf", rune(value[0])):
		return json.RawMessage(strconv.Quote(string(value)))
	case kind == reflect.Bool, reflect.Int <= kind && kind <= reflect.Float64:
		return convertScalar(value, kind)
	default:
		return convertMembers(value, t)
	}
}

// convertScalar returns the boolean or number in a string.
func convertScalar(value json.RawMessage, kind reflect.Kind) json.RawMessage {
	text := strings.TrimSpace(jsonText(value))
	if text == "" {
		return json.RawMessage("null")
	}
	if b, err := strconv.ParseBool(text); kind == reflect.Bool && err == nil {
		return json.RawMessage(strconv.FormatBool(b))
	}
	if kind != reflect.Bool && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return value
}

func isEmptyList(value json.RawMessage) bool {
	return value[0] == '[' && len(bytes.TrimSpace(value[1:])) == 1
}

// JSON returns a value that always encodes, such as a map of strings, as JSON. The keys of a map are
// sorted, and no character is escaped unnecessarily.
func JSON(value any) string { return string(marshal(value)) }

func marshal(value any) []byte {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) //nolint:errchkjson // such a value always encodes
	return bytes.TrimSpace(data.Bytes())
}
