// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base64"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedact_Secrets(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQ"
	const token = "abc:APA91b-_x/y+z=="
	const webhookURL = "https://example.com/hook?robot=1&token=abc"
	c := newClient(t, DefaultBaseURL)
	sent := &call{payloads: []string{"654321", "123456"}, form: url.Values{
		parameterSecret:            {secret},
		parameterNotificationToken: {token},
		parameterWebhookURL:        {webhookURL},

		"FriendlyName": {"not a secret"},
	}}
	tests := map[string]struct{ text, want string }{
		"nothing":           {"", ""},
		"no secret":         {"not a secret: FriendlyName", "not a secret: FriendlyName"},
		"secret":            {"Invalid secret " + secret + ".", "Invalid secret (sensitive value)."},
		"other case":        {"invalid " + strings.ToLower(secret), "invalid (sensitive value)"},
		"twice":             {secret + " " + secret, "(sensitive value) (sensitive value)"},
		"side by side":      {secret + "123456", "(sensitive value)"},
		"auth token":        {"user " + authToken, "user (sensitive value)"},
		"auth payload":      {"code=123456&x", "code=(sensitive value)&x"},
		"earlier payload":   {"code=654321&x", "code=(sensitive value)&x"},
		"notification":      {"token " + token, "token (sensitive value)"},
		"query encoded":     {"token " + url.QueryEscape(token), "token (sensitive value)"},
		"path encoded":      {"token " + url.PathEscape(token), "token (sensitive value)"},
		"encoded lower":     {"token " + strings.ToLower(url.QueryEscape(token)), "token (sensitive value)"},
		"Base64":            {"token " + base64.StdEncoding.EncodeToString([]byte(token)), "token (sensitive value)"},
		"basic credentials": {"Basic " + base64.StdEncoding.EncodeToString([]byte(accountSID+":"+authToken)), "Basic (sensitive value)"},
		"HTML":              {"URL " + html.EscapeString(webhookURL), "URL (sensitive value)"},
		"other scripts":     {"ſecret İ " + secret + " é", "ſecret İ (sensitive value) é"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.redact(sent, test.text); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestRedact_Overlapping(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		password, secret string
		text, want       string
	}{
		"one within the other": {"abc", "xabcy", "it is xabcy.", "it is (sensitive value)."},
		"one before the other": {"abcdef", "defghi", "it is abcdefghi.", "it is (sensitive value)."},
		"with itself":          {"abab", "", "it is ababab.", "it is (sensitive value)."},
		"the placeholder":      {"value", "sensitive", "value", "(sensitive value)"},
		"empty":                {"", "", "value", "value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, DefaultBaseURL, func(config *Config) { config.Password = test.password })
			sent := &call{form: url.Values{parameterSecret: {test.secret}}}
			if got := c.redact(sent, test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
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
		if got := c.redact(&call{}, text); got != text {
			t.Errorf("a text of %d bytes is cut to %d", len(text), len(got))
		}
	}
	// Truncating first would leave half of a secret, which would not be recognized.
	got := c.redact(&call{}, strings.Repeat("x", maxText-5)+authToken)
	if strings.Contains(got, authToken[:5]) {
		t.Errorf("half of a secret is left: %q", got[maxText-20:])
	}
}
