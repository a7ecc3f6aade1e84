// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"encoding/base64"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"rsc.io/qr"
)

// qrCodeFunction implements provider::twilio::qr_code.
type qrCodeFunction struct{}

// NewQRCodeFunction returns the function qr_code.
func NewQRCodeFunction() function.Function { return qrCodeFunction{} }

func (qrCodeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "qr_code"
}

// Positions of the arguments, for errors.
const (
	qrCodeText int64 = iota
	qrCodeErrorCorrection
)

// qrModulePixels is the width of a module in pixels. The image of an otpauth URI is about 500
// pixels wide, which phones can read from a screen or paper.
const qrModulePixels = 8

func (qrCodeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Draw a QR code",
		MarkdownDescription: "Returns a QR code as a PNG image in Base64: 8 pixels per module, black on white, with a quiet zone of " +
			"4 modules on each side. Write it to a file with `content_base64` of `local_sensitive_file`, " +
			"or prefix it with `data:image/png;base64,` for a web page. The result is null if the text is null. The image " +
			"contains the text: if the text is sensitive or ephemeral, so is the result.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:           "text",
				AllowNullValue: true,
				MarkdownDescription: "The text to encode, such as an `otpauth://` URI. Must not be empty. At most 2,953 bytes of UTF-8 at " +
					"level `L`, 2,331 at `M`, 1,663 at `Q`, and 1,273 at `H`; more if the text consists only of digits, or only of " +
					"digits, uppercase letters, spaces, and the characters `$%*+-./:`.",
			},
		},
		VariadicParameter: function.StringParameter{
			Name:           "error_correction",
			AllowNullValue: true,
			MarkdownDescription: "At most one level of error correction: `L`, `M`, `Q`, or `H`. The code remains readable with about 7, 15, 25, or " +
				"30% of the image damaged, respectively. A higher level makes the image larger. Defaults to `M`, also if null.",
		},
		Return: function.StringReturn{},
	}
}

var qrLevels = map[string]qr.Level{"L": qr.L, "M": qr.M, "Q": qr.Q, "H": qr.H}

func (qrCodeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text types.String
	var errorCorrection []*string
	if resp.Error = req.Arguments.Get(ctx, &text, &errorCorrection); resp.Error != nil {
		return
	}
	if text.IsNull() {
		resp.Error = resp.Result.Set(ctx, types.StringNull())
		return
	}
	if text.ValueString() == "" {
		resp.Error = function.NewArgumentFuncError(qrCodeText, "the text is empty; a QR code needs at least one character")
		return
	}
	if len(errorCorrection) > 1 {
		resp.Error = function.NewArgumentFuncError(qrCodeErrorCorrection, "more than one level is given; use at most one of L, M, Q, and H")
		return
	}
	level := qr.M
	if len(errorCorrection) == 1 && errorCorrection[0] != nil {
		var ok bool
		if level, ok = qrLevels[*errorCorrection[0]]; !ok {
			resp.Error = function.NewArgumentFuncError(qrCodeErrorCorrection, "the level must be L, M, Q, or H")
			return
		}
	}
	code, err := qr.Encode(text.ValueString(), level)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(qrCodeText, "the text is too long for a QR code with this level of error correction; shorten the text, or use a lower level")
		return
	}
	code.Scale = qrModulePixels
	resp.Error = resp.Result.Set(ctx, base64.StdEncoding.EncodeToString(code.PNG()))
}
