// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"rsc.io/qr"
)

// Positions of the arguments, for errors.
const (
	qrCodeText int64 = iota
	qrCodeOptions
)

const (
	// qrModulePixels is the width of a module in pixels. The image of an otpauth URI is about 500
	// pixels wide, which phones can read from a screen or paper.
	qrModulePixels = 8
	// qrQuietZone is the width of the margin in modules that ISO/IEC 18004 requires.
	qrQuietZone = 4
)

// NewQRCodeFunction returns the function qr_code.
func NewQRCodeFunction() function.Function {
	return providerFunction{name: "qr_code", run: runQRCode, definition: function.Definition{
		Summary: "Draw a QR code",
		MarkdownDescription: "Returns a QR code as an image or as text for a terminal. The result is null if the text is null. It " +
			"contains the text: if the text is sensitive or ephemeral, so is the result. The options choose the format:\n\n" +
			"- `png`, the default: an image in Base64, 8 pixels per module. Write it to a file with `content_base64` of " +
			"`local_sensitive_file`, or prefix it with `data:image/png;base64,` for a web page.\n" +
			"- `svg`: an image that is sharp in every size, as XML. Write it to a file with `content` of `local_sensitive_file`, " +
			"or insert it into a web page.\n" +
			"- `text`: block characters for a terminal with light text on a dark background, such as `terraform output -raw NAME`. " +
			"Some apps cannot scan it from a terminal with dark text on a light background.\n\n" +
			"Each is black on white (`text`: dark on light) with a quiet zone of 4 modules on each side.",
		Parameters: []function.Parameter{
			parameter("text", "The text to encode, such as an `otpauth://` URI. Must not be empty. At most 2,953 bytes of UTF-8 at "+
				"level `L`, 2,331 at `M`, 1,663 at `Q`, and 1,273 at `H`; more if the text consists only of digits, or only of "+
				"digits, uppercase letters, spaces, and the characters `$%*+-./:`."),
		},
		VariadicParameter: parameter("options", "At most one format (`png`, `svg`, or `text`; default `png`) "+
			"and at most one level of error correction (`L`, `M`, `Q`, or `H`; default `M`), in any order. "+
			"The code remains readable with about 7, 15, 25, or 30% of the image damaged, respectively. "+
			"A higher level makes the image larger. Null is the default."),
		Return: function.StringReturn{},
	}}
}

var qrLevels = map[string]qr.Level{"L": qr.L, "M": qr.M, "Q": qr.Q, "H": qr.H}

var qrFormats = map[string]func(*qr.Code) string{"png": qrPNG, "svg": qrSVG, "text": qrText}

func runQRCode(ctx context.Context, arguments function.ArgumentsData) (any, *function.FuncError) {
	var text types.String
	var options []*string
	if err := arguments.Get(ctx, &text, &options); err != nil || text.IsNull() {
		return types.StringNull(), err
	}
	if text.ValueString() == "" {
		return nil, function.NewArgumentFuncError(qrCodeText, "the text is empty; a QR code needs at least one character")
	}
	level, draw, message := qrOptions(options)
	if message != "" {
		return nil, function.NewArgumentFuncError(qrCodeOptions, message)
	}
	code, err := qr.Encode(text.ValueString(), level)
	if err != nil {
		return nil, function.NewArgumentFuncError(qrCodeText, "the text is too long for a QR code with this level of error correction; "+
			"shorten the text, or use a lower level")
	}
	return draw(code), nil
}

// qrOptions reads the options. The message describes an invalid option, or is empty. It does not
// quote the option, which may be the text.
func qrOptions(options []*string) (level qr.Level, draw func(*qr.Code) string, message string) {
	level, draw = qr.M, qrPNG
	levels, formats := 0, 0
	for _, option := range options {
		if option == nil {
			continue
		}
		if given, ok := qrLevels[*option]; ok {
			level, levels = given, levels+1
		} else if given, ok := qrFormats[*option]; ok {
			draw, formats = given, formats+1
		} else {
			return level, draw, "an option must be L, M, Q, or H for the level of error correction, or png, svg, or text for the format"
		}
	}
	switch {
	case levels > 1:
		return level, draw, "more than one level is given; use at most one of L, M, Q, and H"
	case formats > 1:
		return level, draw, "more than one format is given; use at most one of png, svg, and text"
	}
	return level, draw, ""
}

func qrPNG(code *qr.Code) string {
	code.Scale = qrModulePixels
	return base64.StdEncoding.EncodeToString(code.PNG())
}

// qrSVG draws the black modules of each row as rectangles in a single path.
func qrSVG(code *qr.Code) string {
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			width := 0
			for code.Black(x+width, y) {
				width++
			}
			if width > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+qrQuietZone, y+qrQuietZone, width, width)
				x += width
			}
		}
	}
	size := code.Size + 2*qrQuietZone
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`+"\n",
		size*qrModulePixels, size*qrModulePixels, size, size, size, size, path.String())
}

// qrText draws two modules, one above the other, as a character. The white ones are in the color of
// the text. The number of rows is odd, so the last line has only upper halves.
func qrText(code *qr.Code) string {
	var text strings.Builder
	end := code.Size + qrQuietZone
	for y := -qrQuietZone; y < end; y += 2 {
		for x := -qrQuietZone; x < end; x++ {
			upper, lower := !code.Black(x, y), y+1 < end && !code.Black(x, y+1)
			switch {
			case upper && lower:
				text.WriteRune('█')
			case upper:
				text.WriteRune('▀')
			case lower:
				text.WriteRune('▄')
			default:
				text.WriteRune(' ')
			}
		}
		text.WriteByte('\n')
	}
	return text.String()
}
