// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"strings"
	"testing"
)

func TestCodeProblem_Forms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ code, want string }{
		{"123", ""},
		{"012345", ""},
		{"98765432", ""},
		{"12", "3 to 8 digits"},
		{"12", `in quotes: a number loses its leading zeros`}, // 000012 as a number
		{"987654321", "3 to 8 digits"},
		{"98765x", "3 to 8 digits"},
		{"", "3 to 8 digits"},
		{"\ufeff987654", "It begins with a byte-order mark"},
	} {
		problem := CodeProblem(test.code)
		if (problem == "") != (test.want == "") || !strings.Contains(problem, test.want) {
			t.Errorf("%q: got %q, want %q", test.code, problem, test.want)
		}
		if len(test.code) > 4 && strings.Contains(problem, test.code) {
			t.Errorf("%q is in the message: %s", test.code, problem)
		}
	}
}
