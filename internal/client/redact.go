// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base64"
	"html"
	"net/url"
	"strings"
)

const (
	sensitivePlaceholder = "(sensitive value)"
	// maxText is the length, in bytes, to which text from the server is truncated.
	maxText = 1000
)

// redact returns a text from the server without the secrets that the call sent. Twilio or a gateway
// may quote a value that it refuses.
func (c *Client) redact(call *call, text string) string {
	secret := make([]bool, len(text))
	folded := asciiLower(text)
	for _, form := range c.secretForms(call) {
		mark(secret, folded, asciiLower(form))
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !secret[i]:
			b.WriteByte(text[i])
		case i == 0 || !secret[i-1]:
			b.WriteString(sensitivePlaceholder)
		}
	}
	if b.Len() > maxText {
		return strings.ToValidUTF8(b.String()[:maxText], "") + "…"
	}
	return b.String()
}

// secretForms returns the secrets that the attempts of the call sent, unchanged and in the
// encodings that HTTP and HTML use.
func (c *Client) secretForms(call *call) []string {
	secrets := append([]string{c.config.Password}, call.payloads...)
	for _, name := range sensitiveParameters {
		secrets = append(secrets, call.form[name]...)
	}
	forms := []string{base64.StdEncoding.EncodeToString([]byte(c.config.Username + ":" + c.config.Password))}
	for _, secret := range secrets {
		forms = append(forms, secret, strings.TrimRight(secret, "="), url.QueryEscape(secret), url.PathEscape(secret),
			html.EscapeString(secret), base64.StdEncoding.EncodeToString([]byte(secret)))
	}
	return forms
}

// mark marks the bytes of text that belong to an occurrence of part. Occurrences may overlap, so no
// fragment of a secret remains.
func mark(marks []bool, text, part string) {
	if part == "" {
		return
	}
	for from := 0; ; from++ {
		i := strings.Index(text[from:], part)
		if i < 0 {
			return
		}
		from += i
		for j := from; j < from+len(part); j++ {
			marks[j] = true
		}
	}
}

// asciiLower returns s in lower case. Unlike strings.ToLower, it keeps every byte in its place.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
