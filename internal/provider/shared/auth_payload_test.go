// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

func TestCodeProblem_Forms(t *testing.T) {
	t.Parallel()
	const noCode = "It must be the current code: 3 to 8 digits without spaces. Write a code in quotes: a number loses its leading zeros."
	for code, want := range map[string]string{
		"123": "", "012345": "", "12345678": "", "12": noCode, "987654321": noCode, "98765x": noCode, "12 34": noCode, "1234\n": noCode,
		"MEU=": noCode, "": noCode, "\ufeff987654": "It begins with a byte-order mark…",
	} {
		problem := CodeProblem(code)
		outcome.Expect(t, problem, want)
		if len(code) > 4 && strings.Contains(problem, code) {
			t.Errorf("%q is in the message: %s", code, problem)
		}
	}
	outcome.Expect(t, outcome.Of(diag.Diagnostics{MissingPayload()}),
		"Error auth_payload: Missing payload: auth_payload is null. Set the variable that it refers to.…")
}

// TestAuthPayload_Fixed checks that a payload is returned only as long as it is valid.
func TestAuthPayload_Fixed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		validity, waited time.Duration
		want             string // of the error
	}{
		"in time": {time.Minute, time.Minute, ""},
		"too late": {time.Minute, 61 * time.Second, "the code expired while the provider waited for Twilio's rate limit, " +
			"and was not sent (it waited 1m1s, but is valid for at most 1m0s)"},
		"always valid": {0, time.Hour, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			payload, err := FixedPayload("123456", test.validity, time.Now().Add(-test.waited))(t.Context(), time.Time{})
			if test.want == "" && (err != nil || payload != "123456") || test.want != "" &&
				(payload != "" || !errors.Is(err, ErrExpiredPayload) || err.Error() != test.want) {
				t.Errorf("%s: %q, %v, want %q", name, payload, err, test.want)
			}
		})
	}
}
