// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// objects returns the records of what the server holds.
func (n *network) objects() map[string]*record {
	n.mu.Lock()
	defer n.mu.Unlock()
	objects := map[string]*record{}
	for id, o := range heldObjects(n.mock) {
		r := n.records[id]
		r.held = o
		r.Verified = r.Verified || o.Verified
		objects[id] = r
	}
	return objects
}

// giveUp makes an object one that the user knows.
func (n *network) giveUp(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.records[id].Outsider = true
}

func (n *network) takeBack(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.records[id].Outsider = false
}

// checkStep checks what must hold after every step.
func (w *world) checkStep() {
	w.checkOrphans()
	w.checkLog()
}

// checkOrphans looks for objects that neither the state nor an outsider knows.
func (w *world) checkOrphans() {
	known, pending := map[string]bool{}, map[string]int{}
	for _, i := range w.instances {
		for _, o := range i.objects() {
			if id := o.text(idAttribute); id != "" {
				known[id] = true
			} else {
				pending[keyOfObject(o)]++
			}
		}
	}
	for id, r := range w.network.objects() {
		switch {
		case known[id], r.Outsider, r.Maker.killed():
		case pending[r.Key] > 0:
			pending[r.Key]--
		default:
			w.fail("orphan", "%s (%s) is on the server, and neither the state nor an outsider knows it", id, r.Key)
		}
	}
}

// checkDeleted judges a deletion by the provider.
func (w *world) checkDeleted(r *run, deleted *record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ours := !deleted.Outsider && deleted.Maker != nil
	if deleted.Maker != nil && deleted.Maker.run == r {
		r.made[deleted.Key]--
	}
	switch {
	case r.planned[deleted.ID]:
	case ours && r.pending[deleted.Key] > 0:
		r.pending[deleted.Key]--
	default:
		w.fail("deleted", "%s (%s, ever verified: %t, of an outsider: %t) was deleted, and no plan showed it",
			deleted.ID, deleted.Key, deleted.Verified, !ours)
	}
}

// checkDoubled judges a creation by the provider.
func (w *world) checkDoubled(r *run, o held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.made[o.Key]++; r.made[o.Key] > r.creates[o.Key] {
		w.fail("doubled", "%s is one object more than was planned (%s)", o.ID, o.Key)
	}
}

// checkRefreshed judges the result of a refresh.
func (w *world) checkRefreshed(i *instance, before *object, after tftypes.Value, diags []*tfprotov6.Diagnostic) {
	id := before.text(idAttribute)
	if !after.IsNull() || id == "" {
		return
	}
	if w.network.objects()[id] != nil {
		w.fail("forgotten", "a refresh removed %s of instance %d from the state, and the server holds it", id, i.number)
	}
	// The read that completes an import removes an object that Terraform never had, and reports itself
	// that there is nothing to import.
	imported := before.text("factor_type") == ""
	if len(diags) == 0 && !imported {
		w.fail("unannounced", "a refresh removed %s of instance %d from the state without a warning", id, i.number)
	}
}

// checkGone judges a destroy that succeeded.
func (w *world) checkGone(i *instance, before *object) {
	if id := before.text(idAttribute); id != "" && w.network.objects()[id] != nil {
		w.fail("forgotten", "the destroy of %s of instance %d succeeded, and the server holds it", id, i.number)
	}
}

// checkReplaced judges a plan that replaces an object.
func (w *world) checkReplaced(r *run, c *change, forced bool) {
	if c.action != doReplace || forced || c.object.tainted || r.step.Unknown != "" && r.step.Instance == c.instance.number {
		return
	}
	if id := c.object.text(idAttribute); id != "" && w.asConfigured(r.configs[c.instance.number], c.object, id) {
		w.fail("replaced", "the plan replaces %s of instance %d, which is as configured", id, c.instance.number)
	}
}

// notVerifiedYet is the warning about a factor whose status could not be read after a verification.
const notVerifiedYet = "Factor not verified yet"

// checkApplied judges the object that a create or update left in the state.
func (w *world) checkApplied(r *run, c *change, before, after *object, failed bool) {
	id := after.text(idAttribute)
	if id == "" {
		return
	}
	object := w.network.objects()[id]
	switch {
	case object == nil:
		return
	case after.tainted && (before == nil || !before.tainted) && object.Refused != r.number && !w.secretLost(r, c.instance, object):
		w.fail("tainted", "instance %d is tainted, and Twilio refused no code for %s (verified: %t): %s", c.instance.number, id, object.held.Verified, textsOf(r.diags))
	case !failed && c.action != doDelete && !r.configHidden():
		if name := w.untrue(after, id); name != "" && !strings.Contains(textsOf(r.diags), notVerifiedYet) {
			w.fail("untrue", "after an apply without errors, %s of instance %d is not what the server holds", name, c.instance.number)
		}
	}
}

// configHidden reports whether a response of the run may have hidden a drift of the config.
func (r *run) configHidden() bool {
	return slices.ContainsFunc(r.step.Faults, func(f fault) bool { return f.Kind == "null-config" })
}

// checkPlanned judges a plan that failed though nothing was in its way.
func (w *world) checkPlanned(r *run) {
	if !r.failed || len(r.step.Faults) > 0 || w.other {
		return
	}
	for _, i := range w.instances {
		if w.mayBlock(r, i) {
			return
		}
	}
	w.fail("blocked", "a plan without faults failed: %s", textsOf(r.diags))
}

// note remembers a secret, in order to look for it.
func (w *world) note(secret string, writeOnly bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(secret) >= 6 {
		w.secrets[secret] = w.secrets[secret] || writeOnly
	}
}

// find returns the name of the first place that contains a secret, in any case, or percent-encoded; "" if none does.
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

// containsWord reports whether the text has the word, not within a longer one: a code of six digits is also a part of
// many numbers.
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

// checkWriteOnly looks for write-only values in what Terraform stores.
func (w *world) checkWriteOnly(where string, parts ...[]byte) {
	for _, part := range parts {
		if secret := w.find(part, true); secret != "" {
			w.fail("secret", "%s contains the write-only value %s", where, secret)
		}
	}
}

// checkLog looks for secrets in what the provider logged since the last time.
func (w *world) checkLog() {
	if secret := w.find(w.log.take(), false); secret != "" {
		w.fail("secret", "the log contains the secret %s", secret)
	}
}

func textsOf(diags []*tfprotov6.Diagnostic) string {
	var texts []string
	for _, d := range diags {
		texts = append(texts, d.Severity.String()+": "+d.Summary+": "+d.Detail)
	}
	return strings.Join(texts, "\n")
}
