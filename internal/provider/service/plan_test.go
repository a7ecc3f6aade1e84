// SPDX-License-Identifier: MPL-2.0

package service

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

func TestService_FriendlyNameProblem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Chain":                 "",
		"My-App_1 202":          "",
		"App 1234":              "",
		"App 12345":             "5 digits",
		"1a2b3c4d5":             "5 digits",
		"https://example.com":   `contains ':'`,
		"Größe":                 "",
		strings.Repeat("a", 30): "",
		strings.Repeat("a", 31): "31 characters",
		strings.Repeat("ä", 32): "32 characters",
	} {
		if got := friendlyNameProblem(name); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestService_AttributeAtFault finds the attribute for every parameter, as an error may name it.
func TestService_AttributeAtFault(t *testing.T) {
	t.Parallel()
	found := 0
	for _, field := range client.Services.Fields() {
		if field.Parameter == "" {
			continue
		}
		err := &client.Error{Operation: "create service", Status: 400, Code: 60200, Message: "Invalid parameter: " + field.Parameter}
		d := (&shared.ProviderData{}).ErrorDiagnostic(err, Declaration.Subject("create", &model{}))
		outcome.Expect(t, outcome.Of(diag.Diagnostics{d}), "Error "+field.Attribute+": …")
		found++
	}
	if found < 25 {
		t.Errorf("%d parameters, want those of the API", found)
	}
}
