// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

func validate(t *testing.T, v validator.String, value types.String) string {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("given"), ConfigValue: value}, resp)
	return outcome.Of(resp.Diagnostics)
}

var duration = Duration("must be a positive duration with a unit, such as 45s or 2m", func(d time.Duration) bool { return d > 0 })

func TestValidators_Accept(t *testing.T) {
	t.Parallel()
	for _, test := range map[string]struct {
		validator validator.String
		values    []string
	}{
		"service SID": {ServiceSID(), []string{serviceSID, strings.ToUpper(serviceSID)}},
		"factor SID":  {FactorSID(), []string{factorSID}},
		"webhook SID": {SID("webhook", "YW"), []string{webhookSID}},
		"identity":    {Identity(), []string{"abcdefgh", strings.Repeat("a", 64), "Robot-0001", "YE012345", entitySID + "0"}},
		"enumeration": {OneOf("sha1", "ES256"), []string{"sha1", "ES256"}},
		"TOTP secret": {TOTPSecret(), []string{"GEZDGNBVGY3TQOJQ", "gezdgnbv", "ME======"}},
		"no mark":     {NoByteOrderMark(), []string{"", "token"}},
		"duration":    {duration, []string{"45s", "1m30s", "1ns"}},
	} {
		outcome.Expect(t, validate(t, test.validator, types.StringNull()), "")
		outcome.Expect(t, validate(t, test.validator, types.StringUnknown()), "")
		for _, value := range test.values {
			outcome.Expect(t, validate(t, test.validator, types.StringValue(value)), "")
		}
	}
}

const (
	entitySID  = "YE0123456789abcdef0123456789abcdef"
	factorSID  = "YF0123456789abcdef0123456789abcdef"
	webhookSID = "YW0123456789abcdef0123456789abcdef"
)

func TestValidators_Refuse(t *testing.T) {
	t.Parallel()
	const (
		invalid = "Error given: Invalid Attribute Value Match: Attribute given "
		madeUp  = "Error given: Invalid SID: …, got: %s\n\nIf a mock_provider block made this value up, " +
			"set sid in its mock_resource or mock_data, such as "
		wrongKind   = "Error given: Wrong kind of ID: "
		wrongSecret = "Error given: Invalid Base32 secret: given is invalid: "
		hexadecimal = wrongSecret + "it looks hexadecimal. …"
		noDuration  = "Error given: Invalid duration: given must be a positive duration with a unit, such as 45s or 2m"
		factorID    = serviceSID + "/robot-0001/" + factorSID

		mustBeService  = "must be the SID of a Verify service: VA followed by 32 hexadecimal digits"
		mustBeFactor   = "must be the SID of a factor: YF followed by 32 hexadecimal digits"
		mustBeIdentity = "must be 8 to 64 letters (A-Z, a-z), digits, and dashes"
	)
	for _, test := range []struct {
		validator   validator.String
		value, want string
	}{
		{ServiceSID(), "VA1", invalid + mustBeService + ", got: VA1"},
		{ServiceSID(), "sfj1dxdv", fmt.Sprintf(madeUp, "sfj1dxdv") + `sid = "VA00000000000000000000000000000001".…`},
		{ServiceSID(), "wXh4", fmt.Sprintf(madeUp, "wXh4") + "…"},
		{ServiceSID(), entitySID, wrongKind + "given " + mustBeService + ". It is the SID of an entity; use the attribute service_sid instead."},
		{ServiceSID(), serviceSID + "/robot-0001", wrongKind + "…It is the ID of an entity; use the attribute service_sid instead."},
		{ServiceSID(), factorID, wrongKind + "…It is the ID of a factor; use the attribute service_sid instead."},
		{FactorSID(), "Qf3xK9bTzLmA2Wc", fmt.Sprintf(madeUp, "Qf3xK9bTzLmA2Wc") + `sid = "YF00000000000000000000000000000001".…`},
		{FactorSID(), "YF1", invalid + mustBeFactor + ", got: YF1"},
		{FactorSID(), serviceSID, wrongKind + "given " + mustBeFactor + ". It is the SID of a service…"},
		{FactorSID(), entitySID, wrongKind + "…It is the SID of an entity; use the attribute sid instead."},
		{FactorSID(), factorID, wrongKind + "given " + mustBeFactor + ". It is the ID of a factor; use the attribute sid instead."},
		{SID("webhook", "YW"), serviceSID + "/" + webhookSID, wrongKind + "…It is the ID of a webhook; use the attribute sid instead."},
		{Identity(), "abcdefg", invalid + mustBeIdentity + ", got: abcdefg"},
		{Identity(), "robots/robot-0001", invalid + mustBeIdentity + "…"},
		{
			Identity(), "robot@example.com", "Error given: Invalid identity: given is an email address. It " + mustBeIdentity +
				", and it should not be personal data.…",
		},
		{Identity(), entitySID, wrongKind + "given " + mustBeIdentity + ". It is the SID of an entity; use the attribute identity instead."},
		{Identity(), factorSID, wrongKind + "…It is the SID of a factor; use the attribute identity instead."},
		{Identity(), serviceSID + "/robot-0001", wrongKind + "…It is the ID of an entity; use the attribute identity instead."},
		{Identity(), factorID, wrongKind + "…It is the ID of a factor; use the attribute identity instead."},
		{
			Identity(), serviceSID + "/RK0123456789abcdef0123456789abcdef/BL0123456789abcdef0123456789abcdef",
			wrongKind + "…It is the ID of an object in a service…",
		},
		{OneOf("sha1", "ES256"), "md5", invalid + `…["sha1" "ES256"]…`},
		{OneOf("sha1", "ES256"), "SHA1", `Error given: Invalid letter case: given is "SHA1". Write sha1 in lower case.`},
		{OneOf("sha1", "ES256"), "es256", `Error given: Invalid letter case: given is "es256". Write ES256 in upper case.`},
		{TOTPSecret(), "CANARY1SECRET", wrongSecret + "the character at position 7…"},
		{TOTPSecret(), "CANARY-SECRET", wrongSecret + "it contains spaces or dashes…"},
		{TOTPSecret(), "GEZDGNBVGY3TQOJQ\n", wrongSecret + "it begins or ends with a space or a line break…"},
		{
			TOTPSecret(), "\ufeffGEZDGNBVGY3TQOJQ", wrongSecret + "it begins with a byte-order mark (U+FEFF), which some editors and PowerShell " +
				`put at the start of a file. Save the file without it, or remove it: trimprefix(file("…"), "\ufeff").`,
		},
		{
			TOTPSecret(), "3132333435363738393031323334353637383930",
			hexadecimal + `without 0x: python3 -c "import base64; print(base64.b32encode(bytes.fromhex(input())).decode())".`,
		},
		{TOTPSecret(), "0x3132333435363738393031323334353637383930", hexadecimal},
		{TOTPSecret(), "31-32-33-34 35-36-37-38", hexadecimal},
		{TOTPSecret(), "3132333435363738393", wrongSecret + "the character at position 2…"},
		{TOTPSecret(), "31323334353637", wrongSecret + "the character at position 2…"},
		{NoByteOrderMark(), "\ufeffCANARY", "Error given: Invalid value: given begins with a byte-order mark (U+FEFF)…"},
		{duration, "45", noDuration + `, got: "45".`},
		{duration, "CANARY0123456789", noDuration + ". The value is not shown because it may be a secret."},
		{duration, "0s", noDuration + `, got: "0s".`},
		{duration, "-1h30m0.5s", noDuration + `, got: "-1h30m0.5s".`},
		{duration, "-1s", noDuration + `, got: "-1s".`},
	} {
		got := validate(t, test.validator, types.StringValue(test.value))
		outcome.Expect(t, got, test.want)
		for _, secret := range []string{"CANARY", "GEZDGNBV", "robot@", "3132", "31-32"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s is in the message: %s", secret, got)
			}
		}
	}
}

