// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"math/big"
	"strings"
	"testing"
	"time"
)

// rfcKeys are the keys of RFC 6238, appendix B: the digits 1 to 0, repeated to the length of the
// hash. The key for SHA-1 is also that of RFC 4226.
var rfcKeys = map[Algorithm]string{
	SHA1:   "12345678901234567890",
	SHA256: "12345678901234567890123456789012",
	SHA512: "1234567890123456789012345678901234567890123456789012345678901234",
}

func rfcSecret(algorithm Algorithm) string {
	return base32.StdEncoding.EncodeToString([]byte(rfcKeys[algorithm]))
}

func TestCode_RFC6238(t *testing.T) {
	t.Parallel()
	for _, vector := range []struct {
		unix int64
		want map[Algorithm]string
	}{
		{59, map[Algorithm]string{SHA1: "94287082", SHA256: "46119246", SHA512: "90693936"}},
		{1111111109, map[Algorithm]string{SHA1: "07081804", SHA256: "68084774", SHA512: "25091201"}},
		{1111111111, map[Algorithm]string{SHA1: "14050471", SHA256: "67062674", SHA512: "99943326"}},
		{1234567890, map[Algorithm]string{SHA1: "89005924", SHA256: "91819424", SHA512: "93441116"}},
		{2000000000, map[Algorithm]string{SHA1: "69279037", SHA256: "90698825", SHA512: "38618901"}},
		{20000000000, map[Algorithm]string{SHA1: "65353130", SHA256: "77737706", SHA512: "47863826"}},
	} {
		for algorithm, want := range vector.want {
			cfg := Config{Algorithm: algorithm, Digits: 8, Period: 30}
			got, err := Code(rfcSecret(algorithm), cfg, time.Unix(vector.unix, 0))
			if err != nil || got != want {
				t.Errorf("%s at %d: got %q, %v, want %q", algorithm, vector.unix, got, err, want)
			}
		}
	}
}

// TestCode_RFC4226 uses the counters of RFC 4226, appendix D, as time steps. The truncated values
// there have 31 bits, so their last digits are the codes of every length.
func TestCode_RFC4226(t *testing.T) {
	t.Parallel()
	for counter, truncated := range []string{
		"1284755224", "1094287082", "0137359152", "1726969429", "1640338314",
		"0868254676", "1918287922", "0082162583", "0673399871", "0645520489",
	} {
		for digits := 1; digits <= 10; digits++ {
			for _, period := range []int{1, 20, 30, 60} {
				at := time.Unix(int64(counter*period+period-1), 999)
				want := truncated[10-digits:]
				got, err := Code(rfcSecret(SHA1), Config{SHA1, digits, period}, at)
				if err != nil || got != want {
					t.Errorf("counter %d, %d digits, period %d: got %q, %v, want %q", counter, digits, period, got, err, want)
				}
			}
		}
	}
}

// TestCode_Definition compares every config that Twilio accepts with the formula of RFC 4226,
// section 5.3, written with big integers.
func TestCode_Definition(t *testing.T) {
	t.Parallel()
	hashes := map[Algorithm]func() hash.Hash{SHA1: sha1.New, SHA256: sha256.New, SHA512: sha512.New}
	at := time.Unix(1_700_000_123, 0)
	for algorithm, newHash := range hashes {
		for digits := 3; digits <= 8; digits++ {
			for period := 20; period <= 60; period++ {
				want := definition(newHash, rfcKeys[algorithm], at.Unix()/int64(period), digits)
				got, err := Code(rfcSecret(algorithm), Config{algorithm, digits, period}, at)
				if err != nil || got != want {
					t.Errorf("%s, %d digits, period %d: got %q, %v, want %q", algorithm, digits, period, got, err, want)
				}
			}
		}
	}
}

