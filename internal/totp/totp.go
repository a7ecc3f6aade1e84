// SPDX-License-Identifier: MPL-2.0

// Package totp computes time-based one-time passwords (RFC 6238), generates and checks their
// secrets, and writes, updates, and parses their otpauth URIs.
//
// Errors from this package never contain a secret or a URI.
package totp

import (
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Algorithm is the hash function of a code, spelled as in Twilio's Config.Alg.
type Algorithm string

// The algorithms of RFC 6238, all of which Twilio accepts.
const (
	SHA1   Algorithm = "sha1"
	SHA256 Algorithm = "sha256"
	SHA512 Algorithm = "sha512"
)

// Twilio's defaults if neither the factor nor its service sets a value. They are also the defaults
// of otpauth URIs.
const (
	DefaultAlgorithm = SHA1
	DefaultDigits    = 6
	DefaultPeriod    = 30
)

// Twilio's limits for a Config. Periods are in seconds.
const (
	MinDigits = 3
	MaxDigits = 8
	MinPeriod = 20
	MaxPeriod = 60
)

// maxCodeDigits is the length of the largest 31-bit number. RFC 4226 takes the digits of a code
// from a 31-bit number.
const maxCodeDigits = 10

// Config holds the parameters of code generation. The zero value of each field stands for Twilio's
// default.
type Config struct {
	Algorithm Algorithm
	// Digits is the length of a code. Twilio accepts MinDigits to MaxDigits; Code accepts 1 to 10.
	Digits int
	// Period is the time step in seconds. Twilio accepts MinPeriod to MaxPeriod; Code accepts any
	// positive number.
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

// Code returns the code for the time step that contains at. The secret must pass CheckSecret.
func Code(secret string, cfg Config, at time.Time) (string, error) {
	if err := CheckSecret(secret); err != nil {
		return "", err
	}
	cfg = cfg.withDefaults()
	algorithm, ok := algorithms[cfg.Algorithm]
	if !ok {
		return "", fmt.Errorf("unsupported algorithm %q, must be sha1, sha256, or sha512", cfg.Algorithm)
	}
	if cfg.Digits < 1 || cfg.Digits > maxCodeDigits {
		return "", fmt.Errorf("invalid code length: %d digits, must be 1 to %d", cfg.Digits, maxCodeDigits)
	}
	if cfg.Period < 1 {
		return "", fmt.Errorf("invalid time step: %d seconds, must be positive", cfg.Period)
	}
	return totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{
		Algorithm: algorithm,
		Digits:    otp.Digits(cfg.Digits),
		Period:    uint(cfg.Period),
	})
}

// NextStep returns the start, in UTC, of the time step that follows the one containing at. The
// period must not be negative.
func NextStep(cfg Config, at time.Time) time.Time {
	period := int64(cfg.withDefaults().Period)
	elapsed := at.Unix() % period
	if elapsed < 0 { // before 1970
		elapsed += period
	}
	return time.Unix(at.Unix()-elapsed+period, 0).UTC()
}

// Remaining returns how long the code for at remains current, which is more than zero and at most
// the period.
func Remaining(cfg Config, at time.Time) time.Duration {
	return NextStep(cfg, at).Sub(at)
}

// uriName returns the name of the algorithm in otpauth URIs.
func (a Algorithm) uriName() string { return strings.ToUpper(string(a)) }
