// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"testing"
)

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
