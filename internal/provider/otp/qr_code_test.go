// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"encoding/xml"
	"image"
	"image/color"
	"image/draw"
	"regexp"
	"strconv"
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

// drawings turn the result in each format into a picture.
var drawings = map[string]func(t *testing.T, drawn string) image.Image{
	"png": func(t *testing.T, drawn string) image.Image {
		t.Helper()
		picture, err := acctest.DecodePicture(drawn)
		if err != nil {
			t.Fatal(err)
		}
		return picture
	},
	"svg":  rasterize,
	"text": readBlocks,
}

var (
	svgSize      = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	svgRectangle = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// rasterize draws the rectangles of an SVG image.
func rasterize(t *testing.T, drawn string) image.Image {
	t.Helper()
	var document struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	}
	if err := xml.Unmarshal([]byte(drawn), &document); err != nil {
		t.Fatal(err)
	}
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	size := svgSize.FindStringSubmatch(drawn)
	picture := white(number(size[1]), number(size[2]))
	for _, rectangle := range svgRectangle.FindAllStringSubmatch(drawn, -1) {
		x, y, width := number(rectangle[1]), number(rectangle[2]), number(rectangle[3])
		if number(rectangle[4]) != width {
			t.Errorf("%s is not a rectangle", rectangle[0])
		}
		for i := range width {
			black(picture, x+i, y)
		}
	}
	return picture
}

// readBlocks reads block characters, whose color is white.
func readBlocks(t *testing.T, drawn string) image.Image {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(drawn, "\n"), "\n")
	width := len([]rune(lines[0]))
	picture := white(width, width)
	for y, line := range lines {
		if got := len([]rune(line)); got != width {
			t.Fatalf("line %d has %d characters, the first one %d", y, got, width)
		}
		for x, r := range []rune(line) {
			upper, lower := r == '█' || r == '▀', r == '█' || r == '▄'
			if !upper {
				black(picture, x, 2*y)
			}
			if !lower && 2*y+1 < width {
				black(picture, x, 2*y+1)
			}
		}
	}
	return picture
}

// moduleWidth is large enough for the decoder.
const moduleWidth = 4

func white(width, height int) *image.Gray {
	picture := image.NewGray(image.Rect(0, 0, width*moduleWidth, height*moduleWidth))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	return picture
}

func black(picture *image.Gray, x, y int) {
	draw.Draw(picture, image.Rect(x*moduleWidth, y*moduleWidth, (x+1)*moduleWidth, (y+1)*moduleWidth), image.Black, image.Point{}, draw.Src)
}

// TestQRCode_Formats scans each format, checks its quiet zone, and compares it with the default.
func TestQRCode_Formats(t *testing.T) {
	t.Parallel()
	const text = "otpauth://totp/test-issuer:robot?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=test-issuer&algorithm=SHA1&digits=6&period=30"
	for format, read := range drawings {
		for _, options := range [][]string{{format}, {format, "H"}, {"L", format}} {
			drawn, err := callQRCode(t, text, options...)
			if err != nil {
				t.Errorf("%q: %v", options, err)
				continue
			}
			picture := read(t, drawn)
			if scanned, err := acctest.ScanPicture(picture); err != nil || scanned.GetText() != text {
				t.Errorf("%q: scanned %v, %v", options, scanned, err)
			}
			modules := 2*4 + 17 + 4*4 // at least version 4
			if width := picture.Bounds().Dx(); width != picture.Bounds().Dy() || width < modules*moduleWidth {
				t.Errorf("%q: the picture is %v", options, picture.Bounds())
			}
		}
	}
	standard, _ := callQRCode(t, text)
	if png, _ := callQRCode(t, text, "png", "M"); png != standard || standard == "" {
		t.Error("png and M are not the default")
	}
}

// TestQRCode_SmallText compares a whole drawing, with its quiet zone.
func TestQRCode_SmallText(t *testing.T) {
	t.Parallel()
	drawn, err := callQRCode(t, "a", "text", "L")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(drawn, "\n")
	full, half := strings.Repeat("█", 21+8), strings.Repeat("▀", 21+8)
	if len(lines) != 16 || lines[0] != full || lines[1] != full || lines[13] != full || lines[14] != half || lines[15] != "" {
		t.Errorf("got\n%s", drawn)
	}
	// The finder pattern in the upper left corner: 7 black modules, 5 white ones below.
	if want := "████ ▄▄▄▄▄ █"; !strings.HasPrefix(lines[2], want) {
		t.Errorf("the third line is %q, want it to begin with %q", lines[2], want)
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
		{"text in a format", null, []attr.Value{types.StringValue("svg")}, null},
		{"format and level", text, []attr.Value{null, types.StringValue("png"), null}, types.StringValue(standard)},
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
		{"two levels", "canary", []string{"L", "M"}, 1, "more than one level"},
		{"two formats", "canary", []string{"svg", "M", "text"}, 1, "more than one format"},
		{"upper case format", "canary", []string{"SVG"}, 1, "or png, svg, or text"},
		{"text as an option", "canary", []string{"canary"}, 1, "or png, svg, or text"},
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
			t.Errorf("%s: got %q on argument %d, want %q on argument %d, "+
				"without the text", test.name, err.Text, *err.FunctionArgument, test.want, test.argument)
		}
	}
}
