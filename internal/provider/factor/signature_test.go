// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
)

func TestSignatureProblem_Forms(t *testing.T) {
	t.Parallel()
	key, keyErr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if keyErr != nil {
		t.Fatal(keyErr)
	}
	r, s, signErr := ecdsa.Sign(rand.Reader, key, make([]byte, sha256.Size))
	public, publicErr := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err := errors.Join(signErr, publicErr); err != nil {
		t.Fatal(err)
	}
	signature := func(r, s *big.Int) []byte {
		der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	der, raw := signature(r, s), append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	digest := sha256.Sum256(der)
	url := base64.URLEncoding.EncodeToString
	std := base64.StdEncoding.EncodeToString
	const rAndS = "probably r and s one after the other"
	for name, test := range map[string]struct{ payload, want string }{
		"DER in Base64":           {std(der), ""},
		"r and s":                 {std(raw), "64 bytes long, " + rAndS},
		"r and s in Base64url":    {url(append([]byte{0xfb, 0xff}, raw[2:]...)), "Base64url, " + rAndS},
		"r and s without padding": {base64.RawStdEncoding.EncodeToString(raw), "lacks the padding"},
		"r and s in hex":          {hex.EncodeToString(raw), "hexadecimal, " + rAndS},
		"DER in hex":              {hex.EncodeToString(der), "It is hexadecimal. For a key"},
		"DER in upper case hex":   {strings.ToUpper(hex.EncodeToString(der)), "It is hexadecimal. For a key"},
		"DER in Base64url": {
			url(append(der[:4:4], append([]byte{0xff, 0xff, 0xff}, der[7:]...)...)),
			"It is Base64url. Base64 has + in place of -",
		},
		"DER in Base64 twice": {std([]byte(std(der))), "in Base64 twice"},
		"JSON Web Signature":  {"eyJhbGciOiJFUzI1NiJ9." + url([]byte("YF")) + "." + url(raw), "JSON Web Signature"},
		"PEM":                 {"-----BEGIN PRIVATE KEY-----", "PEM file"},
		"code":                {"987654", "It is a code"},
		"hash":                {std(digest[:]), "32 bytes long, like a SHA-256 hash"},
		"public key":          {std(public), "not of an ECDSA signature in DER form"},
		"cut off":             {std(der[:len(der)-3]), "not of an ECDSA signature in DER form"},
		"more behind it":      {std(append(slices.Clip(der), 0)), "not of an ECDSA signature in DER form"},
		"zero":                {std(signature(big.NewInt(0), big.NewInt(1))), "not of an ECDSA signature in DER form"},
		"negative":            {std(signature(big.NewInt(1), big.NewInt(-1))), "not of an ECDSA signature in DER form"},
		"smallest":            {std(signature(big.NewInt(1), big.NewInt(1))), ""},
		"other curve":         {std(signature(elliptic.P256().Params().N, big.NewInt(1))), "not of an ECDSA signature in DER form"},
		"byte-order mark":     {"\ufeff" + std(der), "It begins with a byte-order mark"},
		"not Base64":          {"not Base64!", "It is not Base64"},
		"short hex":           {"abcdef0123", "lacks the padding"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem := signatureProblem(test.payload)
			if (problem == "") != (test.want == "") || !strings.Contains(problem, test.want) {
				t.Errorf("%q: got %q, want %q", test.payload, problem, test.want)
			}
			if strings.Contains(problem, test.payload) {
				t.Errorf("%q is in the message: %s", test.payload, problem)
			}
		})
	}
}
