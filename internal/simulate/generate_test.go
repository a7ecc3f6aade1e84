// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// generator generates histories. All its decisions come from the random source.
type generator struct {
	*rand.Rand
	types    []string // the instances' types
	configs  []attributes
	parallel bool
	last     int // number of the last secret or version
}

const maxInstances = 5

// generate returns the history for a seed.
func generate(seed uint64) history {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	h := history{Seed: seed, Setup: g.setup()}
	g.parallel = h.Setup.Parallel
	g.types = g.instances()
	g.configs = make([]attributes, len(g.types))
	for i := range g.types {
		h.Steps = append(h.Steps, g.configure(i, nouns[g.types[i]].configure(g, i)))
	}
	h.Steps = append(h.Steps, step{Action: actionApply, Faults: g.faults()})
	for range 2 + g.IntN(9) {
		h.Steps = append(h.Steps, g.steps()...)
	}
	return h
}

// instances returns the types of one to five instances, each after those that it may refer to.
func (g *generator) instances() []string {
	var types []string
	add := func(typeName string, number int) {
		for range min(number, maxInstances-len(types)) {
			types = append(types, typeName)
		}
	}
	add(serviceType, pick(g, 0, 0, 1, 1, 1, 2))
	add(entityType, pick(g, 0, 0, 1, 1, 2))
	add(webhookType, pick(g, 0, 0, 0, 1, 1, 2))
	add(factorType, pick(g, 0, 1, 1, 2, 3))
	if len(types) == 0 {
		return []string{factorType}
	}
	return types
}

func (g *generator) configure(i int, a attributes) step {
	g.configs[i] = a
	return step{Action: actionConfigure, Instance: i, Type: g.types[i], Config: a}
}

// another returns a configured instance of a type, if there is one.
func (g *generator) another(typeName string) (int, bool) {
	var found []int
	for i, a := range g.configs {
		if g.types[i] == typeName && a != nil {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return 0, false
	}
	return pick(g, found...), true
}

// service returns the service for a configuration: one of the history's, or the mock's default.
func (g *generator) service() any {
	if i, ok := g.another(serviceType); ok && g.chance(80) {
		return reference{i, idAttribute}
	}
	return verifymock.DefaultServiceSID
}

// changed returns the configuration of an instance after a change.
func (g *generator) changed(i int) attributes {
	noun := nouns[g.types[i]]
	if g.configs[i] == nil || g.chance(5) {
		return noun.configure(g, i)
	}
	if g.chance(5) {
		return nil
	}
	a := maps.Clone(g.configs[i])
	if a.has("service_sid") && g.chance(5) {
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
		CreateBeforeDestroy: g.chance(15),
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
	apply := step{Action: actionApply, Instance: i, Faults: g.faults()}
	if g.chance(15) {
		apply.Unknown = pick(g, noun.unknownable()...)
	}
	switch n := g.IntN(100); {
	case n < 14:
		return []step{apply}
	case n < 42:
		return []step{g.configure(i, g.changed(i)), apply}
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
		event := pick(g, noun.events()...)
		if event == "factor" && g.chance(60) {
			apply = step{Action: actionReplace, Instance: i, Faults: apply.Faults}
		}
		return []step{{Action: actionOutsider, Instance: i, What: event}, apply}
	case n < 92:
		return []step{{Action: actionWait, Wait: time.Duration(pick(g, 1, 30, 25*3600)) * time.Second}, apply}
	default:
		return []step{{Action: actionAccount}, apply, {Action: actionAccount}}
	}
}

// The kinds of faults. Those in the first list happen before or after the request is processed.
var (
	kindsOfBoth    = []string{"drop", "500", "502", "503", "504", "timeout", "slow", "interrupt", "kill"}
	kindsOfRefusal = []string{"429", "429", "401", "404-json", "404-html", "404-empty"}
	kindsOfDamage  = []string{"cut", "empty", "html", "null-metadata", "null-dates", "odd-dates", "null-config"}
)

func (g *generator) faults() []fault {
	var faults []fault
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
		f.Operation = pick(g, nouns[pick(g, g.types...)].operations()...)
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
