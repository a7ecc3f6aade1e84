// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

// behind returns a server that rewrites the JSON objects in the mock's responses.
func (m *mock) behind(t *testing.T, rewrite func(r *http.Request, object map[string]any)) *mock {
	t.Helper()
	validated := openapitest.Validator(t)(m.Server)
	return serve(t, m.Server, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		validated.ServeHTTP(recorder, r)
		body := recorder.Body.Bytes()
		var object map[string]any
		if json.Unmarshal(body, &object) == nil {
			rewrite(r, object)
			body, _ = json.Marshal(object) // what was decoded can be encoded
		}
		maps.Copy(w.Header(), recorder.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(body)
	}))
}
