// SPDX-License-Identifier: MPL-2.0

// Package outcome compares what a case of a test did with one string. Only tests use it.
package outcome

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Expect compares an outcome with the wanted one, in which "…" is any text.
func Expect(t *testing.T, got, want string) {
	t.Helper()
	if !regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + `$`).MatchString(got) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Of returns facts, such as "2 requests", and the diagnostics. A fact that is empty is left out.
func Of(diags diag.Diagnostics, facts ...string) string {
	for _, d := range diags {
		attribute := ""
		if withPath, ok := d.(diag.DiagnosticWithPath); ok {
			attribute = withPath.Path().String()
		}
		facts = append(facts, describe(d.Severity().String(), attribute, d.Summary(), d.Detail()))
	}
	return join(facts)
}

// OfCall returns the outcome of a call by Terraform's protocol, like [Of].
func OfCall(diags []*tfprotov6.Diagnostic, facts ...string) string {
	for _, d := range diags {
		facts = append(facts, describe(d.Severity.String(), d.Attribute.String(), d.Summary, d.Detail))
	}
	return join(facts)
}

func describe(severity, attribute, summary, detail string) string {
	return strings.TrimSpace(severity+" "+attribute) + ": " + summary + ": " + detail
}

func join(facts []string) string {
	return strings.Join(slices.DeleteFunc(facts, func(fact string) bool { return fact == "" }), "; ")
}
