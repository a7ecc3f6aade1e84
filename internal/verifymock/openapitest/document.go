// SPDX-License-Identifier: MPL-2.0

package openapitest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Variable is the environment variable with the path of Twilio's OpenAPI document for the Verify v2
// API. A relative path is relative to the module's root.
const Variable = "TWILIO_VERIFY_OPENAPI"

// formType is the content type of all requests with a body.
const formType = "application/x-www-form-urlencoded"

var loadRouter = sync.OnceValues(func() (routers.Router, error) {
	document, err := loadDocument()
	if err != nil {
		return nil, err
	}
	// Some examples in the document break its own rules: one token is too short.
	return legacy.NewRouter(document, openapi3.DisableExamplesValidation())
})

var loadDocument = sync.OnceValues(func() (*openapi3.T, error) {
	name, err := fromRoot(os.Getenv(Variable))
	if err != nil {
		return nil, err
	}
	document, err := openapi3.NewLoader().LoadFromFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	document.Servers = nil // the server under test is on another host
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			closeSchemas(operation)
		}
	}
	return document, nil
})

// fromRoot returns the path of a file whose name is relative to the module's root. Tests run in
// their package's directory.
func fromRoot(name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			return filepath.Join(dir, name), nil
		}
		dir = filepath.Dir(dir)
	}
}

// closeSchemas forbids properties that the document does not name. Its schemas allow them only
// because they omit additionalProperties.
func closeSchemas(operation *openapi3.Operation) {
	if operation.RequestBody != nil {
		closeContent(operation.RequestBody.Value.Content)
		typeForm(operation.RequestBody.Value.Content.Get(formType))
	}
	for _, response := range operation.Responses.Map() {
		closeContent(response.Value.Content)
	}
}

// typeForm sets the type of properties without a type to string, because openapi3filter would treat
// them as null.
func typeForm(form *openapi3.MediaType) {
	if form == nil {
		return
	}
	for _, property := range form.Schema.Value.Properties {
		for _, schema := range []*openapi3.SchemaRef{property, property.Value.Items} {
			if schema != nil && schema.Value.Type == nil {
				schema.Value.Type = &openapi3.Types{openapi3.TypeString}
			}
		}
	}
}

func closeContent(content openapi3.Content) {
	for _, mediaType := range content {
		closeSchema(mediaType.Schema)
	}
}

func closeSchema(schema *openapi3.SchemaRef) {
	if schema == nil || len(schema.Value.Properties) == 0 {
		return
	}
	closed := false
	schema.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &closed}
	for _, property := range schema.Value.Properties {
		closeSchema(property)
		closeSchema(property.Value.Items)
	}
}

// options returns options that check formats, which openapi3filter ignores by default.
func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc, // the server under test checks it
		IncludeResponseStatus:             true,
		MultiError:                        true,
		RejectWhenRequestBodyNotSpecified: true,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(checkDateTime)),
			openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(checkURI)),
		},
	}
}

// checkDateTime checks that a date is in UTC and whole seconds.
func checkDateTime(s string) error {
	parsed, err := time.Parse(time.RFC3339, s)
	if err == nil && parsed.UTC().Format(time.RFC3339) != s {
		return fmt.Errorf("%q is not UTC in whole seconds", s)
	}
	return err
}

func checkURI(s string) error {
	u, err := url.Parse(s)
	if err == nil && !u.IsAbs() {
		return fmt.Errorf("%q is not absolute", s)
	}
	return err
}
