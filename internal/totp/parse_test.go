// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseURI_OtherIssuers(t *testing.T) {
	t.Parallel()
	defaults := Config{SHA1, 6, 30}
	key := func(issuer, account string) Key { return Key{issuer, account, "GEZDGNBV", defaults} }
	with := func(k Key, cfg Config) Key { k.Config = cfg; return k }
	for _, test := range []struct {
		name, uri string
		want      Key
	}{
		{"documented by Twilio", documentedURI, Key{"test-issuer", "John’s Account Name", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", defaults}},
		{"every parameter", "otpauth://totp/A:b?secret=GEZDGNBV&issuer=A&algorithm=SHA512&digits=8&period=60", with(key("A", "b"), Config{SHA512, 8, 60})},
		{"secret alone", "otpauth://totp/b?secret=GEZDGNBV", key("", "b")},
		{"empty parameters", "otpauth://totp/A:b?secret=GEZDGNBV&issuer=&algorithm=&digits=&period=", key("A", "b")},
		{"empty label", "otpauth://totp/?secret=GEZDGNBV", key("", "")},
		{"issuer without account", "otpauth://totp/A:?secret=GEZDGNBV", key("A", "")},
		{"issuer in the label", "otpauth://totp/ACME%20Co:john@example.com?secret=GEZDGNBV", key("ACME Co", "john@example.com")},
		{"issuer in the parameter", "otpauth://totp/john@example.com?secret=GEZDGNBV&issuer=ACME%20Co", key("ACME Co", "john@example.com")},
		{"parameter takes precedence", "otpauth://totp/Old:b?secret=GEZDGNBV&issuer=New", key("New", "b")},
		{"escaped colon and space", "otpauth://totp/Big%20Corporation%3A%20alice%40bigco.com?secret=GEZDGNBV", key("Big Corporation", "alice@bigco.com")},
		{"escaped colon after the issuer", "otpauth://totp/A%3ab%3Ac?secret=GEZDGNBV&issuer=A", key("A", "b:c")},
		{"colon and space", "otpauth://totp/A:%20%20b?secret=GEZDGNBV&issuer=A", key("A", "b")},
		{"space in Twilio's form", URI("A", " b", "GEZDGNBV", Config{}), key("A", " b")},
		{"colon in the issuer", URI("A:B", "c:d", "GEZDGNBV", Config{}), key("A:B", "c:d")},
		{"unescaped colon in the issuer", "otpauth://totp/A:B:c?secret=GEZDGNBV&issuer=A:B", key("A:B", "c")},
		{"issuer begins like the label", "otpauth://totp/A%3AB:c?secret=GEZDGNBV&issuer=AB", key("AB", "c")},
		{"plus in the parameter is a space", "otpauth://totp/Big+Corp:b?secret=GEZDGNBV&issuer=Big+Corp", key("Big Corp", "b")},
		{"plus in the label is a plus", "otpauth://totp/A:john+test@example.com?secret=GEZDGNBV", key("A", "john+test@example.com")},
		{"unescaped characters", "otpauth://totp/Bücher AG:Jörg/1?secret=GEZDGNBV", key("Bücher AG", "Jörg/1")},
		{"upper case scheme and names", "OTPAUTH://TOTP/A:b?SECRET=GEZDGNBV&Digits=7", with(key("A", "b"), Config{SHA1, 7, 30})},
		{"lower case secret", "otpauth://totp/A:b?secret=gezdgnbv", key("A", "b")},
		{"padding", "otpauth://totp/A:b?secret=MFRGGZA=", Key{"A", "b", "MFRGGZA", defaults}},
		{"escaped padding", "otpauth://totp/A:b?secret=ME%3D%3D%3D%3D%3D%3D&digits=8", Key{"A", "b", "ME", Config{SHA1, 8, 30}}},
		{"unknown parameters", "otpauth://totp/A:b?image=%zz&secret=GEZDGNBV&counter=1&lock=false&&x", key("A", "b")},
		{"address of an image", "otpauth://totp/A:b?image=https%3A%2F%2Fexample.com%2F%3Fsize%3D9%26issuer%3DA&secret=GEZDGNBV", key("A", "b")},
		{"similar names", "otpauth://totp/A:b?secret=GEZDGNBV&x-digits=8&my_period=60&image.issuer=C&subperiod=9", key("A", "b")},
		{"ampersand in the issuer", "otpauth://totp/A%26amp;B:c?secret=GEZDGNBV&issuer=A%26amp;B", key("A&amp;B", "c")},
		{"other encoder", "otpauth://totp/A:b?encoder=default&secret=GEZDGNBV", key("A", "b")},
		{"surrounding space", "\n otpauth://totp/A:b?secret=GEZDGNBV\r\n", key("A", "b")},
		{"lowest values", "otpauth://totp/A:b?secret=GEZDGNBV&digits=3&period=20", with(key("A", "b"), Config{SHA1, 3, 20})},
	} {
		if got, err := ParseURI(test.uri); err != nil || got != test.want {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", test.name, got, err, test.want)
		}
	}
}

func TestParseURI_AlgorithmSpellings(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[Algorithm][]string{
		SHA1:   {"SHA1", "sha1", "SHA-1", "HmacSHA1", "HMAC-SHA-1", "HMAC_SHA1"},
		SHA256: {"SHA256", "Sha256", "SHA-256", "HmacSHA256", "hmac-sha256"},
		SHA512: {"SHA512", "sha-512", "HMACSHA512"},
	} {
		for _, spelling := range spellings {
			got, err := ParseURI("otpauth://totp/A:b?secret=GEZDGNBV&algorithm=" + spelling)
			if err != nil || got.Config.Algorithm != want {
				t.Errorf("%s: got %q, %v, want %q", spelling, got.Config.Algorithm, err, want)
			}
		}
	}
}

func TestParseURI_Errors(t *testing.T) {
	t.Parallel()
	const prefix = "otpauth://totp/CANARY:CANARY?secret=CANARY22"
	for _, test := range []struct{ name, uri, want string }{
		{"empty", "", "does not begin with otpauth://totp/"},
		{"not a URI", "CANARY22", "does not begin with otpauth://totp/"},
		{"another scheme", "https://totp/CANARY:CANARY?secret=CANARY22", "does not begin with otpauth://totp/"},
		{"migration export", "otpauth-migration://offline?data=CANARY", "can contain several secrets"},
		{"Apple's link", "apple-otpauth://totp/CANARY:CANARY?secret=CANARY22", "begin it with otpauth://totp/ instead"},
		{"Steam's scheme", "steam://CANARY22", "is for Steam"},
		{"Steam's type", "otpauth://steam/Steam:CANARY?secret=CANARY22&issuer=Steam", "is for Steam"},
		{"Steam's encoder", prefix + "&Encoder=Steam", "is for Steam"},
		{"Steam as the issuer", "otpauth://totp/CANARY?secret=CANARY22&issuer=steam", "is for Steam"},
		{"Steam in the label", "otpauth://totp/Steam:CANARY?secret=CANARY22", "is for Steam"},
		{"HTML", prefix + "&amp;algorithm=SHA256&amp;digits=8&amp;period=60", "is escaped, as in &amp;"},
		{"HTML of an unknown parameter", prefix + "&AMP;lock=false", "is escaped, as in &amp;"},
		{"HTML with a number", prefix + "&#38;algorithm=SHA256", "contains #"},
		{"HTML with a hexadecimal number", prefix + "&#x26;algorithm=SHA256", "contains #"},
		{"HTML without a semicolon", prefix + "&ampdigits=8", "is escaped"},
		{"HTML with an escaped semicolon", prefix + "&amp%3Bdigits=8", "is escaped"},
		{"HTML with an escaped letter", prefix + "&%61mp;lock=false", "is escaped"},
		{"HTML with an escaped number sign", prefix + "&%2338;digits=8", "is escaped"},
		{"HTML after an escaped separator", prefix + "&issuer=A%26amp;digits=8", "is escaped"},
		{"HTML, all of it escaped", prefix + "&issuer=A%26amp%3Bdigits%3D8", "is escaped"},
		{"semicolon", prefix + "&issuer=A;digits=8", "is escaped"},
		{"escaped letter in a name", prefix + "&%64igits=8", "is escaped"},
		{"escaped space before a name", prefix + "&%20digits=8", "is escaped"},
		{"line break before a name", prefix + "&\n  digits=8", "is escaped"},
		{"fragment", prefix + "&digits=8#period=60", "contains #"},
		{"name with a number sign", "otpauth://totp/C#:CANARY?secret=CANARY22&digits=8", "write %23"},
		{"JSON", "otpauth://totp/A:b?issuer=A\\u0026digits=8&secret=CANARY22", "is escaped"},
		{"JSON after the secret", prefix + `\u0026digits=8`, "is escaped"},
		{"escaped separator", prefix + "%26digits=8", "is escaped"},
		{"escaped rest", prefix + "%26digits%3D8", "is escaped"},
		{"escaped rest after the issuer", prefix + "&issuer=A%26Digits%3D8", "is escaped"},
		{"twice escaped rest", prefix + "&issuer=A%2526digits%253D8", "is escaped"},
		{"escaped separator after an unknown parameter", prefix + "&image=a%26digits=8", "is escaped"},
		{"escaped equals sign", prefix + "&digits%3D8", "is escaped"},
		{"twice escaped equals sign", prefix + "&digits%253d8", "is escaped"},
		{"escaped question mark", "otpauth://totp/A:b%3Fsecret=CANARY22&digits=8", "is escaped"},
		{"escaped after the label", "otpauth://totp/A:b%3Fissuer%3DA%26secret%3DCANARY22", "is escaped"},
		{"escaped in the issuer of the label", "otpauth://totp/A%26digits=8:b?secret=CANARY22", "is escaped"},
		{"escaped as a whole", "otpauth%3A%2F%2Ftotp%2FA%3Ab%3Fsecret%3DCANARY22", "is escaped"},
		{"no label", "otpauth://totp?secret=CANARY22", "does not begin with otpauth://totp/"},
		{"hotp", "otpauth://hotp/CANARY:CANARY?secret=CANARY22&counter=1", "counter-based"},
		{"upper case hotp", "OTPAUTH://HOTP/CANARY:CANARY?secret=CANARY22", "counter-based"},
		{"no query", "otpauth://totp/CANARY:CANARY", "no secret"},
		{"prefix alone", "otpauth://totp/", "no secret"},
		{"no secret", "otpauth://totp/CANARY:CANARY?issuer=CANARY", "no secret"},
		{"empty secret", "otpauth://totp/CANARY:CANARY?secret=&issuer=CANARY", "no secret"},
		{"padding alone", "otpauth://totp/CANARY:CANARY?secret====", "padding"},
		{"invalid secret", prefix + "1", "position 9 of the secret"},
		{"space in the secret", prefix + "+CANARY22", "position 9 of the secret"},
		{"incomplete secret", prefix + "A", "number of characters"},
		{"two secrets", prefix + "&Secret=CANARY22", "secret of the URI appears more than once"},
		{"secret not encoded", prefix + "%zz", "secret of the URI is not percent-encoded"},
		{"issuer not encoded", prefix + "&issuer=100%CANARY", "issuer of the URI is not percent-encoded"},
		{"issuer not UTF-8", prefix + "&issuer=%ffCANARY", "issuer of the URI is not percent-encoded"},
		{"account not encoded", "otpauth://totp/A:CANARY%zz?secret=CANARY22", "label of the URI is not percent-encoded"},
		{"account not UTF-8", "otpauth://totp/A:CANARY%ff?secret=CANARY22", "label of the URI is not percent-encoded"},
		{"label issuer not encoded", "otpauth://totp/CANARY%zz:b?secret=CANARY22", "label of the URI is not percent-encoded"},
		{"algorithm", prefix + "&algorithm=MD5CANARY", "algorithm of the URI is not SHA1"},
		{"hmac alone", prefix + "&algorithm=hmac", "algorithm of the URI is not SHA1"},
		{"too few digits", prefix + "&digits=2", "digits of the URI is not a whole number from 3 to 8"},
		{"too many digits", prefix + "&digits=9", "digits of the URI is not a whole number from 3 to 8"},
		{"digits in words", prefix + "&digits=CANARY", "digits of the URI is not a whole number from 3 to 8"},
		{"period too short", prefix + "&period=19", "period of the URI is not a whole number from 20 to 60"},
		{"period too long", prefix + "&period=61", "period of the URI is not a whole number from 20 to 60"},
		{"huge period", prefix + "&period=99999999999999999999", "period of the URI is not a whole number from 20 to 60"},
	} {
		got, err := ParseURI(test.uri)
		if err == nil || got != (Key{}) {
			t.Errorf("%s: got %+v, %v, want an error", test.name, got, err)
		} else if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: got %q, want an error with %q and without a part of the URI", test.name, err, test.want)
		}
	}
}

