// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/pquerna/otp"
)

const documentedURI = "otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name" +
	"?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=test-issuer&algorithm=SHA1&digits=6&period=30"

func TestURI_TwilioForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		issuer, account, secret string
		cfg                     Config
		label, query            string
	}{
		{"A", "b", "ABCD", Config{}, "A:b", "ABCD&issuer=A&algorithm=SHA1&digits=6&period=30"},
		{"A", "b", "ABCD", Config{SHA512, 3, 20}, "A:b", "ABCD&issuer=A&algorithm=SHA512&digits=3&period=20"},
		{"A", "b", "mfrggza=", Config{}, "A:b", "MFRGGZA&issuer=A&algorithm=SHA1&digits=6&period=30"},
		{"A B", "c", "ABCD", Config{SHA256, 8, 60}, "A%20B:c", "ABCD&issuer=A%20B&algorithm=SHA256&digits=8&period=60"},
		{"aZ09-._~", "aZ09-._~", "ABCD", Config{}, "aZ09-._~:aZ09-._~", "ABCD&issuer=aZ09-._~&algorithm=SHA1&digits=6&period=30"},
		{
			"a:/?#%&+=", "b:/?#%&+=", "ABCD",
			Config{},
			"a%3A%2F%3F%23%25%26%2B%3D:b%3A%2F%3F%23%25%26%2B%3D",
			"ABCD&issuer=a%3A%2F%3F%23%25%26%2B%3D&algorithm=SHA1&digits=6&period=30",
		},
		{
			"Bücher 日本", "👩‍🚀", "ABCD",
			Config{},
			"B%C3%BCcher%20%E6%97%A5%E6%9C%AC:%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80",
			"ABCD&issuer=B%C3%BCcher%20%E6%97%A5%E6%9C%AC&algorithm=SHA1&digits=6&period=30",
		},
	} {
		if got, want := URI(test.issuer, test.account, test.secret, test.cfg), "otpauth://totp/"+test.label+"?secret="+test.query; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := URI("test-issuer", "John’s Account Name", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Config{SHA1, 6, 30}); got != documentedURI {
		t.Errorf("got  %s\nwant %s", got, documentedURI)
	}
}

func TestUpdateURI_KeepsTheRest(t *testing.T) {
	t.Parallel()
	const account, tail = "John’s Account Name", "?secret=ABCD&issuer=A%20B&algorithm=SHA1&digits=6&period=30"
	renamed := strings.Replace(documentedURI, "John%E2%80%99s%20Account%20Name", "Robot%3A%207%2F8", 1)
	configured := strings.Replace(documentedURI, "SHA1&digits=6&period=30", "SHA512&digits=8&period=45", 1)
	for _, test := range []struct {
		uri, account string
		cfg          Config
		want         string // empty if it is the URI
	}{
		{documentedURI, account, Config{SHA1, 6, 30}, ""},
		{documentedURI, "Robot: 7/8", Config{}, renamed},
		{documentedURI, account, Config{SHA512, 8, 45}, configured},
		// Foreign spellings that mean the same, what is not a secret, and absent parameters stay.
		{"otpauth://totp/A%20B:x@y'z%c3%bc" + tail, "x@y'zü", Config{}, ""},
		{"otpauth://totp/A:b?secret=ABCD&algorithm=sha1&issuer=A", "b", Config{}, ""},
		{"otpauth://totp/A:b?secret=%zz&secret=abc%31&secret=&xsecret=abcd", "b", Config{}, ""},
		{"otpauth://totp/A:b?secret=ABCD", "b", Config{}, ""},
		// So do the order and unknown parameters.
		{
			"otpauth://totp/A:b?period=30&image=x%26y&issuer=A&digits=6&secret=ABCD", "c",
			Config{SHA256, 7, 20},
			"otpauth://totp/A:c?period=20&image=x%26y&issuer=A&digits=7&secret=ABCD&algorithm=SHA256",
		},
		{"otpauth://totp/A:b?secret=mfrggza%3D&issuer=A", "b", Config{}, "otpauth://totp/A:b?secret=MFRGGZA&issuer=A"},
		{"otpauth://totp/A:b?issuer=A&secret=me======", "b", Config{}, "otpauth://totp/A:b?issuer=A&secret=ME"},
		// Colons in the issuer and the account.
		{"otpauth://totp/A%3AB:c%3Ad?secret=ABCD&issuer=A%3AB", "e:f", Config{}, "otpauth://totp/A%3AB:e%3Af?secret=ABCD&issuer=A%3AB"},
		{"otpauth://totp/A:B:c?secret=ABCD&issuer=A:B", "d", Config{}, "otpauth://totp/A:B:d?secret=ABCD&issuer=A:B"},
		{"otpauth://totp/A%20B:c:d" + tail, "e", Config{}, "otpauth://totp/A%20B:e" + tail},
		// An issuer in the label that is not that of the parameters, none, and one that is not percent-encoded.
		{"otpauth://totp/X:c" + tail, "d", Config{}, "otpauth://totp/X:d" + tail},
		{"otpauth://totp/c%3Ad?secret=ABCD", "e", Config{}, "otpauth://totp/e?secret=ABCD"},
		{"otpauth://totp/100%25:c?secret=ABCD&issuer=100%", "d", Config{}, "otpauth://totp/100%25:d?secret=ABCD&issuer=100%"},
	} {
		got, err := UpdateURI(test.uri, test.account, test.cfg)
		if want := cmp.Or(test.want, test.uri); err != nil || got != want {
			t.Errorf("%s:\n got %s, %v\nwant %s", test.uri, got, err, want)
		}
	}
}

