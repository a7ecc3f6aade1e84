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
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

// qrCapacity is the number of bytes that the largest QR code holds (ISO/IEC 18004, version 40, byte
// mode).
var qrCapacity = map[string]int{"L": 2953, "M": 2331, "Q": 1663, "H": 1273}

// qrCode returns the result of the function with a text and options, of which nil is null.
func qrCode(t *testing.T, content any, levelsAndFormats ...any) string {
	t.Helper()
	values := make([]attr.Value, len(levelsAndFormats))
	for i, option := range levelsAndFormats {
		values[i] = text(option)
	}
	return call(t, NewQRCodeFunction(), types.StringUnknown(), text(content), variadic(types.StringType, values...))
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
		outcome.Expect(t, qrCode(t, text[:capacity+1], level), "argument 0: the text is too long…")
	}
}

func checkQRCode(t *testing.T, text, wantLevel string, levels ...any) {
	t.Helper()
	result, err := acctest.ScanQRCode(qrCode(t, text, levels...))
	if err != nil {
		t.Errorf("%q, level %q: cannot be scanned: %v", text, levels, err)
		return
	}
	level := result.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]
	if result.GetText() != text || level != wantLevel {
		t.Errorf("level %q: scanned %q with level %v, want %q with level %s", levels, result.GetText(), level, text, wantLevel)
	}
}

func TestQRCode_QuietZone(t *testing.T) {
	t.Parallel()
	picture := drawings["png"](t, qrCode(t, "a"))
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

// TestQRCode_Formats scans each format, and checks its quiet zone.
func TestQRCode_Formats(t *testing.T) {
	t.Parallel()
	const content = "otpauth://totp/test-issuer:robot?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=test-issuer&algorithm=SHA1&digits=6&period=30"
	for format, read := range drawings {
		for _, options := range [][]any{{format}, {format, "H"}, {"L", format}} {
			picture := read(t, qrCode(t, content, options...))
			if scanned, err := acctest.ScanPicture(picture); err != nil || scanned.GetText() != content {
				t.Errorf("%q: scanned %v, %v", options, scanned, err)
			}
			modules := 2*4 + 17 + 4*4 // at least version 4
			if width := picture.Bounds().Dx(); width != picture.Bounds().Dy() || width < modules*moduleWidth {
				t.Errorf("%q: the picture is %v", options, picture.Bounds())
			}
		}
	}
}

// TestQRCode_SmallText compares a whole drawing, with its quiet zone.
func TestQRCode_SmallText(t *testing.T) {
	t.Parallel()
	drawn := qrCode(t, "a", "text", "L")
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

// TestQRCode_Defaults checks that png and M are the defaults, and what a null text or option means.
func TestQRCode_Defaults(t *testing.T) {
	t.Parallel()
	checkNullable(t, NewQRCodeFunction())
	standard := qrCode(t, "a", "png", "M")
	for _, options := range [][]any{nil, {nil}, {"M"}, {nil, "png", nil}} {
		if got := qrCode(t, "a", options...); got != standard {
			t.Errorf("%v: got %s, want %s", options, got, standard)
		}
	}
	for _, options := range [][]any{nil, {nil}, {"H"}, {"svg"}} {
		outcome.Expect(t, qrCode(t, nil, options...), "<null>")
	}
}

func TestQRCode_Errors(t *testing.T) {
	t.Parallel()
	const wrongOption = "argument 1: an option must be L, M, Q, or H for the level of error correction, or png, svg, or text for the format"
	long := strings.Repeat("canary ", 500)
	for _, test := range []struct {
		text    string
		options []any
		want    string
	}{
		{"", nil, "argument 0: the text is empty…"},
		{long, nil, "argument 0: the text is too long…"},
		{long, []any{"L"}, "argument 0: the text is too long…"},
		{"canary", []any{"h"}, wrongOption},
		{"canary", []any{""}, wrongOption},
		{"canary", []any{"L", "M"}, "argument 1: …more than one level…"},
		{"canary", []any{"svg", "M", "text"}, "argument 1: …more than one format…"},
		{"canary", []any{"SVG"}, wrongOption},
		{"canary", []any{"canary"}, wrongOption},
	} {
		got := qrCode(t, test.text, test.options...)
		outcome.Expect(t, got, test.want)
		if strings.Contains(got, "canary") {
			t.Errorf("the text is in the error: %s", got)
		}
	}
}
