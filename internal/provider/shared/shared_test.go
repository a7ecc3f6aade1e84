// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

const (
	serviceSID = "VA0123456789abcdef0123456789abcdef"
	accountSID = "AC0123456789abcdef0123456789abcdef"
	otherSID   = "AC00000000000000000000000000000002"
	source     = "api_key and api_secret"
)

// newData returns the data of a provider with an API key, whose requests go to the handler, or nowhere
// if it is nil.
func newData(t *testing.T, handler http.HandlerFunc) *ProviderData {
	t.Helper()
	url := "http://127.0.0.1:1"
	if handler != nil {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		url = server.URL
	}
	api, err := client.New(client.Config{BaseURL: url, Username: "SK1", Password: "secret", RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return &ProviderData{Client: api, BaseURL: url, Credentials: Credentials{Username: "SK1", Source: source}}
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