// TestPrefixLength_Ends compares texts that end at the same position or at different ones.
func TestPrefixLength_Ends(t *testing.T) {
	t.Parallel()
	for texts, want := range map[[2]string]int{
		{"Acme:Robot", "Acme"}: 4, {"Acme", "Acme"}: 4, {"Acme", "Acme Inc"}: 4, {"", "Acme"}: 0, {"Acme", ""}: 0,
		{"A%20B", "A B"}: 5, {"A%2", "A B"}: 1,
	} {
		if got := prefixLength(texts[0], texts[1]); got != want {
			t.Errorf("%q: got %d, want %d", texts, got, want)
		}
	}
}

func TestUpdateURI_Errors(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{
		"",
		"CANARY",
		"https://totp/CANARY?secret=CANARY",
		"otpauth://hotp/CANARY:CANARY?secret=CANARY",
		"otpauth://totp/CANARY:CANARY",
		"otpauth://totp/CANARY:CANARY%?secret=CANARY",
		"otpauth://totp/CANARY:CANARY%zz?secret=CANARY",
	} {
		got, err := UpdateURI(uri, "name", Config{})
		if err == nil || got != "" {
			t.Errorf("%q: got %q and no error", uri, got)
		} else if strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "%") {
			t.Errorf("%q: the error contains a part of the URI: %v", uri, err)
		}
	}
}

// FuzzURI compares URI with a generic URL parser and with a library that apps use, and checks that
// UpdateURI can be reversed.
func FuzzURI(f *testing.F) {
	f.Add("test-issuer", "John’s Account Name", "GEZDGNBVGY3TQOJQ", "robot", 8, 60)
	f.Add("ACME Co", "john.doe@example.com", "mfrggza=", "John's", 6, 30)
	f.Add("a:/?#%&+=", "b:/?#%&+=;\"<>", "ABCD", "c:d", 3, 20)
	f.Add("", "", "", "", 0, 0)
	f.Add("a:b", "a:b:c", "ABCD", "a:b", -1, -1)
	f.Add("\xff%zz", "%3A", "=", " +%20", 7, 45)
	f.Fuzz(func(t *testing.T, issuer, account, secret, rename string, digits, period int) {
		cfg := Config{SHA256, digits, period}
		uri := URI(issuer, account, secret, cfg)
		checkParts(t, uri, issuer, account, secret)

		if same, err := UpdateURI(uri, account, cfg); err != nil || same != uri {
			t.Fatalf("without a change:\n got %q, %v\nwant %q", same, err, uri)
		}
		changed, err := UpdateURI(uri, rename, Config{})
		if want := URI(issuer, rename, secret, Config{}); err != nil || changed != want {
			t.Fatalf("changed:\n got %q, %v\nwant %q", changed, err, want)
		}
		if back, err := UpdateURI(changed, account, cfg); err != nil || back != uri {
			t.Fatalf("changed back:\n got %q, %v\nwant %q", back, err, uri)
		}
	})
}

