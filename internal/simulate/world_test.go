// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"bytes"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// violation is the violation of an invariant.
type violation struct {
	Invariant string
	Step      int // counted from 1; one more than the number of steps in world.end
	Detail    string
}

// world is everything that a history acts on: server, network, and Terraform's state.
type world struct {
	history    history
	network    *network
	instances  []*instance
	other      bool // the provider is configured for the other account
	runs       int
	validated  map[string]bool // configurations that the provider accepted
	stepNumber int
	log        buffer // the provider's log
	trace      *strings.Builder
	background sync.WaitGroup

	mu        sync.Mutex
	violation *violation
	secrets   map[string]bool // true for write-only ones
}

// buffer is safe for concurrent use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// take returns what was written and empties the buffer.
func (b *buffer) take() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := bytes.Clone(b.b.Bytes())
	b.b.Reset()
	return all
}

// The other account, which has its own credentials and service.
const (
	otherAccountSID = "AC00000000000000000000000000000002"
	otherToken      = "other-auth-token"
	otherKey        = "SK00000000000000000000000000000002"
	otherSecret     = "other-api-secret"
	otherService    = "VA00000000000000000000000000000002"
)

func newWorld(h history) *world {
	w := &world{history: h, secrets: map[string]bool{}, validated: map[string]bool{}}
	mock := verifymock.New(verifymock.Config{
		Accounts: []verifymock.Account{{
			SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
			APIKeys:  map[string]string{verifymock.DefaultAPIKey: verifymock.DefaultAPISecret},
			Services: []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Simulated"}},
		}, {
			SID: otherAccountSID, AuthToken: otherToken, APIKeys: map[string]string{otherKey: otherSecret},
			Services: []verifymock.Service{{SID: otherService, FriendlyName: "Other"}},
		}},
		LowercaseIdentity: h.Setup.LowercaseIdentity, ConfigNumbersAsStrings: h.Setup.NumbersAsStrings,
		UnknownEntityEmpty: h.Setup.UnknownEntityEmpty, RefuseWrongPayload: h.Setup.RefuseWrongPayload,
		RefuseSecondVerification: h.Setup.RefuseSecond, NullTOTPDefaults: h.Setup.NullDefaults, SortEventTypes: h.Setup.SortEventTypes,
	})
	mock.AdvanceClock(h.Setup.ClockAhead)
	w.network = newNetwork(w, mock)
	for _, s := range h.Steps {
		if s.Action != actionConfigure {
			continue
		}
		for s.Instance >= len(w.instances) {
			w.instances = append(w.instances, &instance{number: len(w.instances)})
		}
		w.instances[s.Instance].typeName, w.instances[s.Instance].noun = s.Type, nouns[s.Type]
	}
	return w
}

func (w *world) logf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trace != nil {
		fmt.Fprintf(w.trace, "%s  %s\n", time.Now().UTC().Format("02 15:04:05.000"), fmt.Sprintf(format, args...))
	}
}

// fail keeps the first violation.
func (w *world) fail(invariant, format string, args ...any) {
	w.logf("VIOLATED %s: %s", invariant, fmt.Sprintf(format, args...))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.violation == nil {
		w.violation = &violation{invariant, w.stepNumber, fmt.Sprintf(format, args...)}
	}
}

func (w *world) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
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

