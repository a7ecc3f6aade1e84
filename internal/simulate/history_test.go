// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
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
	add(s.What != "", ", event %q", s.What)
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

// generator generates histories. All its decisions come from the random source.
type generator struct {
	*rand.Rand
	types   []string // the instances' types
	configs []attributes
	aliases []int
	last    int // number of the last secret or version
}

const (
	maxInstances = 6 // at the beginning
	maxRenames   = 3
)

func generate(seed uint64) history {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	h := history{Seed: seed, Setup: g.setup()}
	g.types = g.instances()
	g.configs, g.aliases = make([]attributes, len(g.types)), make([]int, len(g.types))
	for i := range g.types {
		h.Steps = append(h.Steps, g.configure(i, nouns[g.types[i]].configure(g, i)))
	}
	h.Steps = append(h.Steps, step{Action: actionApply, Faults: g.faults(), DateOff: g.dateOff()})
	for range 2 + g.IntN(9) {
		h.Steps = append(h.Steps, g.steps()...)
	}
	return h
}

// instances returns the types of one to six instances, each after those that it may refer to.
func (g *generator) instances() []string {
	var types []string
	factors := pick(g, 0, 1, 1, 2, 3)
	for _, n := range allNouns[:len(allNouns)-1] {
		for range min(pick(g, n.counts...), maxInstances-factors-len(types)) {
			types = append(types, n.typeName)
		}
	}
	if len(types) == 0 {
		factors = max(factors, 1)
	}
	return append(types, slices.Repeat([]string{factorType}, factors)...)
}

func (g *generator) configure(i int, a attributes) step {
	g.configs[i] = a
	return step{Action: actionConfigure, Instance: i, Type: g.types[i], Config: a, Alias: g.aliases[i]}
}

// dateOff returns by how much a proxy's clock is off.
func (g *generator) dateOff() time.Duration {
	if !g.chance(10) {
		return 0
	}
	return pick(g, 5*time.Second, -4*time.Minute, 4*time.Minute, time.Hour, -time.Hour)
}

// rename gives the configuration of an instance to a new one, with or without a moved block, and
// changes what refers to it.
func (g *generator) rename(i int) []step {
	if len(g.types) == maxInstances+maxRenames || g.configs[i] == nil {
		return nil
	}
	to := len(g.types)
	g.types, g.configs, g.aliases = append(g.types, g.types[i]), append(g.configs, nil), append(g.aliases, pick(g, 0, 0, 1))
	a := maps.Clone(g.configs[i])
	if identity := a.text("identity"); identity != "" && g.chance(30) {
		a["identity"] = strings.ToUpper(identity)
	}
	if a.has("service_sid") && !a.has("rate_limit_sid") && g.chance(20) {
		a["service_sid"] = g.service()
		if _, ok := a["identity"].(reference); ok {
			a["identity"] = sharedIdentity
		}
	}
	steps := []step{g.configure(to, a), g.configure(i, nil)}
	if g.chance(25) {
		steps = append(steps, step{Action: actionMove, Instance: i, To: to})
	}
	for n, config := range g.configs {
		if !slices.Contains(config.parents(), i) {
			continue
		}
		config = maps.Clone(config)
		for name, v := range config {
			if ref, ok := v.(reference); ok && ref.Instance == i {
				config[name] = reference{Instance: to, Attribute: ref.Attribute}
			}
		}
		steps = append(steps, g.configure(n, config))
	}
	return steps
}

func (g *generator) configured(typeName string) []int {
	var found []int
	for i, a := range g.configs {
		if g.types[i] == typeName && a != nil {
			found = append(found, i)
		}
	}
	return found
}

// exchange exchanges the identities of two factors, as when two keys of a for_each are swapped.
func (g *generator) exchange() []step {
	found := g.configured(factorType)
	if len(found) < 2 {
		return nil
	}
	a, b := maps.Clone(g.configs[found[0]]), maps.Clone(g.configs[found[1]])
	for _, name := range []string{"identity", "service_sid"} {
		a[name], b[name] = b[name], a[name]
	}
	return []step{g.configure(found[0], a), g.configure(found[1], b)}
}

func (g *generator) another(typeName string) (int, bool) {
	found := g.configured(typeName)
	if len(found) == 0 {
		return 0, false
	}
	return pick(g, found...), true
}

// service returns the service for a configuration: one of the history's, or the mock's default.
func (g *generator) service() any {
	if i, ok := g.another(serviceType); ok && g.chance(80) {
		return reference{Instance: i, Attribute: idAttribute}
	}
	return verifymock.DefaultServiceSID
}

func (g *generator) changed(i int) attributes {
	noun := nouns[g.types[i]]
	if g.configs[i] == nil || g.chance(5) {
		return noun.configure(g, i)
	}
	if g.chance(5) {
		return nil
	}
	a := maps.Clone(g.configs[i])
	if a.has("service_sid") && !a.has("rate_limit_sid") && g.chance(5) {
		a["service_sid"] = g.service()
		if _, ok := a["identity"].(reference); ok {
			a["identity"] = g.identity(i)
		}
	}
	for range pick(g, 1, 1, 2) {
		noun.change(g, i, a)
	}
	return a
}

