// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

// GenerateSecret returns so many bytes of the system's random source as Base32
// without padding, the form in which Twilio generates secrets.
func GenerateSecret(bytes int) (string, error) {
	if bytes < 1 {
		return "", fmt.Errorf("a secret of %d bytes is not possible", bytes)
	}
	key := make([]byte, bytes)
	if _, err := rand.Read(key); err != nil {
		return "", fmt.Errorf("reading the system's random source: %w", err)
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key), nil
}

// CheckSecret returns an error that says why secret is not Base32 (RFC 4648,
// section 6), or nil. Both cases are accepted, and padding may be left out.
// The error names positions, counted from 1, and never what stands there.
func CheckSecret(secret string) error {
	if secret == "" {
		return errors.New("it is empty")
	}
	digits := strings.TrimRight(secret, "=")
	position := 0
	for _, r := range digits {
		position++
		if !isBase32(r) {
			return fmt.Errorf("the character at position %d is not Base32 (A-Z, 2-7); leave out spaces and dashes, and an otpauth URI around the secret", position)
		}
	}
	switch len(digits) % 8 {
	case 1, 3, 6:
		return errors.New("no Base32 has this number of characters: one is missing or one too many, as after an incomplete copy")
	}
	if padding := len(secret) - len(digits); padding > 6 || padding > 0 && len(secret)%8 != 0 {
		return errors.New("the padding (=) at its end does not fill it up to a multiple of 8 characters: correct it or leave it out")
	}
	return nil
}

func isBase32(r rune) bool {
	return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '2' <= r && r <= '7'
}

// SameSecret reports whether two spellings of a secret, which may differ in case and padding, stand
// for the same key.
func SameSecret(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "="), strings.TrimRight(b, "="))
}
