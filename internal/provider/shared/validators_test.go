// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func validate(t *testing.T, v validator.String, value types.String) diag.Diagnostics {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("given"), ConfigValue: value}, resp)
	return resp.Diagnostics
}

var duration = Duration("must be a positive duration with a unit, such as 45s or 2m", func(d time.Duration) bool { return d > 0 })

func TestValidators_Accept(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := []types.String{types.StringNull(), types.StringUnknown()}
			for _, value := range test.values {
				values = append(values, types.StringValue(value))
			}
			for _, value := range values {
				if diags := validate(t, test.validator, value); len(diags) > 0 {
					t.Errorf("%s is refused: %v", value, diags)
				}
			}
		})
	}
}

const (
	entitySID  = "YE0123456789abcdef0123456789abcdef"
	factorSID  = "YF0123456789abcdef0123456789abcdef"
	webhookSID = "YW0123456789abcdef0123456789abcdef"
)

func TestValidators_Refuse(t *testing.T) {
	t.Parallel()
	const invalid = "Invalid Attribute Value Match"
	for _, test := range []struct {
		validator validator.String
		value     string
		want      []message
	}{
		{ServiceSID(), "VA1", errorOn("given", invalid, "must be the SID of a Verify service: VA followed by 32 hexadecimal digits")},
		{ServiceSID(), "sfj1dxdv", errorOn("given", "Invalid SID", "got: sfj1dxdv\n\nIf a mock_provider block made this value up, "+
			"set sid in its mock_resource or mock_data, such as sid = \"VA00000000000000000000000000000001\".")},
		{ServiceSID(), "wXh4", errorOn("given", "Invalid SID", "got: wXh4\n\nIf a mock_provider block made this value up, set sid")},
		{FactorSID(), "Qf3xK9bTzLmA2Wc", errorOn("given", "Invalid SID", "such as sid = \"YF00000000000000000000000000000001\".")},
		{FactorSID(), "YF1", errorOn("given", invalid, "must be the SID of a factor: YF followed by 32 hexadecimal digits")},
		{FactorSID(), serviceSID, errorOn("given", "Wrong kind of ID", "must be the SID of a factor: YF followed by 32 hexadecimal digits. "+
			"It is the SID of a service")},
		{Identity(), "abcdefg", errorOn("given", invalid, "must be 8 to 64 letters (A-Z, a-z), digits, and dashes")},
		{Identity(), "robot@example.com", errorOn("given", "Invalid identity", "given is an email address. It must be 8 to 64 letters (A-Z, "+
			"a-z), digits, and dashes, and it should not be personal data.")},
		{ServiceSID(), entitySID, errorOn("given", "Wrong kind of ID", "given must be the SID of a Verify service: "+
			"VA followed by 32 hexadecimal digits. It is the SID of an entity; use the attribute service_sid instead.")},
		{ServiceSID(), serviceSID + "/robot-0001", errorOn("given", "Wrong kind of ID", "It is the ID of an entity; use the attribute "+
			"service_sid instead.")},
		{ServiceSID(), serviceSID + "/robot-0001/" + factorSID, errorOn("given", "Wrong kind of ID", "It is the ID of a factor; use the "+
			"attribute service_sid instead.")},
		{FactorSID(), entitySID, errorOn("given", "Wrong kind of ID", "It is the SID of an entity; use the attribute sid instead.")},
		{FactorSID(), serviceSID + "/robot-0001/" + factorSID, errorOn("given", "Wrong kind of ID", "given must be the SID of a factor: "+
			"YF followed by 32 hexadecimal digits. It is the ID of a factor; use the attribute sid instead.")},
		{SID("webhook", "YW"), serviceSID + "/" + webhookSID, errorOn("given", "Wrong kind of ID",
			"It is the ID of a webhook; use the attribute sid instead.")},
		{Identity(), entitySID, errorOn("given", "Wrong kind of ID", "given must be 8 to 64 letters (A-Z, a-z), digits, and dashes. "+
			"It is the SID of an entity; use the attribute identity instead.")},
		{Identity(), factorSID, errorOn("given", "Wrong kind of ID", "It is the SID of a factor; use the attribute identity instead.")},
		{Identity(), serviceSID + "/robot-0001", errorOn("given", "Wrong kind of ID", "It is the ID of an entity; use the attribute identity "+
			"instead.")},
		{Identity(), serviceSID + "/robot-0001/" + factorSID, errorOn("given", "Wrong kind of ID", "It is the ID of a factor; use the "+
			"attribute identity instead.")},
		{
			Identity(), serviceSID + "/RK0123456789abcdef0123456789abcdef/BL0123456789abcdef0123456789abcdef",
			errorOn("given", "Wrong kind of ID", "It is the ID of an object in a service"),
		},
		{Identity(), "robots/robot-0001", errorOn("given", invalid, "must be 8 to 64 letters (A-Z, a-z), digits, and dashes")},
		{OneOf("sha1", "ES256"), "md5", errorOn("given", invalid, `["sha1" "ES256"]`)},
		{OneOf("sha1", "ES256"), "SHA1", errorOn("given", "Invalid letter case", `given is "SHA1". Write sha1 in lower case.`)},
		{OneOf("sha1", "ES256"), "es256", errorOn("given", "Invalid letter case", `given is "es256". Write ES256 in upper case.`)},
		{TOTPSecret(), "CANARY1SECRET", errorOn("given", "Invalid Base32 secret", "given is invalid: the character at position 7")},
		{TOTPSecret(), "CANARY-SECRET", errorOn("given", "Invalid Base32 secret", "given is invalid: it contains spaces or dashes")},
		{TOTPSecret(), "GEZDGNBVGY3TQOJQ\n", errorOn("given", "Invalid Base32 secret", "it begins or ends with a space or a line break")},
		{TOTPSecret(), "\ufeffGEZDGNBVGY3TQOJQ", errorOn("given", "Invalid Base32 secret",
			`it begins with a byte-order mark (U+FEFF), which some editors and PowerShell put at the start of a file. Save the file without it, or remove it: trimprefix(file("…"), "\ufeff").`)},
		{TOTPSecret(), "3132333435363738393031323334353637383930", errorOn("given", "Invalid Base32 secret",
			`without 0x: python3 -c "import base64; print(base64.b32encode(bytes.fromhex(input())).decode())".`)},
		{TOTPSecret(), "0x3132333435363738393031323334353637383930", errorOn("given", "Invalid Base32 secret", "it looks hexadecimal.")},
		{TOTPSecret(), "31-32-33-34 35-36-37-38", errorOn("given", "Invalid Base32 secret", "it looks hexadecimal.")},
		{TOTPSecret(), "3132333435363738393", errorOn("given", "Invalid Base32 secret", "the character at position 2")},
		{TOTPSecret(), "31323334353637", errorOn("given", "Invalid Base32 secret", "the character at position 2")},
		{NoByteOrderMark(), "\ufeffCANARY", errorOn("given", "Invalid value", "given begins with a byte-order mark (U+FEFF)")},
		{duration, "45", errorOn("given", "Invalid duration", `given must be a positive duration with a unit, such as 45s or 2m, got: "45".`)},
		{duration, "CANARY0123456789", errorOn("given", "Invalid duration", "with a unit, such as 45s or 2m. "+
			"The value is not shown because it may be a secret.")},
		{duration, "0s", errorOn("given", "Invalid duration", `got: "0s".`)},
		{duration, "-1h30m0.5s", errorOn("given", "Invalid duration", `got: "-1h30m0.5s".`)},
		{duration, "-1s", errorOn("given", "Invalid duration", `got: "-1s".`)},
	} {
		diags := validate(t, test.validator, types.StringValue(test.value))
		expectMessages(t, diags, test.want...)
		for _, d := range diags {
			for _, secret := range []string{"CANARY", "GEZDGNBV", "robot@", "3132", "31-32"} {
				if strings.Contains(d.Detail(), secret) {
					t.Errorf("%s is in the message: %s", secret, d.Detail())
				}
			}
		}
	}
}

