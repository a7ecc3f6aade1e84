// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"encoding/base32"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestNewSecret_Length(t *testing.T) {
	t.Parallel()
	for bytes := 1; bytes <= 64; bytes++ {
		secret := NewSecret(bytes)
		key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
		if checkErr := CheckSecret(secret); err != nil || len(key) != bytes || checkErr != nil {
			t.Errorf("%d bytes: decoded to %d bytes, %v; CheckSecret: %v", bytes, len(key), err, checkErr)
		}
	}
}

func TestNewSecret_Random(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		secret := NewSecret(SecretBytes)
		if len(secret) != 32 || seen[secret] || NormalizeSecret(secret) != secret {
			t.Fatalf("got a secret of %d characters, seen before: %t", len(secret), seen[secret])
		}
		seen[secret] = true
	}
}

func TestCheckSecret_Base32(t *testing.T) {
	t.Parallel()
	for want, secrets := range map[string][]string{ // a part of the error
		"": {
			"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "GezdGNBV", "AZaz2772", "ME", "ME======", "MFRA", "MFRA====",
			"MFRGG", "MFRGG===", "MFRGGZA", "MFRGGZA=",
		},
		"empty":       {""},
		"position 1 ": {" GEZDGNBV", "äGEZD", "@EZDGNBV", "[EZDGNBV", "`EZDGNBV", "{EZDGNBV", "1EZDGNBV", "8EZDGNBV"},
		"position 5 ": {"GEZD0NBV", "GEZD GNBV", "GEZD-GNBV", "GEZD=GNBV"},
		"position 6 ": {"GEZDG\r\nNBV"},
		// In upper case, the first two are an S and an I.
		"position 8 ":          {"GEZDGNBſ", "GEZDGNBı", "GEZDGNB\xff", "GEZDGNB\x00"},
		"position 9 ":          {"GEZDGNBV1GY3TQOJ", "GEZDGNBV\n", "GEZDGNBVäß"},
		"number of characters": {"M", "MFR", "MFRGGZ", "MFRGGZ=="},
		"padding":              {"=", "========", "ME=", "ME=======", "GEZDGNBV=", "GEZDGNBV========"},
	} {
		for _, secret := range secrets {
			err := CheckSecret(secret)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v, want an error with %q", secret, err, want)
			}
		}
	}
}

var canonicalBase32 = regexp.MustCompile(`^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=)?$`)

// FuzzCheckSecret compares CheckSecret with the grammar of RFC 4648 and with the decoder that
// computes codes, and checks that errors do not depend on the value.
func FuzzCheckSecret(f *testing.F) {
	for _, seed := range []string{
		"", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezdgnbv", "ME======", "MFRGGZA=", "MFRGG", "M",
		"GEZD GNBV", "GEZDGNBV\n", "0189", "=", "GEZD=NBV", "ſſſſſſſſ", "ıııı", "\xff\xfe", "ÄÖÜ", "A=======",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		err := CheckSecret(secret)
		if want := isBase32Text(secret); want != (err == nil) {
			t.Fatalf("%q: got %v, want it accepted: %t", secret, err, want)
		}
		code, codeErr := Code(secret, Config{}, time.Unix(59, 0))
		if (err == nil) != (codeErr == nil) || (err == nil) != (len(code) == 6) {
			t.Fatalf("%q: CheckSecret says %v, Code says %q, %v", secret, err, code, codeErr)
		}
		if err == nil {
			return
		}
		// The same mistake at the same position gives the same message, so the message contains
		// nothing of the value.
		if masked := CheckSecret(mask(secret)); masked == nil || masked.Error() != err.Error() {
			t.Fatalf("%q: the error depends on the value: %q, masked %v", secret, err, masked)
		}
	})
}

func isBase32Text(s string) bool {
	if s == "" || regexp.MustCompile(`[^A-Za-z2-7=]`).MatchString(s) {
		return false
	}
	if !strings.Contains(s, "=") && len(s)%8 != 0 {
		s += strings.Repeat("=", 8-len(s)%8)
	}
	return canonicalBase32.MatchString(strings.ToUpper(s))
}

// mask replaces every character with another of the same class.
func mask(s string) string {
	padding := len(s) - len(strings.TrimRight(s, "="))
	masked := []rune(s)
	for i, r := range masked[:len(masked)-padding] {
		if isBase32(r) {
			masked[i] = 'A'
		} else {
			masked[i] = '!'
		}
	}
	return string(masked)
}

func TestSameSecret_Spellings(t *testing.T) {
	t.Parallel()
	for want, pairs := range map[bool][][2]string{
		true: {{"GEZDGNBV", "GEZDGNBV"}, {"GEZDGNBV", "gezdgnbv"}, {"GezdGNBV", "gEZDgnbv"}, {"MFRGGZA=", "MFRGGZA"}, {"ME======", "me"}, {}},
		false: {
			{"GEZDGNBV", "GEZDGNBW"}, {"GEZDGNBV", "GEZDGNB"}, {"GEZDGNBV", "GEZDGNBVGEZDGNBV"}, {"MFRGGZA=", "MFRGGZB="}, {"GEZDGNBV", ""},
		},
	} {
		for _, pair := range pairs {
			if SameSecret(pair[0], pair[1]) != want || SameSecret(pair[1], pair[0]) != want {
				t.Errorf("%q: want %t", pair, want)
			}
		}
	}
}

func TestNormalizeSecret_Spellings(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]string{
		"kzvvz2s2ylhdmxzk": "KZVVZ2S2YLHDMXZK", "MFRGGZA=": "MFRGGZA", "me======": "ME", "GEZDGNBV": "GEZDGNBV", "": "",
	} {
		if got := NormalizeSecret(secret); got != want {
			t.Errorf("%q: got %q, want %q", secret, got, want)
		}
	}
}
