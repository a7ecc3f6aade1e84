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
	codeFactorNotFound       = 60390
	codeEntityNotFound       = 60392
)

const (
	requestIDHeader      = "Twilio-Request-Id"
	sensitivePlaceholder = "(sensitive value)"
	// maxMessage is where a text from the server is cut, in bytes.
	maxMessage = 1000
)

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
		fmt.Fprintf(&b, "Twilio answered HTTP %d (%s)", e.Status, http.StatusText(e.Status))
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
// 404, or one of Twilio's own codes for a missing factor or entity.
func IsNotFound(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Status == http.StatusNotFound || e.Code == codeFactorNotFound || e.Code == codeEntityNotFound
}

func (c *Client) transportError(call *call, err error) *Error {
	// A *url.Error repeats method and URL, which the operation says better.
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	return &Error{Operation: call.operation, Attempts: call.attempts, Unanswered: call.unanswered, Err: err}
}

func (c *Client) malformedError(call *call, resp *http.Response, body []byte, err error) *Error {
	e := c.answerError(call, resp)
	e.Err = fmt.Errorf("the answer cannot be read: %s", describeBody(resp, body))
	var typeErr *json.UnmarshalTypeError
	if errors.As(err, &typeErr) {
		e.Err = fmt.Errorf("the answer cannot be read: its field %q is a %s", typeErr.Field, typeErr.Value)
	}
	return e
}

func (c *Client) statusError(call *call, resp *http.Response, body []byte) *Error {
	e := c.answerError(call, resp)
	var answer struct {
		Code     flexInt `json:"code"`
		Message  string  `json:"message"`
		MoreInfo string  `json:"more_info"`
	}
	switch err := json.Unmarshal(body, &answer); {
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		e.Err = errors.New("that redirects to another address, and redirects are not followed, to keep the credentials on their host; look for a proxy in between, or correct base_url")
	case err != nil:
		e.Err = fmt.Errorf("not in Twilio's form: %s", describeBody(resp, body))
	default:
		e.Code = int(answer.Code)
		e.Message = c.redact(call, answer.Message)
		e.MoreInfo = c.redact(call, answer.MoreInfo)
	}
	return e
}

func (c *Client) answerError(call *call, resp *http.Response) *Error {
	wait, _ := retryAfter(resp.Header, time.Now())
	return &Error{
		Operation:  call.operation,
		Attempts:   call.attempts,
		Status:     resp.StatusCode,
		RequestID:  resp.Header.Get(requestIDHeader),
		retryAfter: wait,
	}
}

// describeBody says what came instead of what was expected, never quoting it.
func describeBody(resp *http.Response, body []byte) string {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return "the body is empty"
	case trimmed[0] == '<':
		return "the body is an HTML page, as a gateway or proxy sends it"
	default:
		return fmt.Sprintf("the body is not whole JSON (%d bytes, content type %q)", len(body), resp.Header.Get("Content-Type"))
	}
}

// redact takes the secrets that the call sent out of a text that came back:
// nothing promises that Twilio never quotes a value it refuses.
func (c *Client) redact(call *call, text string) string {
	secrets := []string{c.config.Password}
	for _, name := range sensitiveParameters {
		secrets = append(secrets, call.form[name]...)
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			text = replaceFold(text, form, sensitivePlaceholder)
		}
	}
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}

// replaceFold replaces old without regard to case in ASCII.
func replaceFold(text, old, replacement string) string {
	lowerText, lowerOld := asciiLower(text), asciiLower(old)
	var b strings.Builder
	for {
		i := strings.Index(lowerText, lowerOld)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i] + replacement)
		text, lowerText = text[i+len(old):], lowerText[i+len(old):]
	}
}

// asciiLower keeps every byte in its place, which strings.ToLower does not promise.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
