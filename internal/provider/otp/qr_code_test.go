// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/makiuchi-d/gozxing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/acctest"
)

// qrCapacity is the number of bytes that the largest QR code holds (ISO/IEC 18004, version 40, byte
// mode).
var qrCapacity = map[string]int{"L": 2953, "M": 2331, "Q": 1663, "H": 1273}

func callQRCode(t *testing.T, text string, levels ...string) (string, error) {
	t.Helper()
	values := make([]attr.Value, len(levels))
	for i, level := range levels {
		values[i] = types.StringValue(level)
	}
	encoded, err := callFunction(t, NewQRCodeFunction(), types.StringValue(text), variadic(types.StringType, values...))
	if err != nil {
		return "", err
	}
	return encoded, nil
}

func TestQRCode_ScansBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=test-issuer&algorithm=SHA1&digits=6&period=30",
		"a",
		"0123456789",
		"ALL UPPER CASE: $%*+-./",
		"John’s “Bücher”",
		"日本語のテキスト",
		"👩‍🚀 and ½",
		strings.Repeat(" ", 100),
		strings.Repeat("\x00\n", 50),
	} {
		for level := range qrCapacity {
			checkQRCode(t, text, level, level)
		}
		checkQRCode(t, text, "M")
	}
}

// TestQRCode_EveryVersion covers all versions of a QR code, up to the last byte that fits.
func TestQRCode_EveryVersion(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("otpauth://totp/A:b?secret=GEZDGNBV&", 100)
	for length := 10; length < qrCapacity["L"]; length += length/8 + 1 {
		checkQRCode(t, text[:length], "L", "L")
	}
	for level, capacity := range qrCapacity {
		checkQRCode(t, text[:capacity], level, level)
		if encoded, err := callQRCode(t, text[:capacity+1], level); err == nil {
			t.Errorf("level %s: %d bytes gave a picture of %d characters", level, capacity+1, len(encoded))
		}
	}
}

func checkQRCode(t *testing.T, text, wantLevel string, levels ...string) {
	t.Helper()
	encoded, err := callQRCode(t, text, levels...)
	if err != nil {
		t.Errorf("%q, level %q: %v", text, levels, err)
		return
	}
	result, err := acctest.ScanQRCode(encoded)
	if err != nil {
		t.Errorf("%q, level %q: cannot be scanned: %v", text, levels, err)
		return
	}
	if result.GetText() != text {
		t.Errorf("level %q: scanned %q, want %q", levels, result.GetText(), text)
	}
	if got := result.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]; got != wantLevel {
		t.Errorf("%q, level %q: scanned level %v, want %s", text, levels, got, wantLevel)
	}
}

func TestQRCode_QuietZone(t *testing.T) {
	t.Parallel()
	encoded, err := callQRCode(t, "a")
	if err != nil {
		t.Fatal(err)
	}
	picture, decodeErr := acctest.DecodePicture(encoded)
	if decodeErr != nil {
		t.Fatal(decodeErr)
	}
	const quiet, modules = 4 * 8, 21 * 8
	if want := image.Rect(0, 0, quiet+modules+quiet, quiet+modules+quiet); picture.Bounds() != want {
		t.Fatalf("the picture is %v, want %v", picture.Bounds(), want)
	}
	code := image.Rect(quiet, quiet, quiet+modules, quiet+modules)
	black := image.Rectangle{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			if color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y == 0 {
				black = black.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if black != code {
		t.Errorf("the code covers %v, want %v with 4 white modules around it", black, code)
	}
}

func TestQRCode_Null(t *testing.T) {
	t.Parallel()
	checkNullable(t, NewQRCodeFunction())
	text, null := types.StringValue("a"), types.StringNull()
	standard, err := callQRCode(t, "a", "M")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		text   attr.Value
		levels []attr.Value
		want   attr.Value
	}{
		{"text", null, nil, null},
		{"text at a level", null, []attr.Value{types.StringValue("H")}, null},
		{"both", null, []attr.Value{null}, null},
		{"level", text, []attr.Value{null}, types.StringValue(standard)},
	} {
		got, err := runFunction(t, NewQRCodeFunction(), types.StringUnknown(), test.text, variadic(types.StringType, test.levels...))
		if err != nil || !got.Equal(test.want) {
			t.Errorf("%s: got %v, %v, want %v", test.name, got, err, test.want)
		}
	}
}

func TestQRCode_Errors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("canary ", 500)
	for _, test := range []struct {
		name, text string
		levels     []string
		argument   int64
		want       string
	}{
		{"empty", "", nil, 0, "empty"},
		{"too long", long, nil, 0, "too long"},
		{"too long for the lowest level", long, []string{"L"}, 0, "too long"},
		{"lower case level", "canary", []string{"h"}, 1, "must be L, M, Q, or H"},
		{"empty level", "canary", []string{""}, 1, "must be L, M, Q, or H"},
		{"two levels", "canary", []string{"L", "M"}, 1, "more than one"},
	} {
		values := make([]attr.Value, len(test.levels))
		for i, level := range test.levels {
			values[i] = types.StringValue(level)
		}
		_, err := callFunction(t, NewQRCodeFunction(), types.StringValue(test.text), variadic(types.StringType, values...))
		if err == nil || err.FunctionArgument == nil {
			t.Errorf("%s: got %v, want an error on argument %d", test.name, err, test.argument)
			continue
		}
		if *err.FunctionArgument != test.argument || !strings.Contains(err.Text, test.want) || strings.Contains(err.Text, "canary") {
			t.Errorf("%s: got %q on argument %d, want %q on argument %d, without the text", test.name, err.Text, *err.FunctionArgument, test.want, test.argument)
		}
	}
}