// FuzzParseURI_RoundTrip checks that ParseURI is the inverse of URI.
func FuzzParseURI_RoundTrip(f *testing.F) {
	f.Add("test-issuer", "John’s Account Name", "GEZDGNBVGY3TQOJQ", 0, 6, 30)
	f.Add("a:b", "a:b:c", "mfrggza=", 1, 8, 60)
	f.Add("A", ": b ", "ABCD", 2, 3, 20)
	f.Add("%3A+", "%3a %20", "ABCD", 2, 3, 20)
	f.Add(" A", "  b", "ABCD", 0, 6, 30)
	f.Add("a", "a/?#%&+=;\"<>\n\x00", "ABCD", 0, 6, 30)
	f.Add("", "a:b", "ABCD", 0, 6, 30)
	f.Add("a", "", "ABCD", 0, 6, 30)
	f.Add("a&digits", "b?secret", "ABCD", 0, 6, 30)
	f.Add("a;b", "c;digits=8", "ABCD", 0, 6, 30)
	f.Fuzz(func(t *testing.T, issuer, account, secret string, algorithm, digits, period int) {
		if !utf8.ValidString(issuer) || !utf8.ValidString(account) || CheckSecret(secret) != nil {
			t.Skip("totp_uri does not accept these arguments")
		}
		if hiddenParam.MatchString(unescapeAll(issuer)) || strings.EqualFold(issuer, "steam") {
			t.Skip("ParseURI refuses these issuers")
		}
		want := Key{issuer, account, NormalizeSecret(secret), Config{
			Algorithm: []Algorithm{SHA1, SHA256, SHA512}[wrap(algorithm, 0, 2)],
			Digits:    wrap(digits, MinDigits, MaxDigits),
			Period:    wrap(period, MinPeriod, MaxPeriod),
		}}
		uri := URI(issuer, account, secret, want.Config)
		if got, err := ParseURI(uri); err != nil || got != want {
			t.Fatalf("%q:\n got %+v, %v\nwant %+v", uri, got, err, want)
		}
	})
}

