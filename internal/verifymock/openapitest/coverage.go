// SPDX-License-Identifier: MPL-2.0

package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Coverage records which parts of the document successful requests and their responses used.
type Coverage struct {
	tb     testing.TB
	router routers.Router
	mu     sync.Mutex
	used   map[string]bool // by the names that Missing returns
}

// NewCoverage returns an empty coverage of the document that [Variable] names.
func NewCoverage(tb testing.TB) *Coverage {
	tb.Helper()
	router, err := loadRouter()
	if err != nil {
		tb.Fatalf("%s: %v", Variable, err)
	}
	return &Coverage{tb: tb, router: router, used: map[string]bool{}}
}

// Record returns a handler that records what next accepts and returns.
func (c *Coverage) Record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		form, err := url.ParseQuery(string(body))
		if rec.status >= http.StatusBadRequest || err != nil {
			return
		}
		if route, _, err := c.router.FindRoute(r); err == nil {
			c.add(route, r.URL.Query(), form, rec.body.Bytes())
		}
	})
}

func (c *Coverage) add(route *routers.Route, query, form url.Values, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	operation := route.Method + " " + route.Path
	c.used[operation] = true
	for name, values := range query {
		c.used[parameter(operation, name)] = true
		for _, v := range values {
			c.used[value(operation, name, v)] = true
		}
	}
	for name, values := range form {
		c.used[parameter(operation, name)] = true
		for _, v := range values {
			c.used[value(operation, name, v)] = true
		}
	}
	var response any
	if json.Unmarshal(body, &response) == nil {
		c.addFields(operation, response)
	}
}

// addFields records the names of an object's fields and, recursively, those of the objects in it.
func (c *Coverage) addFields(name string, response any) {
	switch response := response.(type) {
	case map[string]any:
		for key, v := range response {
			c.used[field(name, key)] = true
			c.addFields(field(name, key), v)
		}
	case []any:
		for _, v := range response {
			c.addFields(name, v)
		}
	}
}

// Missing returns the parts of the document that belong to served paths but were used by no
// request: operations, parameters, values of enumerations, and fields of responses.
func (c *Coverage) Missing(served func(path string) bool) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	document, err := loadDocument()
	if err != nil {
		c.tb.Fatal(err)
	}
	var missing []string
	want := func(name string) {
		if !c.used[name] {
			missing = append(missing, name)
		}
	}
	for path, item := range document.Paths.Map() {
		if served(path) {
			for method, operation := range item.Operations() {
				wantOperation(want, method+" "+path, operation)
			}
		}
	}
	slices.Sort(missing)
	return missing
}

func wantOperation(want func(string), name string, operation *openapi3.Operation) {
	want(name)
	for _, p := range operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			wantParameter(want, name, p.Value.Name, p.Value.Schema.Value)
		}
	}
	if operation.RequestBody != nil {
		for property, schema := range operation.RequestBody.Value.Content.Get(formType).Schema.Value.Properties {
			wantParameter(want, name, property, schema.Value)
		}
	}
	for _, response := range operation.Responses.Map() {
		if media := response.Value.Content.Get("application/json"); media != nil {
			wantFields(want, name, media.Schema.Value)
		}
	}
}

func wantParameter(want func(string), operation, name string, schema *openapi3.Schema) {
	want(parameter(operation, name))
	if schema.Items != nil {
		schema = schema.Items.Value
	}
	for _, v := range schema.Enum {
		want(value(operation, name, fmt.Sprint(v)))
	}
}

func wantFields(want func(string), name string, schema *openapi3.Schema) {
	for property, schema := range schema.Properties {
		want(field(name, property))
		wantFields(want, field(name, property), schema.Value)
		if schema.Value.Items != nil {
			wantFields(want, field(name, property), schema.Value.Items.Value)
		}
	}
}

func parameter(operation, name string) string    { return operation + " parameter " + name }
func value(operation, name, value string) string { return parameter(operation, name) + "=" + value }

// field returns the name of a field in a response. It begins with the name of the operation, or of
// the object that contains the field.
func field(parent, name string) string {
	if strings.Contains(parent, " field ") {
		return parent + "." + name
	}
	return parent + " field " + name
}
