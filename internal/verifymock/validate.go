// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/base32"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxNameChars     = 64
	maxAppIDChars    = 100
	minTokenChars    = 32
	maxTokenChars    = 255
	maxMetadataChars = 1024
)

var identityPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)

// use says whether an operation takes a parameter.
type use int

const (
	refused use = iota
	optional
	required
)

// parameter is one of the form's parameters and its rule.
type parameter struct {
	name       string
	factorType string // "" for every type
	create     use
	update     use
	valid      func(string) bool
}

func (s *Server) parameters() []parameter {
	return []parameter{
		{"FriendlyName", "", required, optional, length(1, maxNameChars)},
		{"FactorType", "", required, refused, oneOf(typePush, typeTOTP)},
		{"Metadata", "", optional, refused, isMetadata},
		{"AuthPayload", "", refused, optional, notEmpty},
		{"Binding.Secret", typeTOTP, optional, refused, s.isSecret},
		{"Config.Alg", typeTOTP, optional, optional, oneOf("sha1", "sha256", "sha512")},
		{"Config.CodeLength", typeTOTP, optional, optional, between(3, 8)},
		{"Config.Skew", typeTOTP, optional, optional, between(0, 2)},
		{"Config.TimeStep", typeTOTP, optional, optional, between(20, 60)},
		{"Binding.Alg", typePush, optional, refused, oneOf(algES256)},
		{"Binding.PublicKey", typePush, required, refused, isPublicKey},
		{"Config.AppId", typePush, required, refused, length(1, maxAppIDChars)},
		{"Config.NotificationPlatform", typePush, required, optional, oneOf("apn", "fcm", platformNone)},
		{"Config.NotificationToken", typePush, optional, optional, length(minTokenChars, maxTokenChars)},
		{"Config.SdkVersion", typePush, required, optional, notEmpty},
	}
}

func (s *Server) checkCreate(form url.Values) *apiError {
	factorType := form.Get("FactorType")
	refusal := s.checkForm(form, factorType, func(p parameter) use { return p.create })
	if refusal != nil || factorType != typePush {
		return refusal
	}
	return s.checkToken(form, form.Get("Config.NotificationPlatform"), true)
}

func (s *Server) checkUpdate(f Factor, form url.Values) *apiError {
	refusal := s.checkForm(form, f.FactorType, func(p parameter) use { return p.update })
	if refusal != nil || f.FactorType != typePush {
		return refusal
	}
	platform := f.NotificationPlatform
	if form.Has("Config.NotificationPlatform") {
		platform = form.Get("Config.NotificationPlatform")
	}
	return s.checkToken(form, platform, s.config.RequireTokenOnPushUpdate || f.NotificationToken == "")
}

// checkToken checks that there is a notification token where one is needed, and none without a platform.
func (s *Server) checkToken(form url.Values, platform string, needed bool) *apiError {
	given := form.Has("Config.NotificationToken")
	switch {
	case platform == platformNone && given:
		return s.errInvalidParameter("Config.NotificationToken")
	case platform != platformNone && needed && !given:
		return errMissingParameter("Config.NotificationToken")
	}
	return nil
}

// checkForm checks each parameter by itself, and that there are no others.
func (s *Server) checkForm(form url.Values, factorType string, useOf func(parameter) use) *apiError {
	parameters := s.parameters()
	known := func(name string) bool {
		return slices.ContainsFunc(parameters, func(p parameter) bool { return p.name == name })
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if !known(name) {
			return s.errInvalidParameter(name)
		}
	}
	for _, p := range parameters {
		use := useOf(p)
		if p.factorType != "" && p.factorType != factorType {
			use = refused
		}
		values := form[p.name]
		switch {
		case len(values) == 0 && use == required:
			return errMissingParameter(p.name)
		case len(values) == 0:
		case use == refused, len(values) > 1, !utf8.ValidString(values[0]), !p.valid(values[0]):
			return s.errInvalidParameter(p.name)
		}
	}
	return nil
}

func notEmpty(v string) bool { return v != "" }

// length takes limits in characters.
func length(least, most int) func(string) bool {
	return func(v string) bool {
		n := utf8.RuneCountInString(v)
		return least <= n && n <= most
	}
}

func oneOf(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, v) }
}

// between takes integers in their one usual notation.
func between(least, most int) func(string) bool {
	return func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && strconv.Itoa(n) == v && least <= n && n <= most
	}
}

func isMetadata(v string) bool {
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

func isPublicKey(v string) bool {
	_, err := parsePublicKey(v)
	return err == nil
}

func (s *Server) isSecret(v string) bool {
	if s.config.StrictSecrets && (v != normalSecret(v) || len(v) < minSecretChars) {
		return false
	}
	if padding := len(v) - len(strings.TrimRight(v, "=")); padding > 0 && len(v)%8 != 0 {
		return false
	}
	normal := normalSecret(v)
	decoded, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(normal)
	return err == nil && len(decoded) > 0 &&
		base32.StdEncoding.WithPadding(base32.NoPadding).EncodedLen(len(decoded)) == len(normal)
}