func checkParts(t *testing.T, uri, issuer, account, secret string) {
	t.Helper()
	parsed, err := url.Parse(uri)
	if err != nil {
		t.Fatalf("%q: %v", uri, err)
	}
	got := []string{parsed.Query().Get("secret"), parsed.Query().Get("issuer")}
	for part := range strings.SplitSeq(strings.TrimPrefix(parsed.EscapedPath(), "/"), ":") {
		decoded, _ := url.PathUnescape(part)
		got = append(got, decoded)
	}
	if want := []string{strings.ToUpper(strings.TrimRight(secret, "=")), issuer, issuer, account}; !slices.Equal(got, want) {
		t.Fatalf("%q: secret, issuer, and the parts of the label are %q, want %q", uri, got, want)
	}
	// Parsers that decode the label before looking for the colon find the wrong one if the issuer
	// contains a colon, which the format forbids.
	if strings.Contains(issuer, ":") {
		return
	}
	key, err := otp.NewKeyFromURL(uri)
	if err != nil || key.Issuer() != issuer || key.AccountName() != account {
		t.Fatalf("%q: the library reads %q and %q, %v", uri, key.Issuer(), key.AccountName(), err)
	}
}

// FuzzUpdateURI passes arbitrary input to UpdateURI.
func FuzzUpdateURI(f *testing.F) {
	for _, uri := range []string{
		documentedURI, "", "otpauth://totp/", "otpauth://totp/?", "otpauth://totp/:?&&", "otpauth://totp/a%3Ab?issuer=a",
		"otpauth://totp/a:b?issuer=%zz&issuer=a", "otpauth://totp/a:b?digits=6&digits=7#digits=8", "otpauth://totp/%:%?=",
		"otpauth://totp/?issuer=", "otpauth://totp/a:b:c?issuer=a:b&period=", "otpauth://totp/a?secret=ABCD&algorithm",
		"otpauth://hotp/a:b?counter=1",
	} {
		f.Add(uri, "name: of", 8, 60)
	}
	f.Fuzz(func(t *testing.T, uri, account string, digits, period int) {
		cfg := Config{SHA512, digits, period}
		first, err := UpdateURI(uri, account, cfg)
		if err != nil {
			if len(uri) > len(uriPrefix) && strings.Contains(err.Error(), uri) {
				t.Fatalf("%q: the error contains the URI: %v", uri, err)
			}
			return
		}
		second, err := UpdateURI(first, account, cfg)
		if err != nil || second != first {
			t.Fatalf("%q became %q, and the same again %q, %v", uri, first, second, err)
		}
		after := untouchable(first)
		for position, want := range untouchable(uri) {
			if got := after[position]; got != want {
				t.Fatalf("%q became %q: parameter %d is no longer %q", uri, first, position, want)
			}
		}
	})
}

// untouchable returns the parameters that UpdateURI must not change, by position. A secret may
// change its spelling.
func untouchable(uri string) map[int]string {
	kept := map[int]string{}
	_, query, _ := strings.Cut(uri, "?")
	for i, param := range strings.Split(query, "&") {
		key, value, found := strings.Cut(param, "=")
		if !found || key != "algorithm" && key != "digits" && key != "period" {
			if secret, err := url.QueryUnescape(value); key == "secret" && err == nil && CheckSecret(secret) == nil {
				param = "secret=" + NormalizeSecret(secret)
			}
			kept[i] = param
		}
	}
	return kept
}
