// SPDX-License-Identifier: MPL-2.0

package totp

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Key is the content of an otpauth URI.
type Key struct {
	Issuer  string // empty if the URI has none
	Account string // empty if the URI has none
	Secret  string // upper case, without padding
	Config  Config // every field is set
}

// ParseURI reads an otpauth URI as written by URI, by Twilio, or by another issuer that follows
// Google Authenticator's key URI format. Missing parameters have the defaults of that format, which
// are also Twilio's; unknown parameters are ignored. Values that Twilio does not accept are errors,
// and so is a URI whose separators are escaped, because its parameters would silently be ignored.
func ParseURI(uri string) (Key, error) {
	uri = strings.TrimSpace(uri)
	label, query, err := splitURI(uri)
	if err != nil {
		return Key{}, err
	}
	params, err := parseParams(query)
	if err != nil {
		return Key{}, err
	}
	issuer, account := splitAnyLabel(label, params["issuer"])
	key := Key{Secret: NormalizeSecret(params["secret"])}
	if key.Issuer, err = unescapeLabel(issuer); err != nil {
		return Key{}, err
	}
	if key.Account, err = unescapeLabel(account); err != nil {
		return Key{}, err
	}
	if params["issuer"] != "" {
		key.Issuer = params["issuer"]
	}
	if strings.EqualFold(key.Issuer, "steam") || strings.EqualFold(params["encoder"], "steam") {
		return Key{}, errSteam
	}
	if hiddenParam.MatchString(unescapeAll(key.Issuer)) {
		return Key{}, errEscaped
	}
	if params["secret"] == "" {
		return Key{}, errors.New("the URI has no secret")
	}
	if err := CheckSecret(params["secret"]); err != nil {
		return Key{}, err
	}
	if key.Config, err = parseConfig(params); err != nil {
		return Key{}, err
	}
	// Other issuers may put spaces between the colon and the account. In Twilio's form, such spaces
	// belong to the account.
	if URI(key.Issuer, key.Account, key.Secret, key.Config) != uri {
		key.Account = strings.TrimLeft(key.Account, " ")
	}
	return key, nil
}

var errSteam = errors.New("the URI is for Steam, whose codes have letters and are computed in another way; " +
	"Twilio Verify does not support them")

// otherURIs explains the prefixes of URIs that are similar to those of TOTP secrets.
var otherURIs = []struct {
	prefix string
	err    error
}{
	{"otpauth://hotp/", errors.New("the URI is for counter-based codes (hotp), which Twilio Verify does not support; use a totp URI")},
	{"otpauth://steam/", errSteam},
	{"steam:", errSteam},
	{"otpauth-migration:", errors.New("the URI is an export of Google Authenticator, which can contain several secrets; " +
		"convert it to one otpauth://totp/ URI for each secret first")},
	{"apple-otpauth:", errors.New("the URI begins with apple-otpauth:, a link for Apple's password manager; " +
		"begin it with otpauth://totp/ instead")},
}

// splitURI returns the label and the parameters of uri, both percent-encoded.
func splitURI(uri string) (label, query string, err error) {
	for _, other := range otherURIs {
		if hasPrefixFold(uri, other.prefix) {
			return "", "", other.err
		}
	}
	if !hasPrefixFold(uri, uriPrefix) {
		if hasPrefixFold(unescapeAll(uri), uriPrefix) {
			return "", "", errEscaped
		}
		return "", "", errors.New("the URI does not begin with " + uriPrefix)
	}
	if strings.Contains(uri, "#") {
		return "", "", errors.New("the URI contains #, which ends its parameters; " +
			"write %23 if it belongs to a name, or & in place of an HTML entity such as &#38;")
	}
	label, query, found := strings.Cut(uri[len(uriPrefix):], "?")
	if !found && hiddenParam.MatchString(strings.ReplaceAll(unescapeAll(label), "?", "&")) {
		return "", "", errEscaped
	}
	return label, query, nil
}

// hasPrefixFold reports whether s begins with prefix, ignoring case, because schemes and hosts are
// case-insensitive.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// knownParams are the parameters that ParseURI does not ignore.
var knownParams = []string{"algorithm", "digits", "encoder", "issuer", "period", "secret"}

var (
	// hiddenParam matches a known parameter within another one. The semicolon ends an entity of HTML.
	hiddenParam = regexp.MustCompile(`(?i)(?:&|;|%26|\\u0026|\\x26)(?:` + strings.Join(knownParams, "|") + `)=`)
	// hiddenName matches the name of a known parameter after what an entity of HTML or a line break
	// puts before it.
	hiddenName = regexp.MustCompile(`(?i)(?:^(?:amp)?|[^\pL\pN_.-])(?:` + strings.Join(knownParams, "|") + `)$`)
)

var errEscaped = errors.New("a separator of the URI is escaped, as in &amp; (HTML), %26 (URL), or \\u0026 (JSON); " +
	"undo the escaping, so that & separates the parameters and = ends their names")

