// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// history is a sequence of events, as data.
type history struct {
	Seed  uint64
	Setup setup
	Steps []step
}

// setup is the part of a history that does not change.
type setup struct {
	Credentials         string // token, key, or key-and-account
	MaxRetries          int
	ClockAhead          time.Duration // of the server's clock
	ListDate            time.Duration // of the Date header of lists, ahead of the others
	ListLag             time.Duration // until a new object is in lists
	FetchLag            time.Duration // until a new factor can be fetched
	DecomposeNames      bool          // store names in NFD
	CreateBeforeDestroy bool
	Parallel            bool // Terraform works on all instances at once
	LowercaseIdentity   bool
	NumbersAsStrings    bool
	UnknownEntityEmpty  bool
	RefuseWrongPayload  bool
	RefuseSecond        bool // refuse a second verification
	NullDefaults        bool // for a service's TOTP settings
	SortEventTypes      bool
	FrameworkLog        bool // the framework writes its own log, which takes a fifth of the time
}

// The actions of steps. The first ones are runs of Terraform.
const (
	actionApply     = "apply"
	actionPlan      = "plan"
	actionRefresh   = "refresh"
	actionReplace   = "replace"
	actionImport    = "import"
	actionConfigure = "configure"
	actionTaint     = "taint"
	actionOutsider  = "outsider"
	actionWait      = "wait"
	actionAccount   = "account"
	actionMove      = "move"
)

type step struct {
	Action   string
	Instance int
	Type     string        // for configure: the resource type
	Config   attributes    // for configure; nil removes the instance from the configuration
	Alias    int           // for configure: the provider's
	To       int           // for move: the instance that gets the objects
	What     string        // for outsider, or between plan and apply: what the outsider does
	Wait     time.Duration // for wait, or between plan and apply
	DateOff  time.Duration // of the Date header of all responses to a run
	Unknown  string        // an attribute of the instance that is known only at apply
	Faults   []fault       // for a run
}

// fault is a failure of the network, the server, or a process during a run.
type fault struct {
	Operation string // operation whose requests are counted, or "" for all
	Request   int    // the first request that fails, counted from 0
	Count     int    // number of requests that fail
	Kind      string
	After     bool // the server processes the request first
	Seconds   int  // of a delay, or of Retry-After
}

func (f fault) String() string {
	return fmt.Sprintf("%s (%d s) at %d %s requests after the first %d, processed: %t",
		f.Kind, f.Seconds, f.Count, f.Operation, f.Request, f.After)
}

func (s step) String() string {
	text := fmt.Sprintf("%s, instance %d", s.Action, s.Instance)
	add := func(has bool, format string, args ...any) {
		if has {
			text += fmt.Sprintf(format, args...)
		}
	}
	add(s.Action == actionConfigure, " (%s, alias %d): %v", s.Type, s.Alias, s.Config)
	add(s.Action == actionMove, " to %d", s.To)
	add(s.Wait != 0, ", waits %s", s.Wait)
	add(s.What != "", ", an outsider: %s", s.What)
	add(s.DateOff != 0, ", Date off by %s", s.DateOff)
	add(s.Unknown != "", ", %s known only at apply", s.Unknown)
	for _, f := range s.Faults {
		add(true, "\n       %v", f)
	}
	return text
}

func (h history) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d\nsetup %+v\n", h.Seed, h.Setup)
	for n, s := range h.Steps {
		fmt.Fprintf(&b, "  %2d. %v\n", n+1, s)
	}
	return b.String()
}

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

func (a attributes) without(name string) attributes {
	a = maps.Clone(a)
	delete(a, name)
	delete(a, name+"_version")
	return a
}
