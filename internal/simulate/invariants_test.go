// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"bytes"
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

// known returns the objects on the server. Those without a record were created by an outsider.
func (n *network) known() map[string]held {
	objects := heldObjects(n.mock)
	for id, o := range objects {
		if n.records[id] == nil {
			n.records[id] = &record{held: o, Outsider: true}
		}
	}
	return objects
}

// objects returns copies of the records of the objects on the server, because a killed process's
// requests may still change the records.
func (n *network) objects() map[string]*record {
	defer lock(&n.mu)()
	objects := map[string]*record{}
	for id, o := range n.known() {
		r := n.records[id]
		r.held = o
		copied := *r
		objects[id] = &copied
	}
	return objects
}

func (n *network) mark(id string, change func(*record)) {
	defer lock(&n.mu)()
	if r := n.records[id]; r != nil {
		change(r)
	}
}

// giveUp marks an object as an outsider's: the user takes care of it, not Terraform.
func (r *record) giveUp() { r.Outsider = true }

// remember keeps a message, because an object that it names is known.
func (w *world) remember(message string) {
	defer lock(&w.mu)()
	w.messages.WriteString(message)
}

func (w *world) named(id string) bool {
	defer lock(&w.mu)()
	return strings.Contains(w.messages.String(), id)
}

// checkOrphans looks for objects that neither the state, nor an outsider, nor a reader of the
// messages knows.
func (w *world) checkOrphans() {
	known := map[string]bool{}
	for _, i := range w.instances {
		for _, o := range i.Objects() {
			if known[idOf(o)] = true; idOf(o) == "" {
				w.fail("note", "the state of instance %d has an object without a SID", i.Number)
			}
		}
	}
	for id, r := range w.network.objects() {
		if !known[id] && !r.Outsider && !r.Implicit && !r.Named && !r.Maker.killed() && !nouns[r.Type].takenOver && !w.named(id) {
			w.fail("orphan", "%s (%s) is on the server, but is neither in the state nor an outsider's, and no message named it", id, r.Key)
		}
	}
}

// checkDeleted checks what a request of the provider deleted: an object and its contents.
func (w *world) checkDeleted(p *process, deleted []*record) {
	r := p.run
	defer lock(&r.mu)()
	shown := map[string]bool{} // by the plan
	slices.SortFunc(deleted, func(a, b *record) int { return cmp.Compare(nouns[a.Type].rank, nouns[b.Type].rank) })
	for _, o := range deleted {
		o.Deleter = p
		// The contents of a service are deleted with it, but factors only with force_destroy.
		withParent := slices.ContainsFunc(o.Within, func(parent string) bool {
			return shown[parent] && (o.Type != factorType || r.forced[parent] && w.network.records[parent].Type == serviceType)
		})
		// An entity's factors are counted in a list that may lag behind.
		hidden := o.Type == factorType && time.Since(o.Created) < w.history.Setup.ListLag
		if !r.planned[o.ID] && !withParent && !hidden {
			w.fail("deleted", "%s (%s, verified: %t, an outsider's: %t) was deleted, but no plan showed it",
				o.ID, o.Key, o.Verified, o.Outsider || o.Maker == nil)
		}
		for id, r := range w.network.records {
			if o.Type == factorType && o.Verified && r.Maker == p && r.Unproven && !r.Verified && r.Deleter == nil {
				w.fail("rotated", "verified factor %s was deleted, while its apply left %s unverified", o.ID, id)
			}
		}
		shown[o.ID] = true
	}
}

func (w *world) checkRefreshed(i *instance, e tfcore.Event) {
	id := idOf(e.Before)
	if e.After != nil || id == "" {
		return
	}
	// An entity that was replaced with itself has two objects, of which one leaves the state.
	second := slices.ContainsFunc(i.Objects(), func(o *tfcore.Object) bool { return o != e.Before && idOf(o) == id })
	// Without a right clock, an object that a read does not show yet looks old enough to be missing.
	lagging := w.history.Setup.FetchLag > 0 && !w.network.run.clockIsRight()
	if w.network.objects()[id] != nil && !w.hidden[id] && !second && !lagging {
		w.fail("forgotten", "a refresh removed %s of instance %d from the state, but the server still holds it", id, i.Number)
	}
	if len(e.Diagnostics) == 0 {
		w.fail("unannounced", "a refresh removed %s of instance %d from the state without a warning", id, i.Number)
	}
}

// checkGone checks a destroy that succeeded. The replacement of an entity may be the same object.
func (w *world) checkGone(i *instance, e tfcore.Event) {
	id := idOf(e.Before)
	kept := i.Current != e.Before && idOf(i.Current) == id
	said := containsFold(tfcore.Texts(e.Diagnostics), id) || containsFold(tfcore.Texts(e.Diagnostics), e.Before.Text("identity"))
	if id != "" && !kept && w.network.objects()[id] != nil && !said {
		w.fail("forgotten", "the destroy of %s of instance %d succeeded, but the server still holds it", id, i.Number)
	}
}

