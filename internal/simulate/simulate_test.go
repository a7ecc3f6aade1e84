// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
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

type violation struct {
	Invariant string
	Step      int // counted from 1; one more than the number of steps in world.end
	Detail    string
}

// world is everything that a history acts on: server, network, and Terraform's state.
type world struct {
	history    history
	network    *network
	core       *tfcore.Core
	instances  []*instance
	other      bool // the provider is configured for the other account
	runs       int
	hidden     map[string]bool // IDs of objects that were imported with credentials of the other account
	stepNumber int
	trace      *strings.Builder
	background sync.WaitGroup

	mu        sync.Mutex
	violation *violation
	secrets   map[string]bool // true for write-only ones
	messages  strings.Builder // everything that the provider said
}

// accounts are that of the objects and another one, which the provider may be configured for by mistake.
var accounts = []verifymock.Account{{
	SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
	APIKeys:  map[string]string{verifymock.DefaultAPIKey: verifymock.DefaultAPISecret},
	Services: []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Simulated"}},
}, {
	SID: "AC00000000000000000000000000000002", AuthToken: "other-auth-token",
	APIKeys:  map[string]string{"SK00000000000000000000000000000002": "other-api-secret"},
	Services: []verifymock.Service{{SID: "VA00000000000000000000000000000002", FriendlyName: "Other"}},
}}

// account returns the account that the provider is configured for.
func (w *world) account() verifymock.Account {
	if w.other {
		return accounts[1]
	}
	return accounts[0]
}

func newWorld(h history) *world {
	w := &world{history: h, secrets: map[string]bool{}, hidden: map[string]bool{}}
	w.core = &tfcore.Core{Parallel: h.Setup.Parallel, CreateBeforeDestroy: h.Setup.CreateBeforeDestroy}
	mock := verifymock.New(verifymock.Config{
		Seed: h.Seed + 1, Accounts: accounts,
		LowercaseIdentity: h.Setup.LowercaseIdentity, ConfigNumbersAsStrings: h.Setup.NumbersAsStrings,
		UnknownEntityEmpty: h.Setup.UnknownEntityEmpty, RefuseWrongPayload: h.Setup.RefuseWrongPayload,
		RefuseSecondVerification: h.Setup.RefuseSecond, NullTOTPDefaults: h.Setup.NullDefaults, SortEventTypes: h.Setup.SortEventTypes,
	})
	mock.AdvanceClock(h.Setup.ClockAhead)
	w.network = &network{world: w, mock: mock, records: map[string]*record{}, payload: map[string]time.Time{}, swaps: make(chan swap)}
	for _, s := range h.Steps {
		if s.Action != actionConfigure {
			continue
		}
		for s.Instance >= len(w.instances) {
			i := &instance{Instance: &tfcore.Instance{Number: len(w.instances), TypeName: factorType}, noun: &factorNoun}
			w.instances, w.core.Instances = append(w.instances, i), append(w.core.Instances, i.Instance)
		}
		i := w.instances[s.Instance]
		i.TypeName, i.noun = s.Type, nouns[s.Type]
	}
	return w
}

func (w *world) logf(format string, args ...any) {
	defer lock(&w.mu)()
	if w.trace != nil {
		fmt.Fprintf(w.trace, "%s  %s\n", time.Now().UTC().Format("02 15:04:05.000"), fmt.Sprintf(format, args...))
	}
}

func (w *world) fail(invariant, format string, args ...any) {
	w.logf("VIOLATED %s: %s", invariant, fmt.Sprintf(format, args...))
	defer lock(&w.mu)()
	if w.violation == nil {
		w.violation = &violation{invariant, w.stepNumber, fmt.Sprintf(format, args...)}
	}
}

func (w *world) failed() bool {
	defer lock(&w.mu)()
	return w.violation != nil
}

// execute executes a history, and returns the first violation, or nil if every invariant held.
func execute(h history, trace *strings.Builder) (v *violation) {
	w := newWorld(h)
	w.trace = trace
	defer func() {
		if failure := recover(); failure != nil {
			w.fail("panic", "%v\n%s", failure, debug.Stack())
		}
		w.network.close()
		w.background.Wait()
		v = w.violation
	}()
	for n, s := range h.Steps {
		w.stepNumber = n + 1
		time.Sleep(betweenSteps)
		w.logf("STEP %d. %v", n+1, s)
		if s.Instance < len(w.instances) {
			w.step(s)
		}
		if w.failed() {
			return nil
		}
	}
	w.stepNumber = len(h.Steps) + 1
	w.end()
	return nil
}

// betweenSteps is the time between two runs of Terraform. Twilio's dates are whole seconds: if two
// runs each created a factor within one second, no search could tell the factors apart.
const betweenSteps = 3 * time.Second

