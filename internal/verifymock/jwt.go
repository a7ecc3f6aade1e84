// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

// jwtSignatureBytes is the size of an ES256 signature: r and s, 32 bytes each.
const jwtSignatureBytes = 64

// jwt is a JSON Web Token that a device signed with ES256.
type jwt struct {
	header    map[string]any
	claims    map[string]any
	signed    string
	signature []byte
}

// parseJWT parses a token in compact form without checking its signature.
func parseJWT(token string) (*jwt, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("a JWT must have three parts")
	}
	t := &jwt{signed: parts[0] + "." + parts[1]}
	for i, object := range []*map[string]any{&t.header, &t.claims} {
		encoded, err := base64.RawURLEncoding.Strict().DecodeString(parts[i])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(encoded, object); err != nil {
			return nil, err
		}
	}
	var err error
	t.signature, err = base64.RawURLEncoding.Strict().DecodeString(parts[2])
	return t, err
}

// signedBy reports whether the private key that matches the public key signed the token.
func (t *jwt) signedBy(key *ecdsa.PublicKey) bool {
	if len(t.signature) != jwtSignatureBytes || t.header["alg"] != algES256 || t.header["typ"] != "JWT" {
		return false
	}
	r := new(big.Int).SetBytes(t.signature[:jwtSignatureBytes/2])
	s := new(big.Int).SetBytes(t.signature[jwtSignatureBytes/2:])
	digest := sha256.Sum256([]byte(t.signed))
	return ecdsa.Verify(key, digest[:], r, s)
}
