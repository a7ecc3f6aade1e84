// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"math/rand/v2"
	"slices"
	"time"
)

// generator makes histories. All that it decides comes from its source.
type generator struct {
	*rand.Rand
	configs []attributes
	last    int // number of the last secret or version
}

const maxInstances = 3

// generate returns the history of a seed.
func generate(seed uint64) history {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	h := history{Seed: seed, Setup: g.setup()}
	g.configs = make([]attributes, 1+g.IntN(maxInstances))
	for i := range g.configs {
		g.configs[i] = g.newFactor(i)
		h.Steps = append(h.Steps, step{Action: actionConfigure, Instance: i, Config: g.configs[i]})
	}
	h.Steps = append(h.Steps, step{Action: actionApply, Faults: g.faults()})
	for range 2 + g.IntN(9) {
		h.Steps = append(h.Steps, g.steps()...)
	}
	return h
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
	}
}

// steps returns an event, followed by an apply if it is one that an apply would act on.
func (g *generator) steps() []step {
	i := g.IntN(len(g.configs))
	apply := step{Action: actionApply, Instance: i, Faults: g.faults()}
	if g.chance(15) {
		apply.Unknown = unknownable[g.IntN(len(unknownable))]
	}
	switch n := g.IntN(100); {
	case n < 14:
		return []step{apply}
	case n < 42:
		g.configs[i] = g.changed(i)
		return []step{{Action: actionConfigure, Instance: i, Config: g.configs[i]}, apply}
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
		return []step{{Action: actionOutsider, Instance: i, What: pick(g, "rename", "reconfigure", "delete", "delete", "lookalike")}, apply}
	case n < 92:
		return []step{{Action: actionWait, Wait: time.Duration(pick(g, 1, 30, 25*3600)) * time.Second}, apply}
	default:
		return []step{{Action: actionAccount}, apply, {Action: actionAccount}}
	}
}

// kinds are the faults. Those of the first list happen before or after processing.
var (
	kindsOfBoth    = []string{"drop", "500", "502", "503", "504", "timeout", "slow", "interrupt", "kill"}
	kindsOfRefusal = []string{"429", "429", "401", "404-json", "404-html", "404-empty"}
	kindsOfDamage  = []string{"cut", "empty", "html", "null-metadata", "null-dates", "odd-dates", "null-config"}
	operations     = []string{"create", "fetch", "list", "update", "verify", "delete", "service"}
)

func (g *generator) faults() []fault {
	var faults []fault
	for range pick(g, 0, 0, 1, 1, 2, 3) {
		faults = append(faults, g.fault())
	}
	return faults
}

// faultsOfImport leaves the metadata alone: an import that reads null knows of none, and a configuration that sets some
// has to replace the factor.
func (g *generator) faultsOfImport() []fault {
	return slices.DeleteFunc(g.faults(), func(f fault) bool { return f.Kind == "null-metadata" })
}

func (g *generator) fault() fault {
	f := fault{Request: pick(g, 0, 0, 0, 1, 1, 2, 3), Count: pick(g, 1, 1, 1, 2, 3, 20)}
	if g.chance(60) {
		f.Operation = pick(g, operations...)
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

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }
