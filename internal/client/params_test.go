// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/url"
	"reflect"
	"testing"
)

type formParams interface{ form() url.Values }

// TestParams_AreSent sets the fields of each parameter struct that the client's methods take, one
// at a time.
func TestParams_AreSent(t *testing.T) {
	t.Parallel()
	kinds := map[reflect.Type]bool{}
	client := reflect.TypeFor[*Client]()
	for m := range client.NumMethod() {
		method := client.Method(m).Type
		for i := range method.NumIn() {
			if in := method.In(i); in.Implements(reflect.TypeFor[formParams]()) {
				kinds[in] = true
			}
		}
	}
	if len(kinds) < 3 {
		t.Fatalf("found only the parameters %v", kinds)
	}
	for kind := range kinds {
		for _, field := range leaves(kind, nil) {
			value := reflect.New(kind).Elem()
			target := value.FieldByIndex(field.Index)
			switch target.Kind() {
			case reflect.Pointer:
				target.Set(reflect.New(target.Type().Elem()))
			case reflect.Slice:
				target.Set(reflect.MakeSlice(target.Type(), 1, 1))
			default:
				target.SetString("value")
			}
			if form := value.Interface().(formParams).form(); len(form) != 1 {
				t.Errorf("%s: %s alone sends %d parameters: %v", kind, field.Name, len(form), form)
			}
		}
	}
}

// leaves returns the fields of a struct, including those of nested structs.
func leaves(structType reflect.Type, index []int) (fields []reflect.StructField) {
	for i := range structType.NumField() {
		field := structType.Field(i)
		field.Index = append(append([]int{}, index...), i)
		if field.Type.Kind() == reflect.Struct {
			fields = append(fields, leaves(field.Type, field.Index)...)
			continue
		}
		fields = append(fields, field)
	}
	return fields
}
