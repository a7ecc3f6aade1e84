// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

func TestRefusedCodes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		noted         refusedCodes
		secret        string
		refusals      int
		spent         string
		next          refusedCodes
		fingerprinted bool
	}{
		"nothing refused":            {refusedCodes{}, givenSecret, 0, "", refusedCodes{}, false},
		"one of a secret":            {refusedCodes{}, givenSecret, 1, "", refusedCodes{OfSecret: 1, OfFactor: 1}, true},
		"two of a secret":            {refusedCodes{}, givenSecret, 2, "this very secret", refusedCodes{OfSecret: 2, OfFactor: 2}, true},
		"another secret":             {refusedCodes{"other", 2, 2}, givenSecret, 0, "", refusedCodes{OfFactor: 2}, false},
		"another secret, once":       {refusedCodes{"other", 2, 2}, givenSecret, 1, "", refusedCodes{OfSecret: 1, OfFactor: 3}, true},
		"all but one of the factor":  {refusedCodes{"other", 2, 2}, givenSecret, 2, "the last is left to you", refusedCodes{OfSecret: 2, OfFactor: 4}, true},
		"a third secret after those": {refusedCodes{"other", 2, 4}, givenSecret, 0, "the last is left to you", refusedCodes{OfFactor: 4}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			codes := c.noted
			codes.switchTo("YF00000000000000000000000000000001", c.secret)
			for range c.refusals {
				codes.add()
			}
			if got := codes.spent(); (got == "") != (c.spent == "") || !strings.Contains(got, c.spent) {
				t.Errorf("spent: %q, want %q", got, c.spent)
			}
			note := codes.note()
			if strings.Contains(string(note), c.secret) {
				t.Error("the secret is in the private state")
			}
			var diags diag.Diagnostics
			read := refusedCodesFrom(note, &diags)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if (read.Fingerprint != "") != c.fingerprinted {
				t.Errorf("fingerprint %q", read.Fingerprint)
			}
			if read.OfSecret != c.next.OfSecret || read.OfFactor != c.next.OfFactor {
				t.Errorf("read %+v, want %+v", read, c.next)
			}
		})
	}
}

func TestRefusedCodesUnreadable(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	refusedCodesFrom([]byte(`"not a note"`), &diags)
	if !diags.HasError() {
		t.Error("no error")
	}
}
