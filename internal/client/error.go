// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Codes of Twilio's errors. Source: https://www.twilio.com/docs/api/errors
const (
	CodeAuthenticationFailed     = 20003
	CodeTooManyRequests          = 20429
	CodeEntityExists             = 60301
	CodeTooManyChallengeAttempts = 60308
	CodeTooManyNotifications     = 60309
	CodeTooManyAttempts          = 60310
	CodeVerificationFailed       = 60311
	CodeTooManyChallenges        = 60312
	CodeBadBinding               = 60314
	CodeTooManyFactors           = 60315
	CodeBindingExists            = 60317
	CodeFactorUnverified         = 60318
	CodeChallengeAnswered        = 60322
	CodeChallengeExpired         = 60323
	CodeChallengePayloadRefused  = 60324
	CodeTooManyCreates           = 60326
	CodeTooManyNewEntities       = 60328
	CodeInvalidFactorSID         = 60362
	CodeInvalidServiceSID        = 60363
	CodeInvalidEntity            = 60366
	CodeInvalidIdentity          = 60367
	CodeInvalidFactorType        = 60369
	firstCodeNotFound            = 60390 // a factor; 60391 is a challenge, 60392 an entity
	lastCodeNotFound             = 60399
	firstCode, lastCode          = 10000, 99999
)

// HTTP statuses of an [Error], re-exported so callers need not import net/http.
const (
	StatusUnauthorized        = http.StatusUnauthorized
	StatusForbidden           = http.StatusForbidden
	StatusNotFound            = http.StatusNotFound
	StatusTooManyRequests     = http.StatusTooManyRequests
	StatusInternalServerError = http.StatusInternalServerError
)

// requestIDHeader is what Twilio's support asks for.
const requestIDHeader = "Twilio-Request-Id"

// Error is a failed call to the API.
type Error struct {
	// Operation is what was attempted.
	Operation Operation
	// Attempts is how often the request was sent, 0 if never.
	Attempts int
	// Status is the HTTP status, 0 if there was no response.
	Status int
	// Code, Message, and MoreInfo are Twilio's own, empty if the response is not in Twilio's form,
	// such as that of a gateway. Secrets that were sent are removed from the message.
	Code     int
	Message  string
	MoreInfo string
	// RequestID is what Twilio's support asks for.
	RequestID string
	// OutcomeUnknown is true if Twilio may have processed the last attempt: it reached a connection
	// and got no complete response, or one that is not Twilio's.
	OutcomeUnknown bool
	// Err is the cause if there was no response, or an unreadable one.
	Err error

	retryAfter time.Duration
}

// Error returns what Twilio, or the network, said. It contains no secret.
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.Status == 0 && e.Attempts == 0:
		fmt.Fprintf(&b, "the request was not sent: %v", e.Err)
	case e.Status == 0:
		fmt.Fprintf(&b, "no response from Twilio: %v", e.Err)
	case e.Err != nil:
		fmt.Fprintf(&b, "the response has HTTP status %d, but %v", e.Status, e.Err)
	default:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("Twilio returned HTTP %d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, ", error %d", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// IsNotFound reports whether the error is Twilio's own word that an object does not exist: HTTP 404
// or a code of the 6039x family, in Twilio's form.
func IsNotFound(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Code == 0 {
		return false
	}
	return e.Status == http.StatusNotFound || isNotFoundCode(e.Code)
}

// IsConnectionRefused reports whether nothing was listening on the address.
func IsConnectionRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func (c *Client) transportError(call *call, err error) *Error {
	// A *url.Error repeats method and URL, which the operation says better.
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	return &Error{Operation: call.operation, Attempts: call.attempts, OutcomeUnknown: call.outcomeUnknown, Err: err}
}

// malformedError reports a successful response with an unexpected body. err says what is wrong with
// it, nil if no body was expected.
func (c *Client) malformedError(call *call, err error) *Error {
	var typeErr *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typeErr) && typeErr.Field != "":
		err = fmt.Errorf("its field %q has the wrong type", typeErr.Field)
	case errors.Is(err, errInvalidField):
	default:
		err = c.describeBody(call)
	}
	e := c.responseError(call, fmt.Errorf("the response cannot be read: %w", err))
	e.OutcomeUnknown = true
	return e
}

func (c *Client) statusError(call *call) *Error {
	e := c.responseError(call, nil)
	failure := call.failure()
	e.Code, e.Message, e.MoreInfo = failure.Code, c.redact(call, failure.Message), c.redact(call, failure.MoreInfo)
	e.OutcomeUnknown = e.Status >= 500
	switch {
	case e.Status >= 300 && e.Status <= 399:
		e.Err = errors.New("it redirects to another address. Redirects are not followed, so the credentials stay on the configured host; look for a proxy in between, or correct base_url")
	case failure.Code == 0:
		e.Err = fmt.Errorf("it is not in Twilio's form, so a proxy or gateway in between probably sent it: %w", c.describeBody(call))
	}
	return e
}

// failure is the body of an error response.
type failure struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

// failure returns the body of an error response if it is in Twilio's form: JSON with a five-digit
// integer code. One that says that an object does not exist must repeat the HTTP status as well.
func (c *call) failure() failure {
	var f failure
	if json.Unmarshal(c.body, &f) != nil || f.Code < firstCode || f.Code > lastCode {
		return failure{}
	}
	status := c.response.StatusCode
	if (status == http.StatusNotFound || isNotFoundCode(f.Code)) && f.Status != status {
		return failure{}
	}
	return f
}

func isNotFoundCode(code int) bool { return code >= firstCodeNotFound && code <= lastCodeNotFound }

// responseError is an error about a response that arrived whole.
func (c *Client) responseError(call *call, err error) *Error {
	wait, _ := retryAfter(call.response.Header, time.Now())
	return &Error{
		Operation:  call.operation,
		Attempts:   call.attempts,
		Status:     call.response.StatusCode,
		RequestID:  c.redact(call, call.response.Header.Get(requestIDHeader)),
		Err:        err,
		retryAfter: wait,
	}
}

// describeBody says what was received instead of what was expected, and never quotes it.
func (c *Client) describeBody(call *call) error {
	trimmed := bytes.TrimSpace(call.body)
	switch {
	case len(trimmed) == 0:
		return errors.New("the body is empty")
	case trimmed[0] == '<':
		return errors.New("the body is an HTML page")
	case json.Valid(trimmed):
		return fmt.Errorf("the body is unexpected JSON (%d bytes)", len(call.body))
	default:
		contentType := c.redact(call, call.response.Header.Get("Content-Type"))
		return fmt.Errorf("the body is not complete JSON (%d bytes, content type %q)", len(call.body), contentType)
	}
}
