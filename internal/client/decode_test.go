// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"net/http"
	"reflect"
	"testing"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	type common struct {
		Inner string `json:"inner"`
	}
	type object struct {
		common
		Text    string `json:"text"`
		Number  *int64 `json:"number"`
		Float   float64
		Flag    *bool `json:"flag,omitempty"`
		Nested  struct{ Flag bool }
		Pointer *struct {
			Number *int64 `json:"number"`
		} `json:"pointer"`
		List     []string        `json:"list"`
		Objects  []common        `json:"objects"`
		Map      map[string]bool `json:"map"`
		Metadata Metadata        `json:"metadata"`
		Config   FactorConfig    `json:"config"`
		Any      any             `json:"any"`
	}
	for name, test := range map[string]struct {
		body string
		want object
	}{
		"as documented":          {`{"text":"b","number":1,"flag":true}`, object{Text: "b", Number: new(int64(1)), Flag: new(true)}},
		"nulls":                  {`{"number":null,"flag":null,"list":null,"pointer":null,"text":1}`, object{Text: "1"}},
		"a number for a string":  {`{"text":-12.50}`, object{Text: "-12.50"}},
		"a boolean for a string": {`{"text":true}`, object{Text: "true"}},
		"a string for a number":  {`{"number":" 30 ","FLOAT":"0.5"}`, object{Number: new(int64(30)), Float: 0.5}},
		"a string for a boolean": {`{"flag":"true","nested":{"flag":"True"}}`, object{Flag: new(true), Nested: struct{ Flag bool }{true}}},
		"false in a string":      {`{"flag":"false"}`, object{Flag: new(false)}},
		"a number for a boolean": {`{"flag":0,"nested":{"flag":1}}`, object{Flag: new(false), Nested: struct{ Flag bool }{true}}},
		"empty strings":          {`{"flag":"","number":"","text":""}`, object{}},
		"empty lists for objects": {
			`{"nested":[],"config":[ ],"metadata":[],"map":[]}`,
			object{Metadata: Metadata{}, Map: map[string]bool{}, Config: FactorConfig{}},
		},
		"an empty list, a pointer": {`{"pointer":[]}`, object{Pointer: &struct {
			Number *int64 `json:"number"`
		}{}}},
		"within a pointer": {`{"pointer":{"number":"7"}}`, object{Pointer: &struct {
			Number *int64 `json:"number"`
		}{new(int64(7))}}},
		"within lists and maps": {
			`{"list":[1,"b",true],"inner":5,"objects":[{"inner":5}],"map":{"a":"1"}}`,
			object{common: common{"5"}, List: []string{"1", "b", "true"}, Objects: []common{{"5"}}, Map: map[string]bool{"a": true}},
		},
		"the rest of the object": {
			`{"text":1,"list":["a"],"unknown":{"a":[]},"any":[1]}`,
			object{Text: "1", List: []string{"a"}, Any: []any{1.0}},
		},
		"fields in upper case": {`{"TEXT":1}`, object{Text: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got object
			if err := decode([]byte(test.body), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
	for _, body := range []string{
		"", "{", "[]", `{"text":{}}`, `{"text":[]}`, `{"number":"x"}`, `{"number":"true"}`, `{"number":1.5}`, `{"number":"1e"}`, `{"number":[]}`,
		`{"flag":"yes"}`, `{"flag":2}`, `{"nested":"x"}`, `{"nested":[1]}`, `{"list":{}}`, `{"map":[1]}`, `{"config":"x"}`,
	} {
		if err := decode([]byte(body), &object{}); err == nil {
			t.Errorf("no error for %s", body)
		}
	}
}

func TestDecode_ChecksSIDs(t *testing.T) {
	t.Parallel()
	type object struct {
		SID   string `json:"sid"`
		Inner struct {
			AccountSID string `json:"account_sid,omitempty"`
		} `json:"inner"`
		Pointer *struct {
			EntitySID string `json:"entity_sid"`
		} `json:"pointer"`
		List []struct {
			FactorSID string `json:"factor_sid"`
		} `json:"list"`
		Asid string `json:"aside"`
	}
	for _, body := range []string{
		`{}`, `{"sid":null,"aside":"x"}`, `{"sid":""}`, `{"pointer":{"entity_sid":"YE0123456789abcdef0123456789ABCDEF"}}`,
	} {
		if err := decode([]byte(body), &object{}); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
	for body, field := range map[string]string{
		`{"sid":"../../../Accounts/evil?x"}`:                              "sid",
		`{"sid":1}`:                                                       "sid",
		`{"sid":"yf0123456789abcdef0123456789abcdef"}`:                    "sid",
		`{"sid":"YF0123456789abcdef0123456789abcdef\n"}`:                  "sid",
		`{"inner":{"account_sid":"AC"}}`:                                  "account_sid",
		`{"pointer":{"entity_sid":"YE0123456789abcdef0123456789abcdeg"}}`: "entity_sid",
		`{"list":[{},{"factor_sid":"\u001b"}]}`:                           "factor_sid",
	} {
		err := decode([]byte(body), &object{})
		if !errors.Is(err, errInvalidField) || err.Error() != "it has an invalid field: "+field+" is not a SID" {
			t.Errorf("%s: error %v", body, err)
		}
	}
}

// TestClient_DecodesTolerantly checks objects and lists whose fields have other types than documented.
func TestClient_DecodesTolerantly(t *testing.T) {
	t.Parallel()
	const service = `{"sid":"` + serviceSID + `","friendly_name":2026,"code_length":"6","lookup_enabled":"true","totp":{"skew":"0"},"push":[]}`
	c := newClient(t, newServer(t, respond(http.StatusOK, service)).URL)
	got, err := Services.Fetch(t.Context(), c, serviceSID)
	if err != nil {
		t.Fatal(err)
	}
	if got.FriendlyName != "2026" || *got.CodeLength != 6 || !*got.LookupEnabled || *got.TOTP.Skew != 0 {
		t.Errorf("got %+v", got)
	}
	c = newClient(t, newServer(t, respond(http.StatusOK, `{"services":[`+service+`],"meta":[]}`)).URL)
	for got, err := range Services.All(t.Context(), c, 0) {
		if err != nil || *got.CodeLength != 6 {
			t.Errorf("got %+v, error %v", got, err)
		}
	}
	c = newClient(t, newServer(t, respond(http.StatusOK, `{"services":[{"sid":{}}]}`)).URL)
	for _, err := range Services.All(t.Context(), c, 0) {
		if e := new(Error); !errors.As(err, &e) {
			t.Errorf("error %v", err)
		}
	}
}
