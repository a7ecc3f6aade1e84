// SPDX-License-Identifier: MPL-2.0

package client

import "testing"

func TestDecode(t *testing.T) {
	t.Parallel()
	type common struct {
		Inner string `json:"inner"`
	}
	type number struct {
		Number *int64 `json:"number"`
	}
	type flag struct{ Flag bool }
	type object struct {
		common
		Text     string `json:"text"`
		Number   *int64 `json:"number"`
		Float    float64
		Flag     *bool `json:"flag,omitempty"`
		Nested   flag
		Pointer  *number         `json:"pointer"`
		List     []string        `json:"list"`
		Objects  []common        `json:"objects"`
		Map      map[string]bool `json:"map"`
		Metadata Metadata        `json:"metadata"`
		Config   FactorConfig    `json:"config"`
		Any      any             `json:"any"`
	}
	for body, want := range map[string]object{
		`{"text":"b","number":1,"flag":true}`:                             {Text: "b", Number: new(int64(1)), Flag: new(true)},
		`{"number":null,"flag":null,"list":null,"pointer":null,"text":1}`: {Text: "1"},
		`{"text":-12.50}`:                                   {Text: "-12.50"},
		`{"text":true}`:                                     {Text: "true"},
		`{"number":" 30 ","FLOAT":"0.5"}`:                   {Number: new(int64(30)), Float: 0.5},
		`{"flag":"true","nested":{"flag":"True"}}`:          {Flag: new(true), Nested: flag{true}},
		`{"flag":"false"}`:                                  {Flag: new(false)},
		`{"flag":0,"nested":{"flag":1}}`:                    {Flag: new(false), Nested: flag{true}},
		`{"flag":"","number":"","text":""}`:                 {},
		`{"nested":[],"config":[ ],"metadata":[],"map":[]}`: {Metadata: Metadata{}, Map: map[string]bool{}},
		`{"pointer":[]}`:                                    {Pointer: &number{}},
		`{"pointer":{"number":"7"}}`:                        {Pointer: &number{new(int64(7))}},
		`{"list":[1,"b",true],"inner":5,"objects":[{"inner":5}],"map":{"a":true}}`: {
			common: common{"5"}, List: []string{"1", "b", "true"}, Objects: []common{{"5"}}, Map: map[string]bool{"a": true},
		},
		`{"text":1,"list":["a"],"unknown":{"a":[]},"any":[1]}`: {Text: "1", List: []string{"a"}, Any: []any{1.0}},
		`{"TEXT":1}`: {Text: "1"},
	} {
		expectDecoded(t, body, want)
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
	for body, want := range map[string]string{
		`{}`: "ok", `{"sid":null,"aside":"x"}`: "ok", `{"sid":""}`: "ok", `{"pointer":{"entity_sid":"YE0123456789abcdef0123456789ABCDEF"}}`: "ok",
		`{"sid":"../../../Accounts/evil?x"}`:                              "it has an invalid field: sid is not a SID",
		`{"sid":1}`:                                                       "it has an invalid field: sid is not a SID",
		`{"sid":"yf0123456789abcdef0123456789abcdef"}`:                    "it has an invalid field: sid is not a SID",
		`{"sid":"YF0123456789abcdef0123456789abcdef\n"}`:                  "it has an invalid field: sid is not a SID",
		`{"inner":{"account_sid":"AC"}}`:                                  "it has an invalid field: account_sid is not a SID",
		`{"pointer":{"entity_sid":"YE0123456789abcdef0123456789abcdeg"}}`: "it has an invalid field: entity_sid is not a SID",
		`{"list":[{},{"factor_sid":"\u001b"}]}`:                           "it has an invalid field: factor_sid is not a SID",
	} {
		expect(t, body, message(decode([]byte(body), &object{})), want)
	}
}

// TestClient_DecodesTolerantly checks objects and lists whose fields have other types than documented.
func TestClient_DecodesTolerantly(t *testing.T) {
	t.Parallel()
	const service = `{"sid":"` + serviceSID + `","friendly_name":2026,"code_length":"6","totp":{"skew":"0"},"push":[]}`
	c, _ := newScript(t, respond(200, service), respond(200, `{"services":[`+service+`],"meta":[]}`), respond(200, `{"services":[{"friendly_name":{}}]}`))
	got, err := Services.Fetch(t.Context(), c, serviceSID)
	if err != nil || got.FriendlyName != "2026" || *got.CodeLength != 6 || *got.TOTP.Skew != 0 {
		t.Errorf("got %+v, error %v", got, err)
	}
	for got, err := range Services.All(t.Context(), c, 0) {
		if err != nil || *got.CodeLength != 6 {
			t.Errorf("got %+v, error %v", got, err)
		}
	}
	expect(t, "invalid list", read(Services.All(t.Context(), c, 0)),
		`0 objects, HTTP 200, but the response cannot be read: its field "friendly_name" has the wrong type`)
}
