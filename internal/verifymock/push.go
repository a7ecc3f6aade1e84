// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
)

const (
	algES256     = "ES256"
	platformNone = "none"
)

// acceptsSignature reports whether the payload is a DER signature of the factor's SID, in Base64,
// made with the private key that matches the factor's public key.
func (f Factor) acceptsSignature(payload string) bool {
	key, err := parsePublicKey(f.PublicKey)
	if err != nil {
		return false
	}
	signature, err := decodeBase64(payload)
	if err != nil {
		return false
	}
	digest := sha256.Sum256([]byte(f.SID))
	return ecdsa.VerifyASN1(key, digest[:], signature)
}

// parsePublicKey parses a P-256 key in PKIX DER form, encoded in Base64.
func parsePublicKey(s string) (*ecdsa.PublicKey, error) {
	der, err := decodeBase64(s)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("not a P-256 key")
	}
	return key, nil
}

// decodeBase64 is strict: it accepts one encoding of each value, and no line breaks.
func decodeBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err == nil && base64.StdEncoding.EncodeToString(b) != s {
		return nil, errors.New("line breaks")
	}
	return b, err
}
