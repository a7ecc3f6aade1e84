// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestRedact_Secrets(t *testing.T) {
	t.Parallel()
	const secret, token, webhookURL = "GEZDGNBVGY3TQOJQ", "abc:APA91b-_x/y+z==", "https://example.com/hook?robot=1&token=abc"
	c := newClient(t, DefaultBaseURL)
	sent := &call{payloads: []string{"654321", "123456"}, form: url.Values{
		parameterSecret: {secret}, "Config.NotificationToken": {token}, "WebhookUrl": {webhookURL}, "FriendlyName": {"not a secret"},
	}}
	for text, want := range map[string]string{
		"":                                   "",
		"not a secret: FriendlyName":         "not a secret: FriendlyName",
		"Invalid secret " + secret + ".":     "Invalid secret (sensitive value).",
		"invalid " + strings.ToLower(secret): "invalid (sensitive value)",
		secret + " " + secret:                "(sensitive value) (sensitive value)",
		secret + "123456":                    "(sensitive value)",
		"user " + authToken:                  "user (sensitive value)",
		"code=123456&x":                      "code=(sensitive value)&x",
		"code=654321&x":                      "code=(sensitive value)&x", // the payload of an earlier attempt
		"token " + token:                     "token (sensitive value)",
		"query " + url.QueryEscape(token):    "query (sensitive value)",
		"path " + url.PathEscape(token):      "path (sensitive value)",
		"lower " + strings.ToLower(url.QueryEscape(token)):                             "lower (sensitive value)",
		"Base64 " + base64.StdEncoding.EncodeToString([]byte(token)):                   "Base64 (sensitive value)",
		"Basic " + base64.StdEncoding.EncodeToString([]byte(accountSID+":"+authToken)): "Basic (sensitive value)",
		"HTML " + html.EscapeString(webhookURL):                                        "HTML (sensitive value)",
		"ſecret İ " + secret + " é":                                                    "ſecret İ (sensitive value) é",
	} {
		expect(t, text, c.redact(sent, text), want)
	}
}

func TestRedact_Overlapping(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ password, secret, text, want string }{
		"one within the other": {"abc", "xabcy", "it is xabcy.", "it is (sensitive value)."},
		"one before the other": {"abcdef", "defghi", "it is abcdefghi.", "it is (sensitive value)."},
		"with itself":          {"abab", "", "it is ababab.", "it is (sensitive value)."},
		"the placeholder":      {"value", "sensitive", "value", "(sensitive value)"},
		"empty":                {"", "", "value", "value"},
	} {
		c := newClient(t, DefaultBaseURL, func(config *Config) { config.Password = test.password })
		expect(t, name, c.redact(&call{form: url.Values{parameterSecret: {test.secret}}}, test.text), test.want)
	}
}

