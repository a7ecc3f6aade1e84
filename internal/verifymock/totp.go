// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"cmp"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Twilio's defaults, used if the service does not set its own.
const (
	defaultAlg        = "sha1"
	defaultCodeLength = 6
	defaultSkew       = 1
	defaultTimeStep   = 30

	secretBytes = 20 // 32 characters
)

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

// fillTOTPConfig sets empty fields to their defaults. A Skew of 0 counts as set if another field is
// set.
func (f *Factor) fillTOTPConfig(d TOTPDefaults) {
	given := *f
	f.setTOTPDefaults(d)
	if given.Alg != "" || given.CodeLength != 0 || given.TimeStep != 0 || given.Skew != 0 {
		f.Skew = given.Skew
	}
	f.Alg, f.CodeLength, f.TimeStep = cmp.Or(given.Alg, f.Alg), cmp.Or(given.CodeLength, f.CodeLength), cmp.Or(given.TimeStep, f.TimeStep)
}

func valueOr(p *int, fallback int) int {
	if p == nil {
		return fallback
	}
	return *p
}

func (s *Server) newSecret() string {
	return base32.StdEncoding.EncodeToString(s.random.bytes("secret", secretBytes))
}

// normalSecret returns the secret in upper case and without padding.
func normalSecret(secret string) string {
	return strings.ToUpper(strings.TrimRight(secret, "="))
}

// Code returns the code of a TOTP factor at a time, and how long it remains current. The code is
// empty if the secret is invalid.
func (f Factor) Code(now time.Time) (code string, remaining time.Duration) {
	code, err := f.codeAt(now)
	if err != nil {
		return "", 0
	}
	step := time.Duration(f.TimeStep) * time.Second
	return code, now.Truncate(step).Add(step).Sub(now)
}

func (f Factor) codeAt(at time.Time) (string, error) {
	return totp.GenerateCodeCustom(normalSecret(f.Secret), at, totp.ValidateOpts{
		Period:    uint(f.TimeStep),
		Digits:    otp.Digits(f.CodeLength),
		Algorithm: otpAlgorithms[f.Alg],
	})
}

// acceptsCode reports whether the code is valid at that time.
func (f Factor) acceptsCode(code string, now time.Time) bool {
	for skew := -f.Skew; skew <= f.Skew; skew++ {
		if want, err := f.codeAt(now.Add(time.Duration(skew*f.TimeStep) * time.Second)); err == nil && want == code {
			return true
		}
	}
	return false
}
