// SPDX-License-Identifier: MPL-2.0

// Package openapitest validates the requests and responses in tests against Twilio's OpenAPI
// document for the Verify v2 API, if it is available.
package openapitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// Validator returns middleware that fails the test for each request or response that the document
// does not allow, except responses that an injected fault affected. The document does not describe
// errors; they must have the format that Twilio documents elsewhere. If [Variable] is not set, the
// middleware does nothing, and the test's log says so.
func Validator(tb testing.TB) func(http.Handler) http.Handler {
	tb.Helper()
	if os.Getenv(Variable) == "" {
		tb.Log("not checked against Twilio's OpenAPI document: " + Variable + " is not set")
		return func(next http.Handler) http.Handler { return next }
	}
	router, err := loadRouter()
	if err != nil {
		tb.Fatalf("%s: %v", Variable, err)
	}
	return func(next http.Handler) http.Handler {
		return &validator{tb, router, next}
	}
}

type validator struct {
	tb     testing.TB
	router routers.Router
	next   http.Handler
}

// ServeHTTP passes the request on, and validates it and its response.
func (v *validator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v2/") && r.URL.Path != "/" { // a path of another API, which the document does not describe
		v.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil { // the client disconnected while it sent the body
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := &recorder{ResponseWriter: w}
	v.next.ServeHTTP(rec, r)

	ctx := context.WithoutCancel(r.Context()) // the client may have disconnected
	input, err := v.checkRequest(ctx, r, body)
	if err != nil {
		v.tb.Errorf("the document does not allow the request %s %s: %v", r.Method, r.URL.Path, err)
		return
	}
	if rec.status == 0 || w.Header().Get(verifymock.FaultHeader) != "" {
		return
	}
	if err := checkResponse(ctx, input, rec); err != nil {
		v.tb.Errorf("the document does not allow the response %d to %s %s: %v", rec.status, r.Method, r.URL.Path, err)
	}
}

func (v *validator) checkRequest(ctx context.Context, r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	r = r.Clone(ctx)
	route, path, err := v.router.FindRoute(r)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		form = nil // the document determines whether another kind of body is allowed
	}
	if err := checkNames(route, r.URL.Query(), form); err != nil {
		return nil, err
	}
	if form != nil {
		body = []byte(withoutEmpty(route, form).Encode())
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: path, Route: route, Options: options()}
	return input, openapi3filter.ValidateRequest(ctx, input)
}

// checkNames rejects parameters that are not in the document, which openapi3filter ignores.
func checkNames(route *routers.Route, query, form url.Values) error {
	for name := range query {
		if route.Operation.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("unknown query parameter %s", name)
		}
	}
	if route.Operation.RequestBody == nil {
		return nil
	}
	schema := formSchema(route)
	for name, values := range form {
		if schema == nil || schema.Properties[name] == nil {
			return fmt.Errorf("unknown parameter %s", name)
		}
		if len(values) > 1 && !schema.Properties[name].Value.Type.Is(openapi3.TypeArray) {
			return fmt.Errorf("%d values of %s", len(values), name)
		}
	}
	return nil
}

// withoutEmpty returns the form without the empty values of optional parameters. They clear a
// setting, which the document describes only by the pattern of other values.
func withoutEmpty(route *routers.Route, form url.Values) url.Values {
	kept := url.Values{}
	for name, values := range form {
		empty := len(values) == 1 && values[0] == ""
		if schema := formSchema(route); !empty || schema == nil || slices.Contains(schema.Required, name) {
			kept[name] = values
		}
	}
	return kept
}

// formSchema returns the schema of the route's form, or nil if it has none.
func formSchema(route *routers.Route) *openapi3.Schema {
	if route.Operation.RequestBody == nil {
		return nil
	}
	mediaType := route.Operation.RequestBody.Value.Content.Get(formType)
	if mediaType == nil {
		return nil
	}
	return mediaType.Schema.Value
}

func checkResponse(ctx context.Context, request *openapi3filter.RequestValidationInput, rec *recorder) error {
	if rec.status >= http.StatusBadRequest {
		return checkError(rec)
	}
	if rec.status == http.StatusNoContent && rec.body.Len() > 0 {
		return fmt.Errorf("a body of %d bytes", rec.body.Len())
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request,
		Status:                 rec.status,
		Header:                 rec.Header(),
		Body:                   io.NopCloser(&rec.body),
		Options:                options(),
	})
}

// checkError checks an error against the format of
// https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions.
func checkError(rec *recorder) error {
	var e struct {
		Code     *int    `json:"code"`
		Message  *string `json:"message"`
		MoreInfo *string `json:"more_info"`
		Status   *int    `json:"status"`
	}
	decoder := json.NewDecoder(&rec.body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return err
	}
	if e.Code == nil || e.Message == nil || e.MoreInfo == nil || e.Status == nil || *e.Status != rec.status {
		return errors.New("an error must have code, message, more_info, and the same status")
	}
	return nil
}

// recorder keeps a copy of the response.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader records the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write keeps the first megabyte, which is more than any validated response has.
func (r *recorder) Write(b []byte) (int, error) {
	const most = 1 << 20
	if r.body.Len() < most {
		r.body.Write(b)
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
