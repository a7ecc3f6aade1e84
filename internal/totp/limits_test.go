// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"strings"
	"testing"
	"time"
)

// TestCheckSecret_Alphabet tests the first and last character of each range, and their neighbors.
func TestCheckSecret_Alphabet(t *testing.T) {
	t.Parallel()
	for _, c := range "AZaz27" {
		if err := CheckSecret(strings.Repeat(string(c), 16)); err != nil {
			t.Errorf("%c: %v", c, err)
		}
	}
	for _, c := range "@[`{18" {
		if err := CheckSecret(strings.Repeat(string(c), 16)); err == nil {
			t.Errorf("%c is accepted", c)
		}
	}
}

func TestCode_Limits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		digits, period int
		valid          bool
	}{
		{1, 30, true}, {maxCodeDigits, 30, true}, {maxCodeDigits + 1, 30, false}, {-1, 30, false}, {6, 1, true}, {6, -1, false},
	} {
		code, err := Code("GEZDGNBVGY3TQOJQ", Config{Digits: c.digits, Period: c.period}, time.Unix(59, 0))
		if (err == nil) != c.valid || err == nil && len(code) != c.digits {
			t.Errorf("%d digits in %d s: got %q, %v", c.digits, c.period, code, err)
		}
	}
}

// TestParseURI_PrefixAlone checks that the error for a URI with only the prefix is about the
// missing secret.
func TestParseURI_PrefixAlone(t *testing.T) {
	t.Parallel()
	if _, err := ParseURI(uriPrefix); err == nil || strings.Contains(err.Error(), "does not begin with") {
		t.Errorf("got %v", err)
	}
}

// TestPrefixLength_Ends compares texts that end at the same position or at different ones.
func TestPrefixLength_Ends(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		label, text string
		want        int
	}{
		{"Acme:Robot", "Acme", 4},
		{"Acme", "Acme", 4},
		{"Acme", "Acme Inc", 4},
		{"", "Acme", 0},
		{"Acme", "", 0},
		{"A%20B", "A B", 5},
		{"A%2", "A B", 1},
	} {
		if got := prefixLength(c.label, c.text); got != c.want {
			t.Errorf("%q and %q: got %d, want %d", c.label, c.text, got, c.want)
		}
	}
}
