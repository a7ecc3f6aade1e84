// SPDX-License-Identifier: MPL-2.0

// Package totp computes time-based one-time passwords (RFC 6238), makes and
// checks their secrets, and writes their otpauth URIs the way Twilio does.
//
// No error of this package contains a secret or a URI.
package totp

import (
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Algorithm is the hash function of a code, in the words of Twilio's
// Config.Alg.
type Algorithm string

// The algorithms of RFC 6238, all of which Twilio accepts.
const (
	SHA1   Algorithm = "sha1"
	SHA256 Algorithm = "sha256"
	SHA512 Algorithm = "sha512"
)

// What Twilio takes when neither the factor nor its service says otherwise.
const (
	DefaultAlgorithm = SHA1
	DefaultDigits    = 6
	DefaultPeriod    = 30
)

// Config says how codes are made from a secret. The zero value of each field
// stands for Twilio's default, so that Config{} is usable.
type Config struct {
	Algorithm Algorithm
	// Digits is the length of a code. Twilio accepts 3 to 8; Code accepts 1 to
	// 10, beyond which the 31 bits of RFC 4226 have nothing to add.
	Digits int
	// Period is the time step in seconds. Twilio accepts 20 to 60; Code accepts
	// every positive number.
	Period int
}

func (c Config) withDefaults() Config {
	if c.Algorithm == "" {
		c.Algorithm = DefaultAlgorithm
	}
	if c.Digits == 0 {
		c.Digits = DefaultDigits
	}
	if c.Period == 0 {
		c.Period = DefaultPeriod
	}
	return c
}

var algorithms = map[Algorithm]otp.Algorithm{
	SHA1:   otp.AlgorithmSHA1,
	SHA256: otp.AlgorithmSHA256,
	SHA512: otp.AlgorithmSHA512,
}

// Code returns the code of the time step that contains at. The secret is
// Base32 as CheckSecret accepts it.
func Code(secret string, cfg Config, at time.Time) (string, error) {
	if err := CheckSecret(secret); err != nil {
		return "", err
	}
	cfg = cfg.withDefaults()
	algorithm, ok := algorithms[cfg.Algorithm]
	if !ok {
		return "", fmt.Errorf("algorithm %q is none of sha1, sha256 and sha512", cfg.Algorithm)
	}
	if cfg.Digits < 1 || cfg.Digits > 10 {
		return "", fmt.Errorf("a code of %d digits is not possible, only 1 to 10 digits are", cfg.Digits)
	}
	if cfg.Period < 1 {
		return "", fmt.Errorf("a time step of %d seconds is not possible, it must be positive", cfg.Period)
	}
	return totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{
		Algorithm: algorithm,
		Digits:    otp.Digits(cfg.Digits),
		Period:    uint(cfg.Period),
	})
}

// NextStep returns the moment, in UTC, at which the code of at gives way to
// the next one. The period must not be negative.
func NextStep(cfg Config, at time.Time) time.Time {
	period := int64(cfg.withDefaults().Period)
	elapsed := at.Unix() % period
	if elapsed < 0 { // before 1970
		elapsed += period
	}
	return time.Unix(at.Unix()-elapsed+period, 0).UTC()
}

// Remaining returns how long the code of at is still the current one: more
// than nothing, and at most the period.
func Remaining(cfg Config, at time.Time) time.Duration {
	return NextStep(cfg, at).Sub(at)
}

// word is the algorithm as otpauth URIs write it.
func (a Algorithm) word() string { return strings.ToUpper(string(a)) }
