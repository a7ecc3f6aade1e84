// SPDX-License-Identifier: MPL-2.0

package device

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

const (
	algES256       = "ES256"
	coordinateSize = 32 // bytes of each of r and s in a signature
)

// jwtHeader is the header of a JSON Web Token.
type jwtHeader struct {
	Typ string `json:"typ"`
	Alg string `json:"alg"`
	Cty string `json:"cty,omitempty"`
	Kid string `json:"kid,omitempty"`
}

// signJWT returns the compact form of a token with the claims, signed with ES256.
func signJWT(key *ecdsa.PrivateKey, header jwtHeader, claims any) (string, error) {
	header.Typ, header.Alg = "JWT", algES256
	encode := base64.RawURLEncoding.EncodeToString
	encodedHeader, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("encoding the header of a JWT: %w", err)
	}
	encodedClaims, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding the claims of a JWT: %w", err)
	}
	signed := encode(encodedHeader) + "." + encode(encodedClaims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing a JWT: %w", err)
	}
	signature := make([]byte, 2*coordinateSize)
	r.FillBytes(signature[:coordinateSize])
	s.FillBytes(signature[coordinateSize:])
	return signed + "." + encode(signature), nil
}