func TestValidators_Numbers(t *testing.T) {
	t.Parallel()
	type numbers = interface{ Int64Validators() []validator.Int64 }
	for name, test := range map[string]struct {
		attribute any
		accepted  map[int64]bool
	}{
		"limit":     {Limit("factors"), map[int64]bool{-1: false, 0: false, 1: true, 1 << 40: true}},
		"page_size": {PageSize("factors", "Defaults to 50."), map[int64]bool{0: false, 1: true, 1000: true, 1001: false}},
	} {
		for value, accepted := range test.accepted {
			resp := &validator.Int64Response{}
			for _, v := range test.attribute.(numbers).Int64Validators() {
				v.ValidateInt64(t.Context(), validator.Int64Request{Path: path.Root(name), ConfigValue: types.Int64Value(value)}, resp)
			}
			if resp.Diagnostics.HasError() == accepted {
				t.Errorf("%s = %d: accepted should be %t; %v", name, value, accepted, resp.Diagnostics)
			}
		}
	}
}

func stringMap(pairs ...string) types.Map {
	values := map[string]attr.Value{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = types.StringValue(pairs[i+1])
	}
	return types.MapValueMust(types.StringType, values)
}

func TestJSONMap_Text(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]types.Map{
		`{}`:                types.MapNull(types.StringType),
		`{"a":"1","b":"2"}`: stringMap("b", "2", "a", "1"),
		`{"name":"Zoë <a&b> \"quoted\" \\ 🤖"}`: stringMap("name", `Zoë <a&b> "quoted" \ 🤖`),
		`{"":"a\nb\t"}`: stringMap("", "a\nb\t"),
		`{"a":"","b":""}`: types.MapValueMust(types.StringType,
			map[string]attr.Value{"a": types.StringUnknown(), "b": types.StringNull()}),
	} {
		if got := StringMapJSON(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestJSONMap_Validate(t *testing.T) {
	t.Parallel()
	fill := maxJSONMap - len(`{"k":""}`)
	withNull := types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringNull(), "b": types.StringValue("c")})
	const tooLarge = "Error given: Given too large: given has %d characters as JSON, but Twilio accepts at most 1024. Shorten it."
	for _, test := range map[string]struct {
		value types.Map
		want  string
	}{
		"null":             {types.MapNull(types.StringType), ""},
		"unknown":          {types.MapUnknown(types.StringType), ""},
		"empty":            {stringMap(), ""},
		"largest":          {stringMap("k", strings.Repeat("🤖", fill)), ""},
		"too large":        {stringMap("k", strings.Repeat("x", fill+1)), fmt.Sprintf(tooLarge, 1025)},
		"escapes, as JSON": {stringMap("k", strings.Repeat(`"`, fill/2)+"xx"), fmt.Sprintf(tooLarge, 1026)},
		"with an unknown":  {types.MapValueMust(types.StringType, map[string]attr.Value{"k": types.StringUnknown()}), ""},
		"with a null": {
			withNull, `Error given["a"]: Null in given: A value of given must be a string. Remove the key, or set it to an empty string.`,
		},
	} {
		resp := &validator.MapResponse{}
		JSONMap().ValidateMap(t.Context(), validator.MapRequest{Path: path.Root("given"), ConfigValue: test.value}, resp)
		outcome.Expect(t, outcome.Of(resp.Diagnostics), test.want)
	}
}
