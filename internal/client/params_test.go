// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/url"
	"reflect"
	"testing"
)

// TestParams_AreSent sets one parameter of each kind of object at a time.
func TestParams_AreSent(t *testing.T) {
	t.Parallel()
	for name, params := range map[string]interface{ form() url.Values }{
		"factor": FactorParams{}, "service": ServiceParams{}, "webhook": WebhookParams{},
	} {
		kind := reflect.TypeOf(params)
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
			if form := value.Interface().(interface{ form() url.Values }).form(); len(form) != 1 {
				t.Errorf("%s: %s alone sends %d parameters: %v", name, field.Name, len(form), form)
			}
		}
	}
}

// leaves returns the fields of a struct, those of a struct in it included.
func leaves(of reflect.Type, index []int) (fields []reflect.StructField) {
	for i := range of.NumField() {
		field := of.Field(i)
		field.Index = append(append([]int{}, index...), i)
		if field.Type.Kind() == reflect.Struct {
			fields = append(fields, leaves(field.Type, field.Index)...)
			continue
		}
		fields = append(fields, field)
	}
	return fields
}
