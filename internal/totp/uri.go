// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const uriPrefix = "otpauth://totp/"

// URI returns the otpauth URI of a TOTP factor as Twilio documents it for
// binding.uri:
//
//	otpauth://totp/{issuer}:{account}?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30
//
// All but the unreserved characters of RFC 3986 is percent-encoded, so that
// the colon between issuer and account is the only one. The secret is written
// in upper case and without padding, because authenticator apps are not
// obliged to read any other form.
func URI(issuer, account, secret string, cfg Config) string {
	cfg = cfg.withDefaults()
	secret = strings.ToUpper(strings.TrimRight(secret, "="))
	return fmt.Sprintf("%s%s:%s?secret=%s&issuer=%s&algorithm=%s&digits=%d&period=%d",
		uriPrefix, escape(issuer), escape(account), escape(secret), escape(issuer),
		cfg.Algorithm.word(), cfg.Digits, cfg.Period)
}

// escape percent-encodes s for a label as well as for a query: other than the
// escapers of net/url it leaves nothing that means something in either, and
// writes a space as %20.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// UpdateURI returns uri, an otpauth URI as Twilio issued it, with another
// account (Twilio's friendly name) and config. All that does not change keeps
// its bytes: issuer, secret, unknown parameters, and their order.
func UpdateURI(uri, account string, cfg Config) (string, error) {
	rest, ok := strings.CutPrefix(uri, uriPrefix)
	if !ok {
		return "", errors.New("the URI does not begin with " + uriPrefix)
	}
	label, query, ok := strings.Cut(rest, "?")
	if !ok {
		return "", errors.New("the URI has no parameters")
	}
	params := strings.Split(query, "&")
	issuer, name := splitLabel(label, params)
	if old, err := url.PathUnescape(name); err != nil {
		// The error of net/url would print a part of the URI.
		return "", errors.New("the label of the URI is not percent-encoded")
	} else if old != account {
		name = escape(account)
	}
	cfg = cfg.withDefaults()
	params = setParam(params, "algorithm", cfg.Algorithm.word(), DefaultAlgorithm.word())
	params = setParam(params, "digits", strconv.Itoa(cfg.Digits), strconv.Itoa(DefaultDigits))
	params = setParam(params, "period", strconv.Itoa(cfg.Period), strconv.Itoa(DefaultPeriod))
	return uriPrefix + issuer + name + "?" + strings.Join(params, "&"), nil
}

// splitLabel cuts a label behind its separator: the colon that follows the
// issuer named in the parameters, else the first. A label without one is all
// account.
func splitLabel(label string, params []string) (issuer, account string) {
	separator := prefixLength(label, issuerParam(params))
	if separator == len(label) || label[separator] != ':' {
		separator = strings.IndexByte(label, ':')
	}
	return label[:separator+1], label[separator+1:]
}

// prefixLength returns how much of label, percent-encoded or not, spells text:
// up to its end or to where they differ.
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

// setParam sets a parameter where it stands. One that is not there means its
// default, and is added only if value differs from it.
func setParam(params []string, key, value, standard string) []string {
	found := false
	for i, param := range params {
		old, ok := strings.CutPrefix(param, key+"=")
		found = found || ok
		if ok && !strings.EqualFold(old, value) {
			params[i] = key + "=" + value
		}
	}
	if !found && value != standard {
		params = append(params, key+"="+value)
	}
	return params
}