// removed reports whether a run has deleted an object itself, with a service that has force_destroy
// or in the process of another alias, which cannot know the object, or found it gone: an update that
// has nothing to send does not notice that.
func (n *network) removed(r *run, id string) bool {
	defer lock(&n.mu)()
	o := n.records[id]
	otherwise := o.Deleter != nil && len(r.processes) > 1
	before := o.Deleter == nil && (o.Maker == nil || o.Maker.run != r)
	return before || otherwise || slices.ContainsFunc(o.Within, func(parent string) bool { return r.forced[parent] })
}

// checkLost looks for objects that an apply created or changed, but that do not exist when it ends.
func (w *world) checkLost(r *run) {
	objects := w.network.objects()
	for _, i := range w.instances {
		if id := idOf(i.Current); r.applied[id] && objects[id] == nil && !w.network.removed(r, id) {
			w.fail("lost", "%s of instance %d was applied, but the server does not hold it", id, i.Number)
		}
	}
}

func (w *world) checkReplaced(r *run, i *instance, e tfcore.Event) {
	c := e.Change
	forced := r.step.Action == actionReplace && r.step.Instance == i.Number
	if c.Action != tfcore.Replace || forced || c.Object.Tainted || !e.Config.IsFullyKnown() {
		return
	}
	a := maps.Clone(attributes(i.Config))
	planned := &tfcore.Object{Value: e.Config}
	for name, v := range a {
		if _, ok := v.(reference); ok {
			a[name] = planned.Text(name)
		}
	}
	id := idOf(c.Object)
	if id != "" && i.noun.asConfigured(w.network.mock, a, c.Object, id) {
		w.fail("replaced", "the plan replaces %s of instance %d, although it matches the configuration", id, i.Number)
	}
}

func (r *run) checkApplied(i *instance, e tfcore.Event, failed bool) {
	w := r.w
	r.checkMessages(i, e, failed)
	if e.After == nil {
		switch {
		case !failed && e.Before != nil:
			w.checkGone(i, e)
		case e.Before == nil && failed:
			a := w.evaluated(i)
			if a != nil && containsFold(tfcore.Texts(e.Diagnostics), textOf(a[i.noun.label])) { // the error describes what it may have left
				w.network.markMade(r, i)
			}
		}
		return
	}
	if e.Before == nil && (mayExist.MatchString(tfcore.Texts(e.Diagnostics)) || i.noun.unkeyed && !r.clockIsRight()) {
		w.network.markMade(r, i)
	}
	if failed && e.Before != nil {
		w.checkNoWorse(i, e)
	}
	if id := idOf(e.After); id != "" && e.Change.Action != tfcore.Delete {
		// An update of an entity sends nothing, so it does not protect the entity from another resource
		// for it, whose deletion the plan shows.
		sendsNothing := i.TypeName == entityType && idOf(e.Before) == id
		r.mu.Lock()
		r.applied[id] = (!failed || e.Before == nil) && !sendsNothing
		r.mu.Unlock()
		w.checkObject(r, i, e, id, failed)
	}
}

// mayExist matches the warning that the look for what a lost create left failed.
var mayExist = regexp.MustCompile(`Equal [a-z ]+ may exist`)

// markMade marks the objects that a run made and that an instance may have meant.
func (n *network) markMade(r *run, i *instance) {
	a := n.world.evaluated(i)
	key := i.noun.keyOf(func(name string) string { return textOf(a[name]) })
	defer lock(&n.mu)()
	for id := range n.known() {
		if o := n.records[id]; o.Type == i.TypeName && o.Key == key && o.Maker != nil && o.Maker.run == r {
			o.Named = true
		}
	}
}

func (r *run) checkMessages(i *instance, e tfcore.Event, failed bool) {
	text := tfcore.Texts(e.Diagnostics)
	id := idOf(e.After)
	if f, ok := r.w.network.mock.Factor(id); ok && f.Status == "verified" && strings.Contains(text, id+" is unverified") {
		r.w.fail("misinformed", "a message says that verified factor %s is unverified: %s", id, text)
	}
	if failed && r.withoutFaults() && (strings.Contains(text, "error 60200") || strings.Contains(text, "error 20001")) {
		r.w.fail("late", "the apply of instance %d is refused for what its plan could know: %s", i.Number, text)
	}
}

