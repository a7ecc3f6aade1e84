// SPDX-License-Identifier: MPL-2.0

// Package acctest contains the acceptance tests, which run a real Terraform or OpenTofu against the
// mock, and their helpers.
package acctest

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// DecodePicture decodes the image that qr_code returns.
func DecodePicture(encoded string) (image.Image, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(raw))
}

// ScanQRCode reads an image that qr_code returns.
func ScanQRCode(encoded string) (*gozxing.Result, error) {
	picture, err := DecodePicture(encoded)
	if err != nil {
		return nil, err
	}
	return ScanPicture(picture)
}

// ScanPicture reads an image with a decoder that shares no code with the encoder. A hint tells the
// decoder that the image is not a photo. Without it, the decoder fails for about one in fifty
// codes, even those of its own encoder.
func ScanPicture(picture image.Image) (*gozxing.Result, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		return nil, err
	}
	return qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
}