// TestRedact_Forms echoes secrets in forms in which servers, gateways, and their logs quote values.
func TestRedact_Forms(t *testing.T) {
	t.Parallel()
	grouped := func(text, separator string) string {
		return strings.Join(regexp.MustCompile(`.{1,4}`).FindAllString(text, -1), separator)
	}
	escaped := func(format string) func(string) string {
		return func(text string) (out string) {
			for _, b := range []byte(text) {
				out += fmt.Sprintf(format, b)
			}
			return out
		}
	}
	percent := escaped("%%%02X")
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	forms := map[string]func(string) string{
		"plain":                     func(s string) string { return s },
		"upper case":                strings.ToUpper,
		"lower case":                strings.ToLower,
		"unpadded":                  func(s string) string { return strings.TrimRight(s, "=") },
		"Base64":                    encode,
		"Base64 for URLs":           func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"Base64 after one byte":     func(s string) string { return encode(":" + s) },
		"Base64 after two bytes":    func(s string) string { return encode("x:" + s) },
		"Base64 in lines":           func(s string) string { return grouped(encode(s), "\r\n") },
		"JSON \\/":                  func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
		"decimal":                   func(s string) string { return fmt.Sprintf("%d", []byte(s)) },
		"percent-encoded twice":     func(s string) string { return url.QueryEscape(percent(s)) },
		"percent-encoded, as Go":    url.QueryEscape,
		"HTML":                      html.EscapeString,
		"groups with spaces":        func(s string) string { return grouped(s, " ") },
		"groups with dashes":        func(s string) string { return grouped(s, "-") },
		"the first 8 characters":    func(s string) string { return s[:8] },
		"the last 12 characters":    func(s string) string { return s[len(s)-12:] },
		"the first 8 in Base64":     func(s string) string { return encode(s[:8]) },
		"9 in the middle, as hex":   func(s string) string { return hex.EncodeToString([]byte(s[3:12])) },
		"percent-encoded in JSON":   func(s string) string { return strings.ReplaceAll(percent(s), "%", `\u0025`) },
		"a part with an ellipsis":   func(s string) string { return s[:10] + "…" },
		"with invisible characters": func(s string) string { return grouped(s, "\u200b") },
	}
	for _, format := range []string{ // of each byte
		"%02x", "%02X", "%02x:", `\u%04x`, `\u%04X`, `\x%02x`, `\u{%x}`, `\U%08x`, "%%u%04x", "U+%04X ", "0x%02x, ", `\%03o`, "=%02X", "%%%02X",
		"&#%d;", "&#x%x;",
	} {
		forms[format] = escaped(format)
	}
	secrets := map[string]string{
		"password":                 "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
		parameterSecret:            "KZVVZ2S2YLHDMXZKKZVVZ2S2YLHDMXZK======",
		"Config.NotificationToken": "cXyZ12/a+b:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ",
		parameterAuthPayload:       "MEUCIQDKZokqnCjrRtw5tNHIDPf4LUeiShH9JDzoHBFVP5Hi9Q==",
		"WebhookUrl":               "https://hooks.example.com/robot/5b8d2f71c04e?key=a/b%2Fc",
	}
	for parameter, secret := range secrets {
		c := newClient(t, DefaultBaseURL, func(config *Config) { config.Password = secrets["password"] })
		sent := Factors.call(c, "update factor", http.MethodPost, robot.path(factorSID(1)))
		sent.form = url.Values{"FriendlyName": {"Robot"}}
		switch parameter {
		case "password":
		case parameterAuthPayload:
			sent.payloads, sent.payload = []string{secret}, fixed(secret)
		default:
			sent.form.Set(parameter, secret)
		}
		for name, form := range forms {
			text := "Invalid parameter " + parameter + ": " + form(strings.TrimPrefix(secret, "https://")) + " (see the documentation)"
			want := "(not shown, because it contains part of a secret; it is about " + parameter + ")"
			if parameter == "password" {
				want = "(not shown, because it contains part of a secret)"
			}
			if got := c.redact(sent, text); got != "Invalid parameter "+parameter+": "+sensitivePlaceholder+" (see the documentation)" {
				expect(t, parameter+", "+name, got, want)
			}
		}
	}
}

// TestRedact_Key echoes the key that a secret in Base32 stands for.
func TestRedact_Key(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"kzvvz2s2ylhdmxzkkzvvz2s2ylhdmxzkme======", "KZVVZ2S2YLHDMXZKKZVVZ2S2YLHDMXZKME"} {
		c := newClient(t, DefaultBaseURL)
		sent := &call{form: url.Values{parameterSecret: {secret}}}
		key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(secret, "=")))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key), fmt.Sprintf("% x", key), fmt.Sprintf("%d", key),
		} {
			expect(t, secret, c.redact(sent, "bad key "+text), "(not shown, because it contains part of a secret)")
		}
	}
}