func (w *world) step(s step) {
	i := w.instances[s.Instance]
	switch s.Action {
	case actionConfigure:
		i.config, i.Alias = s.Config, s.Alias
	case actionMove:
		if s.To < len(w.instances) && len(w.instances[s.To].Objects()) == 0 {
			w.core.Move(i.Instance, w.instances[s.To].Instance)
		}
	case actionTaint:
		if i.Current != nil {
			i.Current.Tainted = true
		}
	case actionOutsider:
		w.network.outside(i, s.What)
	case actionWait:
		time.Sleep(s.Wait)
	case actionAccount:
		w.other = !w.other
	default:
		w.run(s)
	}
	w.checkOrphans()
}

// configured reports whether the configuration has an instance. An instance is removed with those
// that it refers to.
func (w *world) configured(i *instance) bool {
	for _, parent := range i.config.parents() {
		if parent >= len(w.instances) || !w.configured(w.instances[parent]) {
			return false
		}
	}
	return i.config != nil
}

// end removes the obstacles that only a person can remove, applies until the plan is empty, and
// destroys everything.
func (w *world) end() {
	w.other, w.core.CreateBeforeDestroy = false, false
	w.network.mu.Lock()
	w.history.Setup.ListLag, w.history.Setup.FetchLag = 0, 0
	w.network.mu.Unlock()
	time.Sleep(time.Minute) // until the requests of a killed process have ended, and lists show everything
	w.cleanUp()
	w.destroyDeposed()
	w.settle("settle", 3)
	if w.failed() {
		return
	}
	w.cleanUp() // entities that the applies took over may contain outsiders' factors
	for _, i := range w.instances {
		i.config = nil
	}
	w.settle("destroy", 2)
	for id, r := range w.network.objects() {
		if !r.Outsider && !r.Implicit && !r.Named && !nouns[r.Type].takenOver && !w.named(id) {
			w.fail("destroy", "%s still exists after everything was destroyed", id)
		}
	}
}

// settle applies until the plan is empty.
func (w *world) settle(invariant string, applies int) {
	var last *run
	for range applies + 1 {
		last = w.run(step{Action: actionApply})
		w.checkOrphans()
		if w.failed() || !last.failed && last.changes == 0 {
			return
		}
		w.cleanUp() // what an error named only now
	}
	w.fail(invariant, "not settled after %d applies: %s", applies, tfcore.Texts(last.diags))
}

// destroyDeposed does what terraform destroy -target does, for factors with a configured secret or
// key that have a deposed object: Twilio accepts no new factor while that one has the secret or
// key.
func (w *world) destroyDeposed() {
	configs := map[*instance]attributes{}
	for _, i := range w.instances {
		if i.TypeName == factorType && len(i.Deposed) > 0 &&
			(i.config.has("binding_secret") || i.config.has("binding_secret_wo") || i.config.has("binding_public_key")) {
			configs[i], i.config = i.config, nil
		}
	}
	if len(configs) == 0 {
		return
	}
	w.run(step{Action: actionApply})
	w.checkOrphans()
	for i, config := range configs {
		i.config = config
	}
}

// cleanUp does what a person has to do before everything can settle: delete what a killed process,
// a failed import, or a create that an error described left behind, delete outsiders' factors from
// objects that will be destroyed, remove objects of the other account from the state, and clean up
// each noun.
func (w *world) cleanUp() {
	known := map[string]bool{}
	for _, i := range w.instances {
		if w.elsewhere(i.Current) {
			w.network.mark(idOf(i.Current), (*record).giveUp)
			i.Current = nil
		}
		i.Deposed = slices.DeleteFunc(i.Deposed, w.elsewhere)
		if i.noun.cleanUp != nil {
			i.noun.cleanUp(w, i)
		}
		for _, o := range i.Objects() {
			known[idOf(o)] = true
		}
	}
	for id, r := range w.network.objects() {
		left := r.Maker != nil && (r.Outsider || r.Named || r.Maker.killed() || w.named(id))
		left = left || r.Type == factorType && w.named(id) // an outsider's that has the secret of ours
		inOurs := r.Type == factorType && slices.ContainsFunc(r.Within, func(parent string) bool { return known[parent] })
		if !known[id] && (left && !nouns[r.Type].takenOver || r.Outsider && inOurs) {
			nouns[r.Type].remove(w.network.mock, id)
		}
	}
}

// elsewhere reports whether an object is in an account other than that of the credentials.
func (w *world) elsewhere(o *tfcore.Object) bool {
	sid := o.Text("account_sid")
	return sid != "" && sid != w.account().SID
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
	for text, want := range map[string][2]bool{ // of any secret, and of a write-only value
		"secret=MFRGGZDFMZTWQ2LK&issuer=a":          {true, false},
		"mfrggzdfmztwq2lk":                          {true, false},
		"otpauth://?s=GEZDGNBVGY%3D%3D%3D%3D%3D%3D": {true, true},
		`{"code":"135790"}`:                         {true, true},
		"the number 1357901 and YF135790ab":         {false, false},
	} {
		if got := [2]bool{w.find([]byte(text), false) != "", w.find([]byte(text), true) != ""}; got != want {
			t.Errorf("in %q: found %t, want %t", text, got, want)
		}
	}
}
