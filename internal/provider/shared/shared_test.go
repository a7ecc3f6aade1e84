// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

const (
	serviceSID = "VA0123456789abcdef0123456789abcdef"
	accountSID = "AC0123456789abcdef0123456789abcdef"
	otherSID   = "AC00000000000000000000000000000002"
	source     = "api_key and api_secret"
)

// newData returns the data of a provider with an API key, whose requests go to the handler.
func newData(t *testing.T, handler http.HandlerFunc) *ProviderData {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	api, err := client.New(client.Config{BaseURL: server.URL, Username: "SK1", Password: "secret", RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return &ProviderData{Client: api, BaseURL: server.URL, Credentials: Credentials{Username: "SK1", Source: source}}
}

// respond returns one response to every request.
func respond(status int, document any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(document)
	}
}

func notFound() *client.Error {
	return &client.Error{Operation: "read", Status: client.StatusNotFound, Code: client.CodeNotFound}
}

// message is the part of a diagnostic that tests compare: severity, attribute, summary, and an
// excerpt of the detail.
type message struct {
	severity                    diag.Severity
	attribute, summary, excerpt string
}

func errorOn(attribute, summary, excerpt string) []message {
	return []message{{diag.SeverityError, attribute, summary, excerpt}}
}

// expectMessages compares the diagnostics, in order, with the wanted messages.
func expectMessages(t *testing.T, diags diag.Diagnostics, want ...message) {
	t.Helper()
	var got []message
	for i, d := range diags {
		m := message{severity: d.Severity(), summary: d.Summary(), excerpt: d.Detail()}
		if withPath, ok := d.(diag.DiagnosticWithPath); ok {
			m.attribute = withPath.Path().String()
		}
		if i < len(want) && want[i].excerpt != "" && strings.Contains(m.excerpt, want[i].excerpt) {
			m.excerpt = want[i].excerpt
		}
		got = append(got, m)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(message{})); diff != "" {
		t.Errorf("the diagnostics differ: %s", diff)
	}
}
