// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	maxNameChars     = 64
	maxMetadataChars = 1024
)

var (
	identityPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)
	isIdentity      = identityPattern.MatchString
)

// use is whether an operation requires, allows, or refuses a parameter.
type use int

const (
	refused use = iota
	optional
	required
)

// rule is an operation's rule for one parameter.
type rule struct {
	name     string
	use      use
	valid    func(string) bool // of each value
	repeated bool              // may occur more than once
	invalid  *apiError         // for an invalid value; nil for that of other parameters
}

// checkForm checks each parameter separately, and that there are no others.
func checkForm(form url.Values, rules []rule) *apiError {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.name == name }) {
			return errInvalidParameter(name)
		}
	}
	for _, r := range rules {
		values := form[r.name]
		switch {
		case len(values) == 0 && r.use == required:
			return errMissingParameter(r.name)
		case len(values) == 0:
		case r.use == refused, len(values) > 1 && !r.repeated:
			return errInvalidParameter(r.name)
		case !r.accepts(values) && r.invalid != nil:
			return r.invalid
		case !r.accepts(values):
			return errInvalidParameter(r.name)
		}
	}
	return nil
}

func (r rule) accepts(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) || !r.valid(v) })
}

func notEmpty(v string) bool { return v != "" }

// length returns a check of the number of characters.
func length(least, most int) func(string) bool {
	return func(v string) bool {
		n := utf8.RuneCountInString(v)
		return least <= n && n <= most
	}
}

func oneOf(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, v) }
}

// between returns a check for integers without leading zeros or signs.
func between(least, most int) func(string) bool {
	return func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && strconv.Itoa(n) == v && least <= n && n <= most
	}
}

// sidWith returns a check for SIDs with that prefix.
func sidWith(prefix string) func(string) bool {
	return regexp.MustCompile("^" + prefix + "[0-9a-fA-F]{32}$").MatchString
}

// isStringMap reports whether v is a JSON object of strings, no longer than the API allows.
func isStringMap(v string) bool {
	var object map[string]*string
	if err := json.Unmarshal([]byte(v), &object); err != nil || object == nil {
		return false
	}
	for _, value := range object {
		if value == nil {
			return false
		}
	}
	return utf8.RuneCountInString(v) <= maxMetadataChars
}