func TestValidators_Numbers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		attribute      interface{ Int64Validators() []validator.Int64 }
		accept, refuse []int64
	}{
		"limit": {Limit("factors").(interface{ Int64Validators() []validator.Int64 }), []int64{1, 1 << 40}, []int64{0, -1}},
		"page_size": {
			PageSize("factors", "Defaults to 50.").(interface{ Int64Validators() []validator.Int64 }),
			[]int64{1, 1000},
			[]int64{0, 1001},
		},
	} {
		for _, value := range append(test.accept, test.refuse...) {
			resp := &validator.Int64Response{}
			for _, v := range test.attribute.Int64Validators() {
				v.ValidateInt64(t.Context(), validator.Int64Request{Path: path.Root(name), ConfigValue: types.Int64Value(value)}, resp)
			}
			accepted := false
			for _, a := range test.accept {
				accepted = accepted || a == value
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
	for name, test := range map[string]struct {
		value types.Map
		want  []message
	}{
		"null":    {types.MapNull(types.StringType), nil},
		"unknown": {types.MapUnknown(types.StringType), nil},
		"empty":   {stringMap(), nil},
		"largest": {stringMap("k", strings.Repeat("🤖", fill)), nil},
		"too large": {stringMap("k", strings.Repeat("x", fill+1)), errorOn("given", "Given too large",
			"given has 1025 characters as JSON, but Twilio accepts at most 1024. Shorten it.")},
		"with a null": {withNull, errorOn(`given["a"]`, "Null in given", "A value of given must be a string. "+
			"Remove the key, or set it to an empty string.")},
		"with an unknown":  {types.MapValueMust(types.StringType, map[string]attr.Value{"k": types.StringUnknown()}), nil},
		"escapes, as JSON": {stringMap("k", strings.Repeat(`"`, fill/2)+"xx"), errorOn("given", "Given too large", "1026 characters")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := &validator.MapResponse{}
			JSONMap().ValidateMap(t.Context(), validator.MapRequest{Path: path.Root("given"), ConfigValue: test.value}, resp)
			expectMessages(t, resp.Diagnostics, test.want...)
		})
	}
}
