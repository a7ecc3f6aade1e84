// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
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

// objects returns the records of the objects on the server.
func (n *network) objects() map[string]*record {
	n.mu.Lock()
	defer n.mu.Unlock()
	objects := map[string]*record{}
	for id, o := range n.known() {
		r := n.records[id]
		r.held = o
		r.Verified = r.Verified || o.Verified
		objects[id] = r
	}
	return objects
}

// giveUp marks an object as an outsider's: the user takes care of it, not Terraform.
func (n *network) giveUp(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.records[id].Outsider = true
}

// giveUpAll gives up an object. If the outcome of its create is unknown, it gives up all
// candidates.
func (n *network) giveUpAll(i *instance, o *object) {
	id := o.text(idAttribute)
	for at, r := range n.objects() {
		if at == id || id == "" && r.Type == i.typeName && r.Key == i.noun.key(o.text) {
			n.giveUp(at)
		}
	}
}

func (n *network) takeBack(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.records[id].Outsider = false
}

// checkStep checks the invariants that must hold after every step.
func (w *world) checkStep() {
	w.checkOrphans()
	w.checkLog()
}

// checkOrphans looks for objects that are neither in the state nor an outsider's.
func (w *world) checkOrphans() {
	known, pending := map[string]bool{}, map[string]int{}
	for _, i := range w.instances {
		for _, o := range i.objects() {
			if id := o.text(idAttribute); id != "" {
				known[id] = true
			} else {
				pending[i.noun.key(o.text)]++
			}
		}
	}
	for id, r := range w.network.objects() {
		switch {
		case known[id], r.Outsider, r.Implicit, r.Maker.killed(), nouns[r.Type].takenOver():
		case pending[r.Key] > 0:
			pending[r.Key]--
		default:
			w.fail("orphan", "%s (%s) is on the server, but is neither in the state nor an outsider's", id, r.Key)
		}
	}
}

// checkDeleted checks what a request of the provider deleted: an object and its contents.
func (w *world) checkDeleted(r *run, deleted []*record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shown := map[string]bool{} // by the plan
	slices.SortFunc(deleted, func(a, b *record) int { return cmp.Compare(nouns[a.Type].rank(), nouns[b.Type].rank()) })
	for _, o := range deleted {
		ours := !o.Outsider && o.Maker != nil
		if o.Maker != nil && o.Maker.run == r {
			r.made[o.Key]--
		}
		// The contents of an object are deleted with it, but factors only with force_destroy.
		withParent := slices.ContainsFunc(o.Within, func(parent string) bool { return shown[parent] && (o.Type != factorType || r.forced[parent]) })
		switch {
		case r.planned[o.ID], withParent:
		case ours && r.pending[o.Key] > 0:
			r.pending[o.Key]--
		default:
			w.fail("deleted", "%s (%s, ever verified: %t, an outsider's: %t) was deleted, but no plan showed it",
				o.ID, o.Key, o.Verified, !ours)
		}
		shown[o.ID] = true
	}
}

// checkDoubled checks a creation by the provider.
func (w *world) checkDoubled(r *run, o held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.made[o.Key]++; r.made[o.Key] > r.creates[o.Key] {
		w.fail("doubled", "%s is one object more than planned (%s)", o.ID, o.Key)
	}
}

// checkRefreshed checks the result of a refresh.
func (w *world) checkRefreshed(i *instance, before *object, after tftypes.Value, diags []*tfprotov6.Diagnostic) {
	id := before.text(idAttribute)
	if !after.IsNull() || id == "" {
		return
	}
	// An entity that was replaced with itself has two objects, of which one leaves the state.
	second := slices.ContainsFunc(i.objects(), func(o *object) bool { return o != before && o.text(idAttribute) == id })
	if w.network.objects()[id] != nil && !before.hidden && !second {
		w.fail("forgotten", "a refresh removed %s of instance %d from the state, but the server still holds it", id, i.number)
	}
	// The read that completes an import removes an object that Terraform never had, and Terraform
	// reports that there is nothing to import.
	if len(diags) == 0 && !before.imported {
		w.fail("unannounced", "a refresh removed %s of instance %d from the state without a warning", id, i.number)
	}
}

// checkGone checks a destroy that succeeded. The replacement of an entity may be the same object.
func (w *world) checkGone(i *instance, before *object) {
	id := before.text(idAttribute)
	kept := i.current != before && i.current.text(idAttribute) == id
	if id != "" && !kept && w.network.objects()[id] != nil {
		w.fail("forgotten", "the destroy of %s of instance %d succeeded, but the server still holds it", id, i.number)
	}
}

// forced reports whether an object was deleted with a parent that has force_destroy.
func (n *network) forced(r *run, id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.records[id].Within, func(parent string) bool { return r.forced[parent] })
}

