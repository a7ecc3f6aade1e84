// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Codes of Twilio's errors that are told apart here.
// Source: https://www.twilio.com/docs/api/errors
const (
	CodeAuthenticationFailed = 20003
	CodeTooManyRequests      = 20429
	CodeTooManyAttempts      = 60310
	CodeVerificationFailed   = 60311
	CodeTooManyFactors       = 60315
	CodeBadBinding           = 60314
	CodeBindingExists        = 60317
	CodeTooManyCreates       = 60326
	CodeTooManyNewEntities   = 60328
)

// HTTP statuses of an [Error] that are told apart by who has no other use for HTTP.
const (
	StatusUnauthorized        = http.StatusUnauthorized
	StatusForbidden           = http.StatusForbidden
	StatusNotFound            = http.StatusNotFound
	StatusTooManyRequests     = http.StatusTooManyRequests
	StatusInternalServerError = http.StatusInternalServerError
)

// codesNotFound begins the ten codes for things that do not exist: 60390 is for
// a factor, 60392 for an entity.
const codesNotFound = 60390

// requestIDHeader is what Twilio's support asks for.
const requestIDHeader = "Twilio-Request-Id"

// Error is every failure of a call to the API.
type Error struct {
	// Operation is what was attempted.
	Operation Operation
	// Attempts is how often the request was tried, 0 when it never left.
	Attempts int
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Code, Message and MoreInfo are Twilio's own, empty when the answer was
	// not Twilio's, as from a gateway. Values that were sent as secrets are
	// taken out of the message.
	Code     int
	Message  string
	MoreInfo string
	// RequestID is what Twilio's support asks for.
	RequestID string
	// Unanswered says that the last attempt reached a connection and got no
	// whole answer: the server may have acted on it.
	Unanswered bool
	// Err is the cause when no answer, or an unreadable one, came.
	Err error

	retryAfter time.Duration
}

// Error gives what Twilio, or the network, said. It holds no secret.
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.Status == 0 && e.Attempts == 0:
		fmt.Fprintf(&b, "the request was not sent: %v", e.Err)
	case e.Status == 0:
		fmt.Fprintf(&b, "no answer from Twilio: %v", e.Err)
	case e.Err != nil:
		fmt.Fprintf(&b, "Twilio answered HTTP %d, but %v", e.Status, e.Err)
	default:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("Twilio answered HTTP %d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, ", error %d", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// IsNotFound tells whether the error says that the thing does not exist: HTTP
// 404 in Twilio's own words, for any other may be that of a gateway; or one of
// Twilio's codes for a missing factor or entity.
func IsNotFound(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Status == http.StatusNotFound && e.Err == nil || e.Code/10 == codesNotFound/10
}

func (c *Client) transportError(call *call, err error) *Error {
	// A *url.Error repeats method and URL, which the operation says better.
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	return &Error{Operation: call.operation, Attempts: call.attempts, Unanswered: call.unanswered, Err: err}
}

// malformedError is for an answer that says success and is not what a success
// looks like. err says what is wrong, or is nil if there was no use for a body.
func (c *Client) malformedError(call *call, body []byte, err error) *Error {
	var typeErr *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typeErr) && typeErr.Field != "":
		err = fmt.Errorf("its field %q is of the wrong type", typeErr.Field)
	case errors.Is(err, errBadField):
	default:
		err = c.describeBody(call, body)
	}
	return c.answerError(call, fmt.Errorf("the answer cannot be read: %w", err))
}

func (c *Client) statusError(call *call, body []byte) *Error {
	e := c.answerError(call, nil)
	code, message, moreInfo := readFailure(body)
	e.Code, e.Message, e.MoreInfo = code, c.redact(call, message), c.redact(call, moreInfo)
	switch {
	case e.Status >= 300 && e.Status <= 399:
		e.Err = errors.New("that redirects to another address, and redirects are not followed, to keep the credentials on their host; look for a proxy in between, or correct base_url")
	case code == 0 && message == "":
		e.Err = fmt.Errorf("not in Twilio's form: %w", c.describeBody(call, body))
	}
	return e
}

// readFailure reads what Twilio says about a refusal, as far as it can be read.
func readFailure(body []byte) (code int, message, moreInfo string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return 0, "", ""
	}
	code, _ = strconv.Atoi(jsonText(fields["code"]))
	return code, jsonText(fields["message"]), jsonText(fields["more_info"])
}

// answerError is an error about an answer that arrived whole.
func (c *Client) answerError(call *call, err error) *Error {
	wait, _ := retryAfter(call.answer.Header, time.Now())
	return &Error{
		Operation:  call.operation,
		Attempts:   call.attempts,
		Status:     call.answer.StatusCode,
		RequestID:  c.redact(call, call.answer.Header.Get(requestIDHeader)),
		Err:        err,
		retryAfter: wait,
	}
}

// describeBody says what came instead of what was expected, never quoting it.
func (c *Client) describeBody(call *call, body []byte) error {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return errors.New("the body is empty")
	case trimmed[0] == '<':
		return errors.New("the body is an HTML page, as a gateway or proxy sends it")
	case json.Valid(trimmed):
		return fmt.Errorf("the body is JSON, but not what was expected (%d bytes)", len(body))
	default:
		contentType := c.redact(call, call.answer.Header.Get("Content-Type"))
		return fmt.Errorf("the body is not whole JSON (%d bytes, content type %q)", len(body), contentType)
	}
}
