// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/base32"
	"net/url"
	"strings"
)

const (
	maxAppIDChars = 100
	minTokenChars = 32
	maxTokenChars = 255
)

// factorParameter is a parameter of a factor's create or update.
type factorParameter struct {
	name       string
	factorType string // "" for every type
	create     use
	update     use
	valid      func(string) bool
}

func factorParameters() []factorParameter {
	return []factorParameter{
		{"FriendlyName", "", required, optional, length(1, maxNameChars)},
		{"FactorType", "", required, refused, oneOf(typePush, typeTOTP)},
		{"Metadata", "", optional, refused, isStringMap},
		{"AuthPayload", "", refused, optional, notEmpty},
		{"Binding.Secret", typeTOTP, optional, refused, isSecret},
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

// factorRules returns the rules for a factor of that type.
func factorRules(factorType string, useOf func(factorParameter) use) []rule {
	parameters := factorParameters()
	rules := make([]rule, len(parameters))
	for i, p := range parameters {
		rules[i] = rule{name: p.name, use: useOf(p), valid: p.valid}
		if p.factorType != "" && p.factorType != factorType {
			rules[i].use = refused
		}
	}
	return rules
}

func checkFactorCreate(form url.Values) *apiError {
	factorType := form.Get("FactorType")
	rules := factorRules(factorType, func(p factorParameter) use { return p.create })
	if refusal := checkForm(form, rules); refusal != nil {
		return refusal
	}
	if factorType == typePush {
		return checkToken(form, form.Get("Config.NotificationPlatform"), true)
	}
	return nil
}

func (s *Server) checkFactorUpdate(f Factor, form url.Values) *apiError {
	rules := factorRules(f.FactorType, func(p factorParameter) use { return p.update })
	if refusal := checkForm(form, rules); refusal != nil || f.FactorType != typePush {
		return refusal
	}
	platform := f.NotificationPlatform
	if form.Has("Config.NotificationPlatform") {
		platform = form.Get("Config.NotificationPlatform")
	}
	return checkToken(form, platform, s.config.RequireTokenOnPushUpdate || f.NotificationToken == "")
}

// checkToken checks that there is a notification token if it is needed, and none without a
// platform.
func checkToken(form url.Values, platform string, needed bool) *apiError {
	given := form.Has("Config.NotificationToken")
	switch {
	case platform == platformNone && given:
		return errInvalidParameter("Config.NotificationToken")
	case platform != platformNone && needed && !given:
		return errMissingParameter("Config.NotificationToken")
	}
	return nil
}

func isPublicKey(v string) bool {
	_, err := parsePublicKey(v)
	return err == nil
}

func isSecret(v string) bool {
	if padding := len(v) - len(strings.TrimRight(v, "=")); padding > 0 && len(v)%8 != 0 {
		return false
	}
	normal := normalSecret(v)
	decoded, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(normal)
	return err == nil && len(decoded) > 0 &&
		base32.StdEncoding.WithPadding(base32.NoPadding).EncodedLen(len(decoded)) == len(normal)
}
