// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const (
	uriPrefix   = "otpauth://totp/"
	secretParam = "secret="
)

// URI returns the otpauth URI of a TOTP factor in the form that Twilio documents for binding.uri:
//
//	otpauth://totp/{issuer}:{account}?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30
//
// All characters except the unreserved ones of RFC 3986 are percent-encoded, so the only colon in
// the label is the one between issuer and account. The secret is in upper case and without padding,
// because some authenticator apps accept no other form.
func URI(issuer, account, secret string, cfg Config) string {
	cfg = cfg.withDefaults()
	return fmt.Sprintf("%s%s:%s?secret=%s&issuer=%s&algorithm=%s&digits=%d&period=%d",
		uriPrefix, escape(issuer), escape(account), escape(NormalizeSecret(secret)), escape(issuer),
		cfg.Algorithm.uriName(), cfg.Digits, cfg.Period)
}

// escape percent-encodes s for use in both a label and a query. Unlike the functions in net/url, it
// encodes all characters that are special in either, and a space as %20.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// UpdateURI returns uri, an otpauth URI from Twilio, with the given account (Twilio's friendly
// name) and config, and with its secret in upper case and without padding. The issuer, unknown
// parameters, and the order do not change.
func UpdateURI(uri, account string, cfg Config) (string, error) {
	rest, ok := strings.CutPrefix(uri, uriPrefix)
	if !ok {
		return "", errors.New("the URI does not begin with " + uriPrefix)
	}
	label, query, ok := strings.Cut(rest, "?")
	if !ok {
		return "", errors.New("the URI has no parameters")
	}
	params := normalizeSecretParam(strings.Split(query, "&"))
	issuer, name := splitLabel(label, params)
	if old, err := url.PathUnescape(name); err != nil {
		// The error from net/url would quote a part of the URI.
		return "", errors.New("the label of the URI is not percent-encoded")
	} else if old != account {
		name = escape(account)
	}
	cfg = cfg.withDefaults()
	params = setParam(params, "algorithm", cfg.Algorithm.uriName(), DefaultAlgorithm.uriName())
	params = setParam(params, "digits", strconv.Itoa(cfg.Digits), strconv.Itoa(DefaultDigits))
	params = setParam(params, "period", strconv.Itoa(cfg.Period), strconv.Itoa(DefaultPeriod))
	return uriPrefix + issuer + name + "?" + strings.Join(params, "&"), nil
}

// splitLabel splits a label after its separator: the colon that follows the issuer from the
// parameters, or otherwise the first colon. A label without a colon is only an account.
func splitLabel(label string, params []string) (issuer, account string) {
	separator := prefixLength(label, issuerParam(params))
	if separator == len(label) || label[separator] != ':' {
		separator = strings.IndexByte(label, ':')
	}
	return label[:separator+1], label[separator+1:]
}

// prefixLength returns the length of the prefix of label, percent-encoded or not, that matches text
// up to the first difference.
func prefixLength(label, text string) int {
	length := 0
	for i := 0; i < len(text) && length < len(label); i++ {
		end := length + 1
		if label[length] == '%' {
			end = min(length+len("%3A"), len(label))
		}
		if got, err := url.PathUnescape(label[length:end]); err != nil || got[0] != text[i] {
			break
		}
		length = end
	}
	return length
}

func issuerParam(params []string) string {
	for _, param := range params {
		if value, ok := strings.CutPrefix(param, "issuer="); ok {
			issuer, _ := url.QueryUnescape(value)
			return issuer
		}
	}
	return ""
}

// normalizeSecretParam normalizes the secret in place. A value that is not a secret does not change.
func normalizeSecretParam(params []string) []string {
	for i, param := range params {
		escaped, ok := strings.CutPrefix(param, secretParam)
		if secret, err := url.QueryUnescape(escaped); ok && err == nil && CheckSecret(secret) == nil {
			params[i] = secretParam + escape(NormalizeSecret(secret))
		}
	}
	return params
}

// setParam sets a parameter in place. A missing parameter means the default, and is added only if
// value differs from it.
func setParam(params []string, key, value, defaultValue string) []string {
	found := false
	for i, param := range params {
		old, ok := strings.CutPrefix(param, key+"=")
		found = found || ok
		if ok && !strings.EqualFold(old, value) {
			params[i] = key + "=" + value
		}
	}
	if !found && value != defaultValue {
		params = append(params, key+"="+value)
	}
	return params
}