// step executes one step and checks the invariants.
func (w *world) step(s step) {
	i := w.instances[s.Instance]
	switch s.Action {
	case actionConfigure:
		i.config = s.Config
	case actionTaint:
		if i.current != nil {
			i.current.tainted = true
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
	w.checkStep()
}

// run runs Terraform.
func (w *world) run(s step) *run {
	r := w.newRun(s)
	if s.Action == actionImport {
		r.importAgain()
		return r
	}
	if !r.start() {
		return r
	}
	refreshed, changes := r.planAll()
	r.changes = len(changes)
	w.checkPlanned(r)
	if r.failed || s.Action == actionPlan || r.process.ctx.Err() != nil {
		return r
	}
	for _, i := range w.instances { // from here on, the state contains the result of the refresh
		fresh := refreshed[i.number]
		last := len(fresh) - 1
		i.deposed, i.current = nil, fresh[last]
		for _, o := range fresh[:last] {
			if o != nil {
				i.deposed = append(i.deposed, o)
			}
		}
	}
	if len(changes) == 0 || s.Action == actionRefresh {
		return r
	}
	r.show(changes)
	if !r.start() {
		return r
	}
	r.applyAll(changes)
	w.checkLost(r)
	return r
}

func (w *world) newRun(s step) *run {
	w.runs++
	r := &run{
		w: w, number: w.runs, step: s,
		planned: map[string]bool{}, forced: map[string]bool{}, pending: map[string]int{}, creates: map[string]int{}, made: map[string]int{},
		after: make([]tftypes.Value, len(w.instances)), payloads: map[string]bool{},
	}
	w.network.begin(s.Faults)
	for _, i := range w.instances {
		var a attributes
		if w.configured(i) {
			a = maps.Clone(i.config)
			i.noun.resolve(r, i, a)
		}
		r.configs = append(r.configs, a)
	}
	return r
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

// show records what the plan will destroy.
func (r *run) show(changes []*change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range changes {
		r.w.logf("plan: instance %d: %s", c.instance.number, c.action)
		if c.action == doDelete || c.action == doReplace {
			if id := c.object.text(idAttribute); id != "" {
				r.planned[id] = true
				r.forced[id] = c.object.flag("force_destroy")
			} else {
				r.pending[c.instance.noun.key(c.object.text)]++
			}
		}
	}
}

// importAgain removes an object from the state and imports it.
func (r *run) importAgain() {
	i := r.w.instances[r.step.Instance]
	id := i.current.text(idAttribute)
	if id == "" || !r.w.configured(i) {
		return
	}
	importID, hidden := i.current.text("id"), r.w.elsewhere(i.current)
	r.w.network.giveUp(id)
	i.current = nil
	if r.start() && r.importObject(i, importID, hidden) {
		r.w.network.takeBack(id)
	}
}

// end removes the obstacles that only a person can remove, applies until the plan is empty, and
// destroys everything.
func (w *world) end() {
	w.other = false
	w.history.Setup.CreateBeforeDestroy = false
	time.Sleep(betweenSteps) // until the requests of a killed process have ended
	w.cleanUp()
	w.destroyDeposed()
	w.settle("settle", 3)
	if w.failed() || w.blockedForGood() {
		return
	}
	w.cleanUp() // entities that the applies took over may contain outsiders' factors
	for _, i := range w.instances {
		i.config = nil
	}
	// An entity may be destroyed before a factor in it that does not refer to it. The first destroy
	// is then refused.
	w.settle("destroy", 2)
	for id, r := range w.network.objects() {
		if !r.Outsider && !r.Implicit && !nouns[r.Type].takenOver() {
			w.fail("destroy", "%s still exists after everything was destroyed", id)
		}
	}
}

// settle applies until the plan is empty.
func (w *world) settle(invariant string, applies int) {
	var last *run
	for range applies + 1 {
		last = w.run(step{Action: actionApply})
		w.checkStep()
		if w.failed() || w.blockedForGood() || !last.failed && last.changes == 0 {
			return
		}
	}
	w.fail(invariant, "not settled after %d applies: %s", applies, textsOf(last.diags))
}

// destroyDeposed does what terraform destroy -target does, for factors with a configured secret or
// key that have a deposed object: Twilio accepts no new factor while that one has the secret or
// key.
func (w *world) destroyDeposed() {
	configs := map[*instance]attributes{}
	for _, i := range w.instances {
		if i.typeName == factorType && len(i.deposed) > 0 && (i.config.has("binding_secret") || i.config.has("binding_secret_wo") || i.config.has("binding_public_key")) {
			configs[i], i.config = i.config, nil
		}
	}
	if len(configs) == 0 {
		return
	}
	w.run(step{Action: actionApply})
	w.checkStep()
	for i, config := range configs {
		i.config = config
	}
}

// cleanUp does what a person has to do before everything can settle: delete what a killed process
// or a failed import left behind, delete outsiders' factors from objects that will be destroyed,
// remove objects of the other account from the state, and clean up each noun.
func (w *world) cleanUp() {
	known := map[string]bool{}
	for _, i := range w.instances {
		if w.elsewhere(i.current) {
			w.network.giveUpAll(i, i.current)
			i.current = nil
		}
		i.deposed = slices.DeleteFunc(i.deposed, w.elsewhere)
		if i.noun != nil {
			i.noun.cleanUp(w, i)
		}
		for _, o := range i.objects() {
			known[o.text(idAttribute)] = true
		}
	}
	for id, r := range w.network.objects() {
		left := r.Outsider && r.Maker != nil || r.Maker != nil && r.Maker.killed()
		inOurs := r.Type == factorType && slices.ContainsFunc(r.Within, func(parent string) bool { return known[parent] })
		if !known[id] && (left || r.Outsider && inOurs) {
			nouns[r.Type].remove(w.network.mock, r.held)
		}
	}
}

// elsewhere reports whether an object is in an account other than that of the credentials, or its
// create was sent to one.
func (w *world) elsewhere(o *object) bool {
	account, key := otherAccountSID, otherKey
	if w.other {
		account, key = verifymock.DefaultAccountSID, verifymock.DefaultAPIKey
	}
	sent := o.text("url")
	return o.text("account_sid") == account || strings.Contains(sent, account) || strings.Contains(sent, key)
}

// ambiguous reports whether the create of an object has an unknown outcome that only a person can
// resolve: the server holds the object, or one that looks like it.
func (w *world) ambiguous(i *instance, o *object) bool {
	if o.text(idAttribute) != "" {
		return false
	}
	for _, r := range w.network.objects() {
		if r.Type == i.typeName && r.Key == i.noun.key(o.text) {
			return true
		}
	}
	return false
}

// blockedForGood reports whether only a person can continue, because a lost create is ambiguous.
func (w *world) blockedForGood() bool {
	for _, i := range w.instances {
		if slices.ContainsFunc(i.objects(), func(o *object) bool { return w.ambiguous(i, o) }) {
			return true
		}
	}
	return false
}
