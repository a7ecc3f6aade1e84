// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

const (
	// base32Block is the length of a block of Base32 text. Padding completes the last block.
	base32Block = 8
	// base32MaxPadding is the padding after a block that encodes a single byte.
	base32MaxPadding = 6
)

// SecretBytes is the length of a secret that RFC 4226, section 4, recommends: 160 bits. Twilio
// generates secrets of this length.
const SecretBytes = 20

// NewSecret returns the given number of random bytes as Base32 in upper case and without padding.
// The bytes come from the system's random source.
func NewSecret(bytes int) string {
	key := make([]byte, bytes)
	_, _ = rand.Read(key) // it never returns an error: without a random source, the program ends
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
}

// CheckSecret returns an error that explains why secret is not Base32 (RFC 4648, section 6), or nil
// if it is. Both cases are accepted, and padding is optional. The error names positions, counted
// from 1, and never the characters at them.
func CheckSecret(secret string) error {
	if secret == "" {
		return errors.New("the secret is empty")
	}
	digits := strings.TrimRight(secret, "=")
	position := 0
	for _, r := range digits {
		position++
		if !isBase32(r) {
			return fmt.Errorf("the character at position %d of the secret is not Base32 (A-Z, 2-7); "+
				"a secret has no spaces or dashes and is not a whole otpauth URI", position)
		}
	}
	switch len(digits) % base32Block {
	case 1, 3, 6:
		return errors.New("the secret has a number of characters that no Base32 text can have; " +
			"a character may be missing or extra, for example because the secret was copied incompletely")
	}
	padding := len(secret) - len(digits)
	if padding > base32MaxPadding || padding > 0 && len(secret)%base32Block != 0 {
		return errors.New("the padding (=) at the end of the secret is too long, or does not extend it to a multiple of 8 characters; " +
			"correct or remove it")
	}
	return nil
}

func isBase32(r rune) bool {
	return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '2' <= r && r <= '7'
}

// SameSecret reports whether two secrets are the same except for case and padding.
func SameSecret(a, b string) bool { return NormalizeSecret(a) == NormalizeSecret(b) }

// NormalizeSecret returns secret in upper case and without padding, the only form that every server
// and authenticator app accepts.
func NormalizeSecret(secret string) string {
	return strings.ToUpper(strings.TrimRight(secret, "="))
}
