// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// defaultSeeds is the number of histories if SIMULATE_SEEDS is not set.
const defaultSeeds = 60

// stuck is the real time after which a history counts as stuck. A history takes a few hundredths of
// a second, and much longer on a busy machine.
const stuck = 2 * time.Minute

func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TWILIO_") {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	debug.SetGCPercent(800) // the framework allocates a lot, and collecting garbage took a third of the time
	os.Exit(m.Run())
}

// TestSimulation runs SIMULATE_SEEDS histories, beginning with the seed SIMULATE_FIRST (default 1),
// or only the history of the seed SIMULATE_SEED. If SIMULATE_REPORTS names a directory, it also
// writes violations to files there.
func TestSimulation(t *testing.T) {
	t.Parallel()
	if seed := number(t, "SIMULATE_SEED", 0); seed != 0 {
		simulate(t, uint64(seed))
		return
	}
	seeds, first := number(t, "SIMULATE_SEEDS", defaultSeeds), number(t, "SIMULATE_FIRST", 1)
	started := time.Now()
	t.Cleanup(func() {
		t.Logf("%d histories, %.1f a second", seeds, float64(seeds)/time.Since(started).Seconds())
	})
	var next atomic.Uint64
	next.Store(uint64(first))
	for worker := range runtime.GOMAXPROCS(0) {
		t.Run(strconv.Itoa(worker), func(t *testing.T) {
			t.Parallel()
			for seed := next.Add(1) - 1; seed < uint64(first+seeds); seed = next.Add(1) - 1 {
				simulate(t, seed)
			}
		})
	}
}

// number returns the value of a variable, or the default if it is not set.
func number(t *testing.T, variable string, value int) int {
	t.Helper()
	if text := os.Getenv(variable); text != "" {
		var err error
		if value, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
	}
	return value
}

// simulate runs the history of a seed and reports a violation with the shrunk history.
func simulate(t *testing.T, seed uint64) {
	t.Helper()
	h := generate(seed)
	v := inBubble(t, h, nil)
	if v == nil {
		return
	}
	small := shrink(h, v.Invariant, func(h history) *violation { return inBubble(t, h, nil) })
	var trace strings.Builder
	if again := inBubble(t, small, &trace); again != nil {
		v = again
	}
	report := fmt.Sprintf("seed %d violates %q at step %d: %s\nreplay with make simulate SEED=%d\n%v\n%s",
		seed, v.Invariant, v.Step, v.Detail, seed, small, trace.String())
	if dir := os.Getenv("SIMULATE_REPORTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.txt", v.Invariant, seed)), []byte(report), 0o600); err != nil {
			t.Error(err)
		}
	}
	t.Error(report)
}

// inBubble executes a history on a virtual clock of its own.
func inBubble(t *testing.T, h history, trace *strings.Builder) (v *violation) {
	t.Helper()
	schemas() // outside the bubble, because the result outlives it
	keys()
	// A bubble's clock stands still while a goroutine waits for a mutex, so a request under a lock
	// that another goroutine waits for never ends.
	watchdog := time.AfterFunc(stuck, func() {
		debug.SetTraceback("all")
		panic(fmt.Sprintf("a lock is held across a wait, or a goroutine never stops running, in this history:\n%v", h))
	})
	defer watchdog.Stop()
	synctest.Test(t, func(*testing.T) { v = execute(h, trace) })
	return v
}

func TestGenerate_SameSeedSameHistory(t *testing.T) {
	t.Parallel()
	if a, b := generate(7).String(), generate(7).String(); a != b {
		t.Errorf("seed 7 gives two different histories:\n%s\n%s", a, b)
	}
	if generate(7).String() == generate(8).String() {
		t.Error("different seeds give the same history")
	}
}

func TestShrink_KeepsOnlyWhatFails(t *testing.T) {
	t.Parallel()
	h := generate(7)
	h.Steps = append(h.Steps, step{Action: actionApply, Faults: []fault{{Kind: "drop", Count: 3}, {Kind: "kill", Count: 1}}})
	small := shrink(h, "orphan", func(h history) *violation {
		for _, s := range h.Steps {
			for _, f := range s.Faults {
				if f.Kind == "kill" {
					return &violation{Invariant: "orphan"}
				}
			}
		}
		return nil
	})
	if len(small.Steps) != 1 || len(small.Steps[0].Faults) != 1 || small.Steps[0].Faults[0].Kind != "kill" {
		t.Errorf("the history is not shrunk to its kill:\n%v", small)
	}
}

func TestWorld_FindsSecrets(t *testing.T) {
	t.Parallel()
	w := &world{secrets: map[string]bool{}}
	w.note("MFRGGZDFMZTWQ2LK", false)
	w.note("GEZDGNBVGY======", true)
	w.note("135790", true)
	for text, want := range map[string]struct{ any, writeOnly bool }{
		"secret=MFRGGZDFMZTWQ2LK&issuer=a":          {true, false},
		"mfrggzdfmztwq2lk":                          {true, false},
		"otpauth://?s=GEZDGNBVGY%3D%3D%3D%3D%3D%3D": {true, true},
		`{"code":"135790"}`:                         {true, true},
		"the number 1357901 and YF135790ab":         {false, false},
	} {
		if got := w.find([]byte(text), false) != ""; got != want.any {
			t.Errorf("a secret in %q: %t, want %t", text, got, want.any)
		}
		if got := w.find([]byte(text), true) != ""; got != want.writeOnly {
			t.Errorf("a write-only value in %q: %t, want %t", text, got, want.writeOnly)
		}
	}
}