// isEscaped reports whether a separator before or in the parameter is escaped. The values of
// unknown parameters, such as the address of an image, may contain properly escaped separators.
func isEscaped(name, escaped string) bool {
	plain := unescapeAll(name)
	if slices.Contains(knownParams, strings.ToLower(name)) {
		return hiddenParam.MatchString(unescapeAll(escaped))
	}
	return hasPrefixFold(plain, "amp;") || strings.HasPrefix(plain, "#") || hiddenName.MatchString(plain) ||
		hiddenParam.MatchString("&"+plain) || hiddenParam.MatchString(escaped)
}

// unescapeAll decodes a text as often as it is percent-encoded.
func unescapeAll(text string) string {
	for {
		decoded, err := url.PathUnescape(text)
		if err != nil || decoded == text {
			return text
		}
		text = decoded
	}
}

// parseParams returns the known parameters that are not empty, with their names in lower case. A
// plus sign means a space, as in every query.
func parseParams(query string) (map[string]string, error) {
	params := map[string]string{}
	for param := range strings.SplitSeq(query, "&") {
		name, escaped, _ := strings.Cut(param, "=")
		if isEscaped(name, escaped) {
			return nil, errEscaped
		}
		name = strings.ToLower(name)
		if escaped == "" || !slices.Contains(knownParams, name) {
			continue
		}
		if _, ok := params[name]; ok {
			return nil, fmt.Errorf("the parameter %s of the URI appears more than once", name)
		}
		value, err := url.QueryUnescape(escaped)
		if err != nil || !utf8.ValidString(value) {
			// The error from net/url would quote a part of the URI.
			return nil, fmt.Errorf("the parameter %s of the URI is not percent-encoded UTF-8", name)
		}
		params[name] = value
	}
	return params, nil
}

var (
	escapedColon = regexp.MustCompile(`%3[Aa]`)
	leadingColon = regexp.MustCompile(`^(?::|%3[Aa])`)
)

// splitAnyLabel splits a label at its separator: the colon, percent-encoded or not, that follows
// the issuer from the parameters; otherwise the first colon that is not percent-encoded; otherwise
// the first one that is. A label without a colon is only an account. Unlike splitLabel, it accepts
// the separator %3A, which Twilio does not write.
func splitAnyLabel(label, issuer string) (prefix, account string) {
	end := prefixLength(label, issuer)
	if spelled, err := url.PathUnescape(label[:end]); err == nil && issuer != "" && spelled == issuer {
		if colon := leadingColon.FindString(label[end:]); colon != "" {
			return label[:end], label[end+len(colon):]
		}
	}
	if prefix, account, ok := strings.Cut(label, ":"); ok {
		return prefix, account
	}
	if colon := escapedColon.FindStringIndex(label); colon != nil {
		return label[:colon[0]], label[colon[1]:]
	}
	return "", label
}

// unescapeLabel decodes a part of a label. Unlike in a query, a plus sign is literal.
func unescapeLabel(escaped string) (string, error) {
	text, err := url.PathUnescape(escaped)
	if err != nil || !utf8.ValidString(text) {
		return "", errors.New("the label of the URI is not percent-encoded UTF-8")
	}
	return text, nil
}

func parseConfig(params map[string]string) (cfg Config, err error) {
	if cfg.Algorithm, err = parseAlgorithm(params["algorithm"]); err != nil {
		return Config{}, err
	}
	if cfg.Digits, err = parseNumber(params["digits"], DefaultDigits, MinDigits, MaxDigits); err != nil {
		return Config{}, fmt.Errorf("the parameter digits of the URI %w", err)
	}
	if cfg.Period, err = parseNumber(params["period"], DefaultPeriod, MinPeriod, MaxPeriod); err != nil {
		return Config{}, fmt.Errorf("the parameter period of the URI %w", err)
	}
	return cfg, nil
}

// parseAlgorithm parses the name of an algorithm in any of the common spellings: SHA1, SHA-1,
// HmacSHA1, HMAC-SHA-1, in any case.
func parseAlgorithm(name string) (Algorithm, error) {
	if name == "" {
		return DefaultAlgorithm, nil
	}
	name = strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name))
	algorithm := Algorithm(strings.TrimPrefix(name, "hmac"))
	if _, ok := algorithms[algorithm]; !ok {
		return "", errors.New("the parameter algorithm of the URI is not SHA1, SHA256, or SHA512, the algorithms that Twilio accepts")
	}
	return algorithm, nil
}

func parseNumber(text string, defaultValue, lowest, highest int) (int, error) {
	if text == "" {
		return defaultValue, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < lowest || number > highest {
		return 0, fmt.Errorf("is not a whole number from %d to %d, the values that Twilio accepts", lowest, highest)
	}
	return number, nil
}
