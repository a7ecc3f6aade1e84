// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"maps"
	"slices"
)

// shrink leaves out steps, faults, and settings as long as the same invariant is violated.
func shrink(h history, invariant string, run func(history) *violation) history {
	fails := func(smaller history) bool {
		v := run(smaller)
		return v != nil && v.Invariant == invariant
	}
	for smaller := true; smaller; {
		smaller = false
		for _, candidate := range candidates(h) {
			if fails(candidate) {
				h, smaller = candidate, true
				break
			}
		}
	}
	return h
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
		change := func(f func(*step)) {
			smaller := h
			smaller.Steps = slices.Clone(h.Steps)
			f(&smaller.Steps[n])
			all = append(all, smaller)
		}
		for at := range s.Faults {
			change(func(s *step) { s.Faults = slices.Delete(slices.Clone(s.Faults), at, at+1) })
			if s.Faults[at].Count > 1 {
				change(func(s *step) {
					s.Faults = slices.Clone(s.Faults)
					s.Faults[at].Count = 1
				})
			}
		}
		if s.Unknown != "" {
			change(func(s *step) { s.Unknown = "" })
		}
		if s.DateOff != 0 {
			change(func(s *step) { s.DateOff = 0 })
		}
		if s.Alias != 0 {
			change(func(s *step) { s.Alias = 0 })
		}
		if s.Action == actionApply && (s.Wait != 0 || s.What != "") {
			change(func(s *step) { s.Wait, s.What = 0, "" })
		}
		for _, name := range optionalOf(s.Config) {
			change(func(s *step) { s.Config = s.Config.without(name) })
		}
	}
	for _, plain := range plainer(h.Setup) {
		smaller := h
		smaller.Setup = plain
		all = append(all, smaller)
	}
	return all
}

// plainer returns the setups in which one setting has its default.
func plainer(s setup) []setup {
	var all []setup
	for _, change := range []func(*setup){
		func(s *setup) { s.ClockAhead = 0 },
		func(s *setup) { s.ListDate = 0 },
		func(s *setup) { s.ListLag = 0 },
		func(s *setup) { s.FetchLag = 0 },
		func(s *setup) { s.DecomposeNames = false },
		func(s *setup) { s.CreateBeforeDestroy = false },
		func(s *setup) { s.Parallel = false },
		func(s *setup) { s.LowercaseIdentity = false },
		func(s *setup) { s.NumbersAsStrings = false },
		func(s *setup) { s.UnknownEntityEmpty = false },
		func(s *setup) { s.RefuseWrongPayload = false },
		func(s *setup) { s.RefuseSecond = false },
		func(s *setup) { s.NullDefaults = false },
		func(s *setup) { s.SortEventTypes = false },
		func(s *setup) { s.FrameworkLog = false },
		func(s *setup) { s.Credentials = "token" },
	} {
		plain := s
		if change(&plain); plain != s {
			all = append(all, plain)
		}
	}
	return all
}

// optionalOf returns the names of the optional attributes in a configuration.
func optionalOf(a attributes) []string {
	var names []string
	for _, name := range []string{
		"metadata", "auth_payload_wo", "config_alg", "config_code_length", "config_skew", "config_time_step",
		"code_length", "tts_name", "totp_issuer", "totp_skew", "passkeys_relying_party_origins", "force_destroy", "status", "version",
		"lookup_enabled", "skip_sms_to_landlines", "passkeys_user_verification", "whatsapp_from", "whatsapp_msg_service_sid",
	} {
		if a.has(name) {
			names = append(names, name)
		}
	}
	return names
}

// without returns a copy without an attribute and, if it is write-only, its version.
func (a attributes) without(name string) attributes {
	a = maps.Clone(a)
	delete(a, name)
	delete(a, name+"_version")
	return a
}
