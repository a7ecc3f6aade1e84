// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"encoding/base64"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"rsc.io/qr"
)

// qrCodeFunction is provider::twilio::qr_code.
type qrCodeFunction struct{}

func NewQRCodeFunction() function.Function { return qrCodeFunction{} }

func (qrCodeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "qr_code"
}

// Positions of the arguments, for errors.
const (
	qrCodeText int64 = iota
	qrCodeErrorCorrection
)

// qrModulePixels is the side of a module: with it the picture of an otpauth URI
// is about 500 pixels wide, which phones read from a screen and from paper.
const qrModulePixels = 8

func (qrCodeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Draw a QR code",
		MarkdownDescription: "Returns a QR code as a PNG picture in base64: 8 pixels a module, black on white, with the quiet zone of " +
			"4 modules around it that scanners need. Write it to a file with `content_base64` of `local_sensitive_file`, " +
			"or put it behind `data:image/png;base64,`. The picture contains the text, so the result is sensitive or " +
			"ephemeral whenever the text is.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:           "text",
				AllowNullValue: true,
				MarkdownDescription: "The text to encode, for example an `otpauth://` URI; any text but the empty one. Up to 2,953 bytes of " +
					"UTF-8 fit at level `L`, 2,331 at `M`, 1,663 at `Q` and 1,273 at `H`; more of text that is all digits, or " +
					"all digits, upper-case letters and `$%*+-./:` or space.",
			},
		},
		VariadicParameter: function.StringParameter{
			Name: "error_correction",
			MarkdownDescription: "At most one level of error correction: `L`, `M`, `Q` or `H` can be read with about 7, 15, 25 or 30 % of the " +
				"picture lost, and each is larger than the one before. Default `M`.",
		},
		Return: function.StringReturn{},
	}
}

var qrLevels = map[string]qr.Level{"L": qr.L, "M": qr.M, "Q": qr.Q, "H": qr.H}

func (qrCodeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var given *string
	var errorCorrection []string
	if resp.Error = req.Arguments.Get(ctx, &given, &errorCorrection); resp.Error != nil {
		return
	}
	if given == nil {
		resp.Error = resp.Result.Set(ctx, types.StringNull())
		return
	}
	text := *given
	if text == "" {
		resp.Error = function.NewArgumentFuncError(qrCodeText, "it is empty, which leaves nothing to scan")
		return
	}
	if len(errorCorrection) > 1 {
		resp.Error = function.NewArgumentFuncError(qrCodeErrorCorrection, "there is more than one level; give one of L, M, Q and H, or none")
		return
	}
	level := qr.M
	if len(errorCorrection) == 1 {
		var ok bool
		if level, ok = qrLevels[errorCorrection[0]]; !ok {
			resp.Error = function.NewArgumentFuncError(qrCodeErrorCorrection, "it must be L, M, Q or H")
			return
		}
	}
	code, err := qr.Encode(text, level)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(qrCodeText, "it is too long for a QR code with this level of error correction; shorten it, or take a lower level")
		return
	}
	code.Scale = qrModulePixels
	resp.Error = resp.Result.Set(ctx, base64.StdEncoding.EncodeToString(code.PNG()))
}
