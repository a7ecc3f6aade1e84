// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

// TestNoun_Import imports an object by ID and by identity. Everything that Twilio returns is imported
// with one request, and the next apply changes nothing.
func TestNoun_Import(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		m, created := n.created(t)
		for how, by := range map[string]func(i *instance) []*tfprotov6.Diagnostic{
			"ID":       func(i *instance) []*tfprotov6.Diagnostic { return i.importBy(created.text("id"), nil) },
			"identity": func(i *instance) []*tfprotov6.Diagnostic { return i.importBy("", identityOf(t, n.parts(created))) },
		} {
			i := n.started(t, m)
			m.ResetRequests()
			if diags := by(i); len(diags) > 0 {
				t.Fatalf("by %s: %s", how, texts(diags))
			}
			m.expectSequence(t, "import by "+how, n.fetch)
			i.expectIdentityOf(n.parts(created))
			before := created.members(created.state)
			for name, value := range i.members(i.state) {
				if !value.Equal(before[name]) && !slices.Contains(n.unread, name) {
					t.Errorf("by %s: %s is %s, and was %s", how, name, value, before[name])
				}
			}
			want := tfcore.Nothing
			if n.config["credentials_wo_version"] != nil || n.config["binding_secret"] != nil {
				want = tfcore.Update // what Twilio never returns
			}
			if action, diags := i.apply(n.config); action != want || failed(diags) {
				t.Errorf("by %s: the apply after it did %s, want %s: %s", how, action, want, texts(diags))
			}
		}
	})
}

// TestNoun_ImportRefused imports IDs that are not valid, which the provider refuses without a request,
// and the ID of an object that was deleted, which Terraform refuses.
func TestNoun_ImportRefused(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		m, created := n.created(t)
		m.ResetRequests()
		parts := strings.Split(created.text("id"), "/")
		wrong := map[string]string{
			strings.Join(parts[1:], "/"):                       "The ID does not have",
			strings.Join(append([]string{"x"}, parts...), "/"): "The ID does not have",
		}
		if len(parts) == 1 {
			wrong = map[string]string{parts[0] + "/x": "The ID does not have one part"}
		}
		for at, name := range n.id {
			parts := slices.Clone(parts)
			parts[at] = "a@b"
			wrong[strings.Join(parts, "/")] = "The " + name + " is invalid"
		}
		for id, want := range wrong {
			i := n.started(t, m)
			text := texts(i.importBy(id, nil))
			if !strings.Contains(text, "Invalid import ID") || !strings.Contains(text, want) ||
				!strings.Contains(text, "Expected "+strings.Join(n.id, "/")+", such as ") || !i.state.IsNull() {
				t.Errorf("%s: want %q, got %s", id, want, text)
			}
		}
		m.expectSequence(t, "import of invalid IDs")
		n.delete(m, created)
		i := n.started(t, m)
		if diags := i.importBy(created.text("id"), nil); len(diags) > 0 || !i.state.IsNull() {
			t.Errorf("an object that does not exist is imported as %s: %s", i.state, texts(diags))
		}
	})
}

// TestNoun_IdentityOfOldState starts from a state that an older Terraform wrote.
func TestNoun_IdentityOfOldState(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		_, i := n.created(t)
		before := n.parts(i)
		i.expectIdentityOf(before)
		i.identity = nil
		i.quietly(i.refresh())
		i.expectIdentityOf(before)
		i.identity = nil
		i.mustApply(n.config.with(n.change))
		i.expectIdentityOf(before)
	})
}