func (w *world) checkObject(r *run, i *instance, e tfcore.Event, id string, failed bool) {
	object := w.network.objects()[id]
	if object == nil {
		return
	}
	created := e.Before == nil
	if created {
		if strings.Contains(tfcore.Texts(e.Diagnostics), "only a verification proves that it is the configured one") {
			w.network.mark(id, func(r *record) { r.Doubtful = true })
			object.Doubtful = true
		}
		if what := i.noun.wrong(w.network.mock, attributes(i.Config), e.After, object); what != "" {
			w.fail("stolen", "instance %d has %s in its state, which is not what it asked for: %s", i.Number, id, what)
		}
		w.network.claim(r, i, e.After, id)
	}
	if e.After.Tainted && (created || !e.Before.Tainted) {
		switch {
		case object.Refused != r.number:
			w.fail("tainted", "instance %d is tainted, but Twilio refused no code for %s "+
				"(verified: %t): %s", i.Number, id, object.Verified, r.messages())
		case r.withoutFaults() && r.clockIsRight() && !attributes(i.Config).has("auth_payload_wo"):
			w.fail("unverified", "nothing failed, but instance %d is tainted: %s", i.Number, r.messages())
		}
	}
	hidden := slices.ContainsFunc(r.step.Faults, func(f fault) bool { return f.Kind == "null-config" || f.Kind == "odd-status" })
	if !failed && !hidden && r.step.What == "" { // no response hid a drift
		name := i.noun.untrue(w.network.mock, e.After, id)
		told := object.Doubtful && strings.HasPrefix(name, "binding_secret ")
		if name != "" && !told && !strings.Contains(r.messages(), "Factor not verified yet") {
			w.fail("untrue", "after an apply without errors, %s of instance %d differs from the server", name, i.Number)
		}
	}
}

// clockIsRight reports whether the server's Date header or this machine's clock is right.
func (r *run) clockIsRight() bool {
	return r.step.DateOff == 0 || r.w.history.Setup.ClockAhead == 0
}

// claim records that a create ended with an object in the state.
func (n *network) claim(r *run, i *instance, o *tfcore.Object, id string) {
	processes := r.started()
	defer lock(&n.mu)()
	object := n.records[id]
	if object.Outsider { // taken
		object.Outsider, object.Maker = false, nil
		if at := slices.IndexFunc(processes, func(p *process) bool { return p.alias == i.Alias }); at >= 0 {
			object.Maker = processes[at]
		}
	}
	object.Unproven = i.TypeName == factorType && o.Flag("auto_verify")
}

// checkNoWorse checks that an error removed no value that the plan kept.
func (w *world) checkNoWorse(i *instance, e tfcore.Event) {
	had, has, planned := members(e.Before), members(e.After), tfcore.Members(e.Change.Planned)
	for name, v := range had {
		lost := !v.IsNull() && has[name].IsNull() && (planned == nil || !planned[name].IsNull())
		if lost || name == idAttribute && !v.Equal(has[name]) {
			w.fail("worse", "an error changed %s of instance %d to %s", name, i.Number, has[name])
		}
	}
}

func (w *world) checkPlanned(r *run) {
	if !r.failed || len(r.step.Faults) > 0 || w.other {
		return
	}
	for _, i := range w.instances {
		if slices.ContainsFunc(i.Objects(), w.elsewhere) || i.Config != nil && i.noun.mayBlock != nil && i.noun.mayBlock(r, i) {
			return
		}
	}
	w.fail("blocked", "a plan without faults failed: %s", tfcore.Texts(r.diags))
}

func (w *world) note(secret string, writeOnly bool) {
	defer lock(&w.mu)()
	for _, form := range []string{secret, url.QueryEscape(secret)} {
		if form = strings.ToLower(form); len(secret) >= 6 {
			w.secrets[form] = w.secrets[form] || writeOnly
		}
	}
}

// find returns a secret that the text contains, in any case or percent-encoded, or "" if there is
// none.
func (w *world) find(text []byte, writeOnly bool) string {
	defer lock(&w.mu)()
	text = bytes.ToLower(text)
	for secret, isWriteOnly := range w.secrets {
		if (isWriteOnly || !writeOnly) && containsWord(text, []byte(secret)) {
			return secret
		}
	}
	return ""
}

// containsWord reports whether the text contains the word. A short word must not be part of a
// longer one, because a code of six digits is also part of many numbers.
func containsWord(text, word []byte) bool {
	for from := 0; ; {
		at := bytes.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		from = at + 1
		end := at + len(word)
		if len(word) >= 16 || (at == 0 || !isWord(text[at-1])) && (end == len(text) || !isWord(text[end])) {
			return true
		}
	}
}

func isWord(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || b == '.'
}

// checkSecret searches a text for secrets, or only for write-only values.
func (w *world) checkSecret(where string, writeOnly bool, text []byte) {
	if secret := w.find(text, writeOnly); secret != "" {
		w.fail("secret", "%s contains the secret %s", where, secret)
	}
}

// Write searches a line of the provider's log for secrets.
func (w *world) Write(line []byte) (int, error) {
	w.checkSecret("the log's line "+string(line), false, line)
	return len(line), nil
}

// outside lets an outsider change the object of an instance, or create one that looks like it.
func (n *network) outside(i *instance, event string) {
	defer lock(&n.mu)()
	if !n.world.configured(i) || event == "" {
		return
	}
	a := n.world.referring(i.config)
	if _, ok := n.mock.Service(a.text("service_sid")); ok || a != nil && !a.has("service_sid") {
		i.noun.outside(n.mock, a, idOf(i.Current), event)
	}
}
