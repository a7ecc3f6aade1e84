// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	sensitivePlaceholder = "(sensitive value)"
	// maxText is the length, in bytes, to which text from the server is truncated.
	maxText = 1000
	// secretRun is how many consecutive characters of a secret must not be shown.
	secretRun = 8
	// minRun is how many of them must be letters or digits. Fewer occur in any text.
	minRun = 5
)

// Text returns a text from a server so that it can be shown on a terminal or in a log: on one line,
// without control characters and characters that change the direction of text, and truncated.
func Text(text string) string { return shorten(printable(text), maxText) }

// printable returns a text without characters that cannot be printed. White space becomes a space.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		default:
			return -1
		}
	}, text)
}

func shorten(text string, length int) string {
	if len(text) <= length {
		return text
	}
	return strings.ToValidUTF8(text[:length], "") + "…"
}

// redact returns a text from the server as [Text] does, and without the secrets that the call sent.
// Twilio or a gateway may quote a value that it refuses. If the text contains a secret in another
// form, such as an encoding or a part, it is not shown at all.
func (c *Client) redact(call *call, text string) string {
	if text == "" {
		return ""
	}
	text = printable(text)
	secret := make([]bool, len(text))
	for _, form := range c.secretForms(call) {
		mark(secret, text, form)
	}
	var shown, kept strings.Builder // kept is shown without the placeholders
	for i := 0; i < len(text) && shown.Len() <= maxText; i++ {
		switch {
		case !secret[i]:
			shown.WriteByte(text[i])
			kept.WriteByte(text[i])
		case i == 0 || !secret[i-1]:
			shown.WriteString(sensitivePlaceholder)
		}
	}
	if c.leaks(call, kept.String()) {
		return withheld(call, text)
	}
	return shorten(shown.String(), maxText)
}

// secrets returns the secrets that the attempts of the call sent.
func (c *Client) secrets(call *call) []string {
	secrets := append([]string{c.config.Password}, call.payloads...)
	for _, name := range sensitiveParameters {
		secrets = append(secrets, call.form[name]...)
	}
	return secrets
}

// secretForms returns the secrets unchanged and in the encodings that HTTP and HTML use.
func (c *Client) secretForms(call *call) []string {
	forms := []string{base64.StdEncoding.EncodeToString([]byte(c.config.Username + ":" + c.config.Password))}
	for _, secret := range c.secrets(call) {
		forms = append(forms, secret, strings.TrimRight(secret, "="), url.QueryEscape(secret), url.PathEscape(secret),
			html.EscapeString(secret), base64.StdEncoding.EncodeToString([]byte(secret)))
	}
	return forms
}

// withheld returns what is shown instead of a text. It names the parameters that the text names.
func withheld(call *call, text string) string {
	names := slices.Sorted(maps.Keys(call.form))
	if call.payload != nil {
		names = append(names, parameterAuthPayload)
	}
	folded := squash(text)
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.Contains(folded, squash(name)) })
	if len(names) == 0 {
		return "(not shown, because it contains part of a secret)"
	}
	return fmt.Sprintf("(not shown, because it contains part of a secret; it is about %s)", strings.Join(names, ", "))
}

// leaks reports whether a text, or what it encodes, contains a run of a secret's characters in any
// case and with any punctuation in between. A run that is part of the call's URL is not secret.
func (c *Client) leaks(call *call, text string) bool {
	var views []string
	for range 4 { // the text, and up to three layers of escapes
		views = append(views, squash(text))
		text = unescape(text)
	}
	path := ""
	if call.url != nil {
		path = squash(call.url.Path)
	}
	secrets := c.secrets(call)
	for _, secret := range call.form[parameterSecret] {
		key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(secret, "=")))
		secrets = append(secrets, string(key)) // a server computes with it
	}
	for _, secret := range secrets {
		for _, part := range runs(secret) {
			if slices.ContainsFunc(views, func(view string) bool { return strings.Contains(view, part) }) && !strings.Contains(path, part) {
				return true
			}
		}
	}
	return false
}

// runs returns the runs of a secret's characters, and of its encodings, that must not be shown. The
// scheme of a URL is not secret.
func runs(secret string) (parts []string) {
	_, withoutScheme, _ := strings.Cut(secret, "://")
	secret = cmp.Or(withoutScheme, secret)
	add := func(form string, length int) {
		length = min(length, len(form))
		for i := range len(form) - length + 1 {
			if part := squash(form[i : i+length]); len(part) >= min(minRun, length) && len(part) > 2 {
				parts = append(parts, part)
			}
		}
	}
	add(secret, secretRun)
	add(hex.EncodeToString([]byte(secret)), 2*secretRun)
	for i := range max(0, len(secret)-secretRun+1) {
		add(squash(fmt.Sprintf("%d", []byte(secret[i:i+secretRun]))), 3*secretRun) // as Go prints bytes
	}
	for offset := range 3 {
		add(squash(base64At(secret, offset)), secretRun)
	}
	return parts
}

// squash returns the letters and digits of a text in lower case.
func squash(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// base64At returns the Base64 characters that depend on nothing but the text if offset bytes, modulo
// 3, precede it.
func base64At(text string, offset int) string {
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), text...))
	first := (offset*8 + 5) / 6
	last := (offset + len(text)) * 8 / 6
	return encoded[min(first, last):last]
}

// escapes matches a character in hexadecimal, and a byte in hexadecimal or octal digits.
var escapes = regexp.MustCompile(`(?i)(?:\\u0000|[\\%]u|u\+)([0-9a-f]{4})|(?:\\u\{|\\x|0x|[%=])([0-9a-f]{2})\}?|\\([0-3][0-7]{2})`)

// unescape replaces the escapes of JSON, URLs, HTML, and programming languages once.
func unescape(text string) string {
	text = escapes.ReplaceAllStringFunc(text, func(escape string) string {
		digits := escapes.FindStringSubmatch(escape)
		if digits[1] != "" {
			character, _ := strconv.ParseUint(digits[1], 16, 16)
			return string(rune(character))
		}
		octet, _ := strconv.ParseUint(digits[2], 16, 8)
		if digits[3] != "" {
			octet, _ = strconv.ParseUint(digits[3], 8, 8)
		}
		return string([]byte{byte(octet)})
	})
	return html.UnescapeString(text)
}

// mark marks the bytes of text that belong to an occurrence of part, in any case. Occurrences may
// overlap, so no fragment of a secret remains.
func mark(marks []bool, text, part string) {
	for i := range len(text) - len(part) + 1 {
		if strings.EqualFold(text[i:i+len(part)], part) {
			for j := range len(part) {
				marks[i+j] = true
			}
		}
	}
}