func (g *generator) setup() setup {
	return setup{
		Credentials:         pick(g, "token", "key", "key-and-account"),
		MaxRetries:          pick(g, 0, 2, 6),
		ClockAhead:          pick(g, 0, 0, 7*time.Second, -90*time.Minute, 3*time.Hour),
		ListDate:            pick(g, 0, 0, 0, 2*time.Second, -2*time.Second, 5*time.Second),
		ListLag:             pick(g, 0, 0, 0, 0, 300*time.Millisecond, 6*time.Second),
		FetchLag:            pick(g, 0, 0, 0, 0, time.Second, 8*time.Second),
		DecomposeNames:      g.chance(25),
		CreateBeforeDestroy: g.chance(25),
		Parallel:            g.chance(40),
		LowercaseIdentity:   g.chance(30),
		NumbersAsStrings:    g.chance(20),
		UnknownEntityEmpty:  g.chance(30),
		RefuseWrongPayload:  g.chance(50),
		RefuseSecond:        g.chance(50),
		NullDefaults:        g.chance(30),
		SortEventTypes:      g.chance(30),
		FrameworkLog:        g.chance(10),
	}
}

// steps returns an event, followed by an apply if the event requires one.
func (g *generator) steps() []step {
	i := g.IntN(len(g.configs))
	noun := nouns[g.types[i]]
	apply := step{Action: actionApply, Instance: i, Faults: g.faults(), DateOff: g.dateOff()}
	switch {
	case g.chance(15):
		apply.Unknown = pick(g, noun.unknownable...)
	case g.chance(8):
		apply.Wait = pick(g, time.Second, time.Hour, 25*time.Hour)
		if g.chance(60) {
			apply.What = pick(g, noun.events...)
		}
	}
	switch n := g.IntN(100); {
	case n < 14:
		return []step{apply}
	case n < 36:
		if g.chance(8) {
			g.aliases[i] = 1 - g.aliases[i]
		}
		return []step{g.configure(i, g.changed(i)), apply}
	case n < 40:
		return append(g.rename(i), apply)
	case n < 42:
		return append(g.exchange(), apply)
	case n < 46:
		return []step{{Action: actionPlan, Instance: i, Unknown: apply.Unknown, Faults: apply.Faults}}
	case n < 50:
		return []step{{Action: actionRefresh, Faults: apply.Faults}}
	case n < 58:
		return []step{{Action: actionImport, Instance: i, Faults: g.faultsOfImport()}, apply}
	case n < 64:
		return []step{{Action: actionTaint, Instance: i}, apply}
	case n < 70:
		return []step{{Action: actionReplace, Instance: i, Faults: apply.Faults}}
	case n < 84:
		event := pick(g, noun.events...)
		if event == "factor" && g.chance(60) {
			apply = step{Action: actionReplace, Instance: i, Faults: apply.Faults}
		}
		return []step{{Action: actionOutsider, Instance: i, What: event}, apply}
	case n < 92:
		return []step{{Action: actionWait, Wait: pick(g, time.Second, 30*time.Second, 25*time.Hour)}, apply}
	default:
		return []step{{Action: actionAccount}, apply, {Action: actionAccount}}
	}
}

// The kinds of faults. Those in the first list happen before or after the request is processed.
var (
	kindsOfBoth = []string{
		"drop", "500", "502", "503", "504", "timeout", "slow", "interrupt", "kill", "403-page", "413-empty", "499-text", "400-json",
	}
	kindsOfRefusal = []string{"429", "429", "401", "404-json", "404-html", "404-empty"}
	kindsOfDamage  = []string{"cut", "empty", "html", "null-metadata", "null-dates", "odd-dates", "null-config", "odd-status"}
	kindsOfRival   = []string{"rival-name", "rival-secret", "rival-verified"}
)

func (g *generator) faults() []fault {
	var faults []fault
	switch n := g.IntN(100); {
	case n < 6:
		faults = append(faults, fault{Operation: opVerify, Count: 20, Kind: "503"})
	case n < 12:
		faults = append(faults, fault{Operation: opCreateFactor, Request: g.IntN(2), Count: 4, Kind: "swap"})
	case n < 18:
		operation := pick(g, opCreateFactor, opCreateFactor, "webhook create", "service create")
		faults = append(faults, fault{Operation: operation, Request: g.IntN(2), Count: 1, Kind: pick(g, kindsOfRival...)})
	case n < 26: // the response to a create that was processed is lost
		faults = append(faults, fault{
			Operation: pick(g, nouns[pick(g, g.types...)].operations[0]), Request: g.IntN(2), Count: 1, Kind: pick(g, kindsOfBoth...), After: true,
		})
	}
	for range pick(g, 0, 0, 1, 1, 2, 3) {
		faults = append(faults, g.fault())
	}
	return faults
}

// faultsOfImport returns faults that do not hide metadata: if an import reads null, configured
// metadata replaces the factor.
func (g *generator) faultsOfImport() []fault {
	return slices.DeleteFunc(g.faults(), func(f fault) bool { return f.Kind == "null-metadata" })
}

func (g *generator) fault() fault {
	f := fault{Request: pick(g, 0, 0, 0, 1, 1, 2, 3), Count: pick(g, 1, 1, 1, 2, 3, 20)}
	if g.chance(60) {
		f.Operation = pick(g, nouns[pick(g, g.types...)].operations...)
	}
	switch g.IntN(3) {
	case 0:
		f.Kind, f.After = pick(g, kindsOfBoth...), g.chance(50)
	case 1:
		f.Kind = pick(g, kindsOfRefusal...)
	default:
		f.Kind, f.After = pick(g, kindsOfDamage...), true
	}
	switch f.Kind {
	case "slow":
		f.Seconds = 1 + g.IntN(28)
	case "429":
		f.Seconds = pick(g, 0, 1+g.IntN(5), 1+g.IntN(75))
	case "interrupt", "kill":
		f.Count = 1
	}
	return f
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, choices ...T) T { return choices[g.IntN(len(choices))] }

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