// wrap maps n to a number from lowest to highest.
func wrap(n, lowest, highest int) int {
	size := highest - lowest + 1
	return lowest + ((n-lowest)%size+size)%size
}

// FuzzParseURI passes arbitrary input to ParseURI. A URI that it accepts must parse to the same
// result in Twilio's form; no error may contain the secret.
func FuzzParseURI(f *testing.F) {
	for _, uri := range []string{
		documentedURI, "", "otpauth://totp/", "otpauth://totp/?", "otpauth://totp/:?secret=ABCD", "otpauth://totp/a%3A%20b?issuer=a&secret=abcd",
		"OTPAUTH://TOTP/A:B?Secret=CANARY1&algorithm=Hmac-SHA-256&digits=8&period=60#x", "otpauth://hotp/a:b?secret=CANARY22&counter=1",
		"otpauth://totp/a:b:c?issuer=a:b&secret=ABCD", "otpauth://totp/%ff:%zz?secret=ABCD", " otpauth://totp/a+b?secret=ABCD&issuer=c+d ",
		"otpauth://totp/a:b?secret=CANARY22&amp;digits=8", "otpauth://totp/a:b?secret=CANARY22%26digits=8",
		"otpauth://totp/a:b?secret=ABCD&encoder=steam", "otpauth://totp/a;b:c?secret=ABCD&issuer=a%3Bb&%64igits=8",
	} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		key, err := ParseURI(uri)
		if err != nil {
			_, rest, _ := strings.Cut(uri, "secret=")
			// Errors may contain the required prefix, so skip inputs that are part of it.
			secret, _, _ := strings.Cut(rest, "&")
			if len(secret) > 6 && !strings.Contains(uriPrefix, secret) && strings.Contains(err.Error(), secret) {
				t.Fatalf("%q: the error contains the secret: %v", uri, err)
			}
			return
		}
		canonical := URI(key.Issuer, key.Account, key.Secret, key.Config)
		if again, err := ParseURI(canonical); err != nil || again != key {
			t.Fatalf("%q is %+v, but %q is %+v, %v", uri, key, canonical, again, err)
		}
	})
}
