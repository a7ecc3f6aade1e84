// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"maps"
	"reflect"
	"slices"
)

// shrink leaves out steps, faults, and settings as long as the same invariant is violated.
func shrink(h history, invariant string, run func(history) *violation) history {
	for {
		all := candidates(h)
		at := slices.IndexFunc(all, func(smaller history) bool {
			v := run(smaller)
			return v != nil && v.Invariant == invariant
		})
		if at < 0 {
			return h
		}
		h = all[at]
	}
}

// candidates returns the histories with one simplification, those with the fewest steps first.
func candidates(h history) []history {
	var all []history
	for size := len(h.Steps) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(h.Steps); from += size {
			smaller := h
			smaller.Steps = slices.Delete(slices.Clone(h.Steps), from, from+size)
			all = append(all, smaller)
		}
	}
	for n, s := range h.Steps {
		for _, change := range simpler(s) {
			smaller := h
			smaller.Steps = slices.Clone(h.Steps)
			change(&smaller.Steps[n])
			all = append(all, smaller)
		}
	}
	for n := range reflect.TypeFor[setup]().NumField() {
		smaller := h
		reflect.ValueOf(&smaller.Setup).Elem().Field(n).SetZero()
		if smaller.Setup != h.Setup {
			all = append(all, smaller)
		}
	}
	return all
}

// simpler returns what may be simplified in a step.
func simpler(s step) []func(*step) {
	var all []func(*step)
	add := func(useful bool, change func(*step)) {
		if useful {
			all = append(all, change)
		}
	}
	for at, f := range s.Faults {
		add(true, func(s *step) { s.Faults = slices.Delete(slices.Clone(s.Faults), at, at+1) })
		f.Count = 1
		add(f != s.Faults[at], func(s *step) { s.Faults = slices.Replace(slices.Clone(s.Faults), at, at+1, f) })
	}
	add(s.Unknown != "", func(s *step) { s.Unknown = "" })
	add(s.DateOff != 0, func(s *step) { s.DateOff = 0 })
	add(s.Alias != 0, func(s *step) { s.Alias = 0 })
	add(s.Action == actionApply && (s.Wait != 0 || s.What != ""), func(s *step) { s.Wait, s.What = 0, "" })
	for _, name := range []string{
		"metadata", "auth_payload_wo", "config_alg", "config_code_length", "config_skew", "config_time_step",
		"code_length", "tts_name", "totp_issuer", "totp_skew", "passkeys_relying_party_origins", "force_destroy", "status", "version",
		"lookup_enabled", "skip_sms_to_landlines", "passkeys_user_verification", "whatsapp_from", "whatsapp_msg_service_sid",
	} {
		add(s.Config.has(name), func(s *step) { s.Config = s.Config.without(name) })
	}
	return all
}

// without returns a copy without an attribute and, if it is write-only, its version.
func (a attributes) without(name string) attributes {
	a = maps.Clone(a)
	delete(a, name)
	delete(a, name+"_version")
	return a
}
