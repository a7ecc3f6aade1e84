// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/rand"
	"encoding/base32"
	"regexp"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Twilio's defaults, used where the service has none of its own.
const (
	defaultAlg        = "sha1"
	defaultCodeLength = 6
	defaultSkew       = 1
	defaultTimeStep   = 30

	secretBytes    = 20 // 32 characters
	minSecretChars = 16 // with Config.StrictSecrets
)

var codePattern = regexp.MustCompile(`^\d+$`)

var otpAlgorithms = map[string]otp.Algorithm{
	"sha1":   otp.AlgorithmSHA1,
	"sha256": otp.AlgorithmSHA256,
	"sha512": otp.AlgorithmSHA512,
}

func (f *Factor) setTOTPDefaults(d TOTPDefaults) {
	f.Alg = defaultAlg
	f.CodeLength = valueOr(d.CodeLength, defaultCodeLength)
	f.Skew = valueOr(d.Skew, defaultSkew)
	f.TimeStep = valueOr(d.TimeStep, defaultTimeStep)
}

func valueOr(p *int, fallback int) int {
	if p == nil {
		return fallback
	}
	return *p
}

func newSecret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return base32.StdEncoding.EncodeToString(b[:])
}

// normalSecret is the secret in upper case and without padding.
func normalSecret(secret string) string {
	return strings.ToUpper(strings.TrimRight(secret, "="))
}

// accepts reports whether the payload verifies the factor at that time.
func (f *Factor) accepts(payload string, now time.Time) bool {
	if f.FactorType == typePush {
		return f.acceptsSignature(payload)
	}
	if !codePattern.MatchString(payload) { // the library would forgive spaces around the code
		return false
	}
	ok, err := totp.ValidateCustom(payload, normalSecret(f.Secret), now, totp.ValidateOpts{
		Period:    uint(f.TimeStep),
		Skew:      uint(f.Skew),
		Digits:    otp.Digits(f.CodeLength),
		Algorithm: otpAlgorithms[f.Alg],
	})
	return err == nil && ok // an error means a payload of another length
}