// checkLost looks for objects that an apply created or changed, but that do not exist when it ends.
func (w *world) checkLost(r *run) {
	objects := w.network.objects()
	for _, i := range w.instances {
		if id := i.current.text(idAttribute); id != "" && i.current.applied == r.number && objects[id] == nil && !w.network.forced(r, id) {
			w.fail("lost", "%s of instance %d was applied, but the server does not hold it", id, i.number)
		}
	}
}

// checkReplaced checks a plan that replaces an object.
func (w *world) checkReplaced(r *run, c *change, forced bool) {
	if c.action != doReplace || forced || c.object.tainted || r.step.Unknown != "" && r.step.Instance == c.instance.number {
		return
	}
	i := c.instance
	if id := c.object.text(idAttribute); id != "" && i.noun.asConfigured(w.network.mock, r.evaluated(i, true), c.object, id) {
		w.fail("replaced", "the plan replaces %s of instance %d, although it matches the configuration", id, i.number)
	}
}

// notVerifiedYet is the warning about a factor whose status could not be read after a verification.
const notVerifiedYet = "Factor not verified yet"

// checkApplied checks the object that a create or update left in the state.
func (w *world) checkApplied(r *run, c *change, before, after *object, failed bool) {
	if failed && before != nil {
		w.checkNoWorse(c, before, after)
	}
	id := after.text(idAttribute)
	if id == "" {
		return
	}
	object := w.network.objects()[id]
	switch {
	case object == nil:
		return
	case after.tainted && (before == nil || !before.tainted) && object.Refused != r.number && !c.instance.noun.mayTaint(r, c.instance, object):
		w.fail("tainted", "instance %d is tainted, but Twilio refused no code for %s (verified: %t): %s",
			c.instance.number, id, object.held.Verified, r.messages())
	case !failed && c.action != doDelete && !r.configHidden():
		if name := c.instance.noun.untrue(w.network.mock, after, id); name != "" && !strings.Contains(r.messages(), notVerifiedYet) {
			w.fail("untrue", "after an apply without errors, %s of instance %d differs from the server", name, c.instance.number)
		}
	}
}

// checkNoWorse checks that an error removed no value that the plan kept.
func (w *world) checkNoWorse(c *change, before, after *object) {
	had, has, planned := members(before.value), members(after.value), members(c.planned)
	for name, v := range had {
		lost := !v.IsNull() && has[name].IsNull() && (planned == nil || !planned[name].IsNull())
		if lost || name == idAttribute && !v.Equal(has[name]) {
			w.fail("worse", "an error changed %s of instance %d to %s", name, c.instance.number, has[name])
		}
	}
}

// configHidden reports whether a response of the run may have hidden a drift of the config.
func (r *run) configHidden() bool {
	return slices.ContainsFunc(r.step.Faults, func(f fault) bool { return f.Kind == "null-config" })
}

// checkPlanned checks that a plan without faults or obstacles succeeded.
func (w *world) checkPlanned(r *run) {
	if !r.failed || len(r.step.Faults) > 0 || w.other {
		return
	}
	for _, i := range w.instances {
		for _, o := range i.objects() {
			if w.ambiguous(i, o) || w.elsewhere(o) {
				return
			}
		}
		if i.current != nil && r.configs[i.number] != nil && i.noun.mayBlock(r, i) {
			return
		}
	}
	w.fail("blocked", "a plan without faults failed: %s", textsOf(r.diags))
}

// note stores a secret, to search for it later.
func (w *world) note(secret string, writeOnly bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(secret) >= 6 {
		w.secrets[secret] = w.secrets[secret] || writeOnly
	}
}

// find returns a secret that the text contains, in any case or percent-encoded, or "" if there is
// none.
func (w *world) find(text []byte, writeOnly bool) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text = bytes.ToLower(text)
	for secret, isWriteOnly := range w.secrets {
		if writeOnly && !isWriteOnly {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if containsWord(text, []byte(strings.ToLower(form))) {
				return secret
			}
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

// checkLog searches what the provider logged since the last check for secrets.
func (w *world) checkLog() {
	w.checkSecret("the log", false, w.log.take())
}

func textsOf(diags []*tfprotov6.Diagnostic) string {
	var texts []string
	for _, d := range diags {
		texts = append(texts, d.Severity.String()+": "+d.Summary+": "+d.Detail)
	}
	return strings.Join(texts, "\n")
}

// outside lets an outsider change the object of an instance, or create one that looks like it.
func (n *network) outside(i *instance, event string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	a := n.world.present(i)
	if _, ok := n.mock.Service(a.text("service_sid")); ok || a != nil && i.typeName == serviceType {
		i.noun.outside(n.mock, a, i.current.text(idAttribute), event)
	}
}
