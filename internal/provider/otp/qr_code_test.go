// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"encoding/xml"
	"image"
	"image/color"
	"regexp"
	"slices"
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

// readers return the modules of a picture in each format, a line for each row, in which # is black.
var readers = map[string]func(t *testing.T, drawn string) []string{"png": readPNG, "svg": readSVG, "text": readBlocks}

// readPNG reads a picture whose modules are 8 pixels wide.
func readPNG(t *testing.T, drawn string) []string {
	t.Helper()
	picture, err := acctest.DecodePicture(drawn)
	if err != nil {
		t.Fatal(err)
	}
	size := picture.Bounds().Size()
	return modules(size.X/8, size.Y/8, func(x, y int) bool {
		return color.GrayModel.Convert(picture.At(8*x, 8*y)).(color.Gray).Y == 0
	})
}

var (
	svgSize      = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	svgRectangle = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// readSVG reads the rectangles of an SVG image.
func readSVG(t *testing.T, drawn string) []string {
	t.Helper()
	var document struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	}
	if err := xml.Unmarshal([]byte(drawn), &document); err != nil {
		t.Fatal(err)
	}
	number := func(text string) int {
		n, _ := strconv.Atoi(text) // digits
		return n
	}
	black := map[image.Point]bool{}
	for _, rectangle := range svgRectangle.FindAllStringSubmatch(drawn, -1) {
		if rectangle[3] != rectangle[4] {
			t.Errorf("%s is not a rectangle", rectangle[0])
		}
		for i := range number(rectangle[3]) {
			black[image.Pt(number(rectangle[1])+i, number(rectangle[2]))] = true
		}
	}
	size := svgSize.FindStringSubmatch(drawn)
	return modules(number(size[1]), number(size[2]), func(x, y int) bool { return black[image.Pt(x, y)] })
}

// readBlocks reads block characters, whose color is white. Each is two modules, one above the other;
// the last one may be half outside the picture.
func readBlocks(_ *testing.T, drawn string) []string {
	var rows []string
	for line := range strings.SplitSeq(strings.TrimSuffix(drawn, "\n"), "\n") {
		rows = append(rows, strings.NewReplacer("█", ".", "▀", ".", "▄", "#", " ", "#").Replace(line),
			strings.NewReplacer("█", ".", "▀", "#", "▄", ".", " ", "#").Replace(line))
	}
	return rows[:len(rows[0])]
}

func modules(width, height int, black func(x, y int) bool) []string {
	rows := make([]string, height)
	for y := range height {
		for x := range width {
			rows[y] += map[bool]string{true: "#", false: "."}[black(x, y)]
		}
	}
	return rows
}

// TestQRCode_Formats draws the same modules in each format, with a quiet zone of 4 modules.
func TestQRCode_Formats(t *testing.T) {
	t.Parallel()
	const content = "otpauth://totp/test-issuer:robot?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=test-issuer&algorithm=SHA1&digits=6&period=30"
	for _, level := range []string{"L", "M", "H"} {
		want := readPNG(t, qrCode(t, content, level))
		for format, read := range readers {
			if got := read(t, qrCode(t, content, format, level)); !slices.Equal(got, want) {
				t.Errorf("%s, level %s:\n%s\nwant\n%s", format, level, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	rows := readPNG(t, qrCode(t, "a"))
	quiet, finder := strings.Repeat(".", 4+21+4), "....#######"
	if len(rows) != 4+21+4 || !slices.Equal(rows[:4], slices.Repeat([]string{quiet}, 4)) || !strings.HasPrefix(rows[4], finder) ||
		!strings.HasSuffix(rows[4], "#######....") || !strings.HasPrefix(rows[24], finder) || !slices.Equal(rows[25:], rows[:4]) {
		t.Errorf("got\n%s", strings.Join(rows, "\n"))
	}
	outcome.Expect(t, qrCode(t, "a", "svg"), `<svg …width="232" height="232" viewBox="0 0 29 29"…`)
	outcome.Expect(t, qrCode(t, "a", "text"), "…\n"+strings.Repeat("▀", 4+21+4)+"\n")
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