// TestRedact_ShowsOtherTexts checks that common messages are shown.
func TestRedact_ShowsOtherTexts(t *testing.T) {
	t.Parallel()
	c := newClient(t, DefaultBaseURL)
	sent := Webhooks.call(c, "update webhook", http.MethodPost, []string{serviceSID, "YW0123456789abcdef0123456789abcdef"})
	sent.payloads = []string{"987654"}
	sent.form = url.Values{"WebhookUrl": {"https://www.example.com/v2/webhooks"}, parameterSecret: {"KZVVZ2S2YLHDMXZKKZVVZ2S2YLHDMXZK"}}
	for _, text := range []string{
		"https://www.twilio.com/docs/errors/60200",
		"The requested resource /Services/" + serviceSID + "/Webhooks/YW0123456789abcdef0123456789abcdef was not found",
		"Invalid parameter: WebhookUrl", "Binding.Secret must be Base32", "RQ1234512345abcdef0123456789abcdef", "application/json; charset=utf-8",
		`{"a":"\u00e9"}`, "a=1b&c=2d 0x41 U+0041 \\101 [75 90]", "KZVVZ2S is not valid", "", "%zz &amp; &#0; \\u12",
	} {
		expect(t, "text", c.redact(sent, text), text)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "",
		"Robot 1 – é 漢字 🤖":                    "Robot 1 – é 漢字 🤖",
		"a\x1b[31mb\x00\x07\x7f\u009b":        "a[31mb",
		"a\n::error::b\r\nc\td\u2028e\u00a0f": "a ::error::b  c d e f",
		"\u202eabc\u2066\u200e\ufeff\xffd":    "abc\ufffdd",
	} {
		expect(t, text, Text(text), want)
	}
	expect(t, "long", Text(strings.Repeat("x", 340<<10)), strings.Repeat("x", maxText)+"…")
}

// TestError_TextsArePrintable sends control characters in everything that an error quotes.
func TestError_TextsArePrintable(t *testing.T) {
	t.Parallel()
	const hostile = "\x1b[2J\n::error::\u202e\x00"
	text, err := json.Marshal(hostile + strings.Repeat("x", 340<<10))
	if err != nil {
		t.Fatal(err)
	}
	c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Twilio-Request-Id", "\u202eRQ\u009b1")
		w.Header().Set("Content-Type", "\u202ex")
		if r.Method == http.MethodGet {
			respond(http.StatusOK, "no JSON")(w, r)
			return
		}
		respond(http.StatusBadRequest, fmt.Sprintf(`{"code":60200,"message":%s,"more_info":%s}`, text, text))(w, r)
	})
	_, updateErr := Factors.Update(t.Context(), c, url.Values{}, robot.path(factorSID(1))...)
	for _, err := range []error{updateErr, fetch(t.Context(), c), &Error{Attempts: 1, Err: errors.New(hostile)}} {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		got := e.Error() + e.Message + e.MoreInfo + e.RequestID
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) || len(got) > 4*maxText {
			t.Errorf("%d bytes: %.200q", len(got), got)
		}
		if e.Attempts == 1 && e.Status == http.StatusBadRequest && !strings.HasPrefix(e.Message, "[2J ::error::x") {
			t.Errorf("message %.50q", e.Message)
		}
	}
}

func TestRedact_CutsLongTexts(t *testing.T) {
	t.Parallel()
	c := newClient(t, DefaultBaseURL)
	for _, text := range []string{strings.Repeat("é", 5000), "x" + strings.Repeat("é", 5000)} {
		got := c.redact(&call{}, text)
		if len(got) > maxText+len("…") || !strings.HasSuffix(got, "…") || !utf8.ValidString(got) {
			t.Errorf("%d bytes, valid %t", len(got), utf8.ValidString(got))
		}
	}
	for _, text := range []string{strings.Repeat("x", maxText), strings.Repeat("x", maxText-1)} {
		expect(t, "short text", c.redact(&call{}, text), text)
	}
	// Truncating first would leave half of a secret, which would not be recognized.
	got := c.redact(&call{}, strings.Repeat("x", maxText-5)+authToken)
	if strings.Contains(got, authToken[:5]) {
		t.Errorf("half of a secret is left: %q", got[maxText-20:])
	}
}
