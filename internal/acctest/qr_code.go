// SPDX-License-Identifier: MPL-2.0

// Package acctest has the acceptance tests, which run a real Terraform or OpenTofu against the mock,
// and what they share.
package acctest

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// DecodePicture returns the picture that qr_code returns.
func DecodePicture(encoded string) (image.Image, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(raw))
}

// ScanQRCode reads a picture with a decoder that shares nothing with the
// encoder. It is told that the picture is not a photo: without that it loses
// its way in about one of fifty codes, those of its own encoder included.
func ScanQRCode(encoded string) (*gozxing.Result, error) {
	picture, err := DecodePicture(encoded)
	if err != nil {
		return nil, err
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		return nil, err
	}
	return qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
}