func definition(newHash func() hash.Hash, key string, counter int64, digits int) string {
	mac := hmac.New(newHash, []byte(key))
	_ = binary.Write(mac, binary.BigEndian, counter)
	sum := new(big.Int).SetBytes(mac.Sum(nil))
	offset := new(big.Int).And(sum, big.NewInt(0xf)).Int64()
	shift := uint(8 * (int64(newHash().Size()) - offset - 4))
	truncated := new(big.Int).And(new(big.Int).Rsh(sum, shift), big.NewInt(0x7fffffff))
	text := fmt.Sprintf("%010d", truncated)
	return text[len(text)-digits:]
}

func TestCode_Defaults(t *testing.T) {
	t.Parallel()
	got, err := Code(rfcSecret(SHA1), Config{}, time.Unix(1111111109, 0))
	if err != nil || got != "081804" {
		t.Errorf("got %q, %v, want the code of sha1, 6 digits, 30 s", got, err)
	}
}

func TestCode_SecretSpellings(t *testing.T) {
	t.Parallel()
	at := time.Unix(1111111109, 0)
	want, wantErr := Code("GEZDGNBVGY3TQOJQGE======", Config{}, at) // 11 bytes
	for _, secret := range []string{"GEZDGNBVGY3TQOJQGE", "gezdgnbvgy3tqojqge======", "gezdgnbvgy3tqojqge"} {
		if got, err := Code(secret, Config{}, at); wantErr != nil || err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q, %v", secret, got, err, want, wantErr)
		}
	}
}

func TestCode_Errors(t *testing.T) {
	t.Parallel()
	const canary = "GEZDGNBVGY3TQOJQ"
	for _, test := range []struct {
		secret string
		cfg    Config
		want   string
	}{
		{canary + "1", Config{}, "position 17"},
		{canary, Config{Algorithm: "md5"}, `"md5"`},
		{canary, Config{Algorithm: "SHA1"}, `"SHA1"`},
		{canary, Config{Digits: -1}, "-1 digits"},
		{canary, Config{Digits: 11}, "11 digits"},
		{canary, Config{Period: -30}, "-30 seconds"},
		{canary, Config{Period: -1}, "-1 seconds"},
	} {
		got, err := Code(test.secret, test.cfg, time.Unix(59, 0))
		if err == nil || got != "" || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("got %q and error %v, want one with %q and without the secret", got, err, test.want)
		}
	}
}

// TestRemaining_Boundaries implies the boundaries of NextStep.
func TestRemaining_Boundaries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		period int
		at     time.Time
		want   time.Duration
	}{
		{30, time.Unix(0, 0), 30 * time.Second},
		{30, time.Unix(29, 999_999_999), 1},
		{30, time.Unix(30, 0), 30 * time.Second},
		{0, time.Unix(44, 500_000_000), 15500 * time.Millisecond},
		{60, time.Unix(119, 0), time.Second},
		{20, time.Unix(119, 0), time.Second},
		{30, time.Unix(-1, 0), time.Second},
		{30, time.Unix(-30, 0), 30 * time.Second},
	} {
		if got := Remaining(Config{Period: test.period}, test.at); got != test.want {
			t.Errorf("period %d: remaining at %v: got %v, want %v", test.period, test.at, got, test.want)
		}
	}
}

// TestNextStep_ChangesCode checks that a code lasts exactly until NextStep.
func TestNextStep_ChangesCode(t *testing.T) {
	t.Parallel()
	for period := 20; period <= 60; period++ {
		cfg := Config{Digits: 8, Period: period}
		at := time.Unix(1_700_000_123, 0)
		next := NextStep(cfg, at)
		code, _ := Code(rfcSecret(SHA1), cfg, at)
		last, _ := Code(rfcSecret(SHA1), cfg, next.Add(-1))
		first, _ := Code(rfcSecret(SHA1), cfg, next)
		if code == "" || last != code || first == code {
			t.Errorf("period %d: now %q, just before the next step %q, then %q", period, code, last, first)
		}
	}
}
