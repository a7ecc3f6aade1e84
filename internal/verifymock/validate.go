// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"cmp"
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

// checkForm checks each parameter separately, and that there are no others. useOf returns the use of
// a parameter by the operation.
func checkForm(form url.Values, parameters []field, useOf func(field) use) *apiError {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if !slices.ContainsFunc(parameters, func(f field) bool { return camelCase(f.name) == name }) {
			return errInvalidParameter(name)
		}
	}
	for _, f := range parameters {
		name := camelCase(f.name)
		values, use := form[name], useOf(f)
		switch {
		case len(values) == 0 && use == required:
			return errMissingParameter(name)
		case len(values) == 0:
		case use == refused, len(values) > 1 && f.typ != asList:
			return errInvalidParameter(name)
		case slices.ContainsFunc(values, func(v string) bool { return !f.accepts(v) }):
			return cmp.Or(f.invalid, errInvalidParameter(name))
		}
	}
	return nil
}

func (f field) onCreate() use { return f.create }
func (f field) onUpdate() use { return f.update }

func (f field) accepts(v string) bool {
	return utf8.ValidString(v) && (v == "" && f.empty != emptyInvalid || f.valid(v))
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
