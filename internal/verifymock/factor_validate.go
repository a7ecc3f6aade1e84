// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/base32"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxAppIDChars  = 100
	minTokenChars  = 32
	maxTokenChars  = 255
	minSecretChars = 16 // with Config.StrictSecrets
)

// factorParameters are the parameters of a create or an update.
var factorParameters = []field{
	{name: "friendly_name", create: required, update: optional, valid: length(1, maxNameChars)},
	{name: "factor_type", create: required, valid: oneOf(typePush, typeTOTP)},
	{name: "metadata", create: optional, valid: isStringMap},
	{name: "auth_payload", update: optional, valid: notEmpty},
	{name: "binding.secret", factorType: typeTOTP, create: optional, valid: isSecret},
	{name: "config.alg", factorType: typeTOTP, create: optional, update: optional, valid: oneOf("sha1", "sha256", "sha512")},
	{name: "config.code_length", factorType: typeTOTP, create: optional, update: optional, valid: between(3, 8)},
	{name: "config.skew", factorType: typeTOTP, create: optional, update: optional, valid: between(0, 2)},
	{name: "config.time_step", factorType: typeTOTP, create: optional, update: optional, valid: between(20, 60)},
	{name: "binding.alg", factorType: typePush, create: optional, valid: oneOf(algES256)},
	{name: "binding.public_key", factorType: typePush, create: required, valid: isPublicKey},
	{name: "config.app_id", factorType: typePush, create: required, valid: length(1, maxAppIDChars)},
	{name: "config.notification_platform", factorType: typePush, create: required, update: optional, valid: oneOf("apn", "fcm", platformNone)},
	{name: "config.notification_token", factorType: typePush, create: optional, update: optional, valid: length(minTokenChars, maxTokenChars)},
	{name: "config.sdk_version", factorType: typePush, create: required, update: optional, valid: notEmpty},
}

// useFor returns the use of a parameter for a factor of that type, given that for those that have it.
func (f field) useFor(factorType string, use use) use {
	if f.factorType != "" && f.factorType != factorType {
		return refused
	}
	return use
}

func checkFactorCreate(config Config, form url.Values) *apiError {
	factorType := form.Get("FactorType")
	refusal := checkForm(form, factorParameters, func(f field) use { return f.useFor(factorType, f.create) })
	if refusal != nil {
		return refusal
	}
	if factorType == typePush {
		return checkToken(form, form.Get("Config.NotificationPlatform"), true)
	}
	secret := form.Get("Binding.Secret")
	if config.StrictSecrets && secret != "" && (secret != normalSecret(secret) || len(secret) < minSecretChars) {
		return newError(http.StatusBadRequest, codeInvalidParameter, "Invalid parameter: Binding.Secret")
	}
	return nil
}

func checkFactorUpdate(config Config, f Factor, form url.Values) *apiError {
	refusal := checkForm(form, factorParameters, func(p field) use { return p.useFor(f.FactorType, p.update) })
	if refusal != nil || f.FactorType != typePush {
		return refusal
	}
	platform := f.NotificationPlatform
	if form.Has("Config.NotificationPlatform") {
		platform = form.Get("Config.NotificationPlatform")
	}
	return checkToken(form, platform, config.RequireTokenOnPushUpdate || f.NotificationToken == "")
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
