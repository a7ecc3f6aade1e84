// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Twilio's error codes that the provider handles or explains; see
// https://www.twilio.com/docs/api/errors.
const (
	CodeAuthenticationFailed         = 20003
	CodeTestCredentials              = 20008
	CodeNotFound                     = 20404
	CodeTooManyRequests              = 20429
	CodeTooManyRateLimits            = 60207
	CodeRateLimitExists              = 60208
	CodeBadUniqueName                = 60209
	CodeTooManyBuckets               = 60210
	CodeBucketExists                 = 60211
	CodeMessagingConfigurationExists = 60213
	CodeRestrictedName               = 60248
	CodeEntityExists                 = 60301
	CodeEntityAlreadyExists          = 60304
	CodeTooManyChallengeAttempts     = 60308
	CodeTooManyNotifications         = 60309
	CodeTooManyFactorAttempts        = 60310
	CodeVerificationFailed           = 60311
	CodeTooManyChallenges            = 60312
	CodeBadBinding                   = 60314
	CodeTooManyFactors               = 60315
	CodeBindingExists                = 60317
	CodeFactorUnverified             = 60318
	CodeChallengeAnswered            = 60322
	CodeChallengeExpired             = 60323
	CodeBadAuthPayload               = 60324
	CodeTooManyCreates               = 60326
	CodeTooManyNewEntities           = 60328
	CodeBadFactorSID                 = 60362
	CodeBadServiceSID                = 60363
	CodeBadEntity                    = 60366
	CodeBadIdentity                  = 60367
	CodeBadDetails                   = 60368
	CodeBadFactorType                = 60369
	CodeFactorNotFound               = 60390
)

// HTTP statuses of an [Error], re-exported so callers need not import net/http.
const (
	StatusBadRequest          = http.StatusBadRequest
	StatusUnauthorized        = http.StatusUnauthorized
	StatusForbidden           = http.StatusForbidden
	StatusNotFound            = http.StatusNotFound
	StatusRequestTimeout      = http.StatusRequestTimeout
	StatusTooManyRequests     = http.StatusTooManyRequests
	StatusInternalServerError = http.StatusInternalServerError
)

// requestIDHeader names the header with the request ID, which Twilio's support asks for.
const requestIDHeader = "Twilio-Request-Id"

// Error is the error of every failed call.
type Error struct {
	// Operation is what was attempted, such as "create factor".
	Operation string
	// Attempts is how many times the request was sent.
	Attempts int
	// Status is the HTTP status, 0 if there was no response.
	Status int
	// Code, Message, and MoreInfo come from the body of an error response, and are empty if it has
	// none. Secrets that were sent are redacted.
	Code     int
	Message  string
	MoreInfo string
	// RequestID identifies the request to Twilio's support.
	RequestID string
	// OutcomeUnknown is true if the last attempt had a connection but got no complete response, or
	// if a gateway stopped waiting for one (HTTP 408): the server may have acted on it.
	OutcomeUnknown bool
	// Err is the cause if there was no response, or an unexpected one.
	Err error

	aborted    bool // the last attempt was not sent
	retryAfter time.Duration
}

// Error returns a message from Twilio or the network. It contains no secrets.
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.Status == 0 && e.Attempts == 0:
		fmt.Fprintf(&b, "the request was not sent: %v", e.Err)
	case e.Status == 0 && e.aborted:
		fmt.Fprintf(&b, "the request was not sent again: %v", e.Err)
	case errors.Is(e.Err, errResponseTooLarge):
		b.WriteString(e.Err.Error())
	case e.Status == 0:
		fmt.Fprintf(&b, "no response from Twilio: %v", e.Err)
	case e.Err != nil:
		fmt.Fprintf(&b, "HTTP %d, but %v", e.Status, e.Err)
	default:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("Twilio returned HTTP %d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, ", error %d", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	return shorten(printable(b.String()), 3*maxText) // the cause may quote a certificate
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// IsNotFound reports whether Twilio itself reported that the object does not exist: with HTTP 404,
// or with a code for a missing factor, challenge, or entity, in a response in Twilio's format. Any
// other 404 may come from a proxy.
func IsNotFound(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Err != nil {
		return false
	}
	return e.Status == http.StatusNotFound && isCode(e.Code) || meansNotFound(e.Code)
}

// meansNotFound reports whether a code is one of those for objects that do not exist, 60390 to
// 60399.
func meansNotFound(code int) bool { return code/10 == CodeFactorNotFound/10 }

func isCode(code int) bool { return code >= 10_000 && code <= 99_999 }

// IsConnectionRefused reports whether the connection was refused.
func IsConnectionRefused(err error) bool {
	const windows = syscall.Errno(10061) // WSAECONNREFUSED, which package syscall does not map
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, windows)
}

// IsSchemeMismatch reports whether the URL begins with https, but the server does not use TLS.
func IsSchemeMismatch(err error) bool { return errors.Is(err, http.ErrSchemeMismatch) }

// IsCertificateInvalid reports whether the server's certificate could not be verified.
func IsCertificateInvalid(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}

// IsHostNotFound reports whether the host name does not exist.
func IsHostNotFound(err error) bool {
	var dnsErr *net.DNSError
	return errors.As(err, &dnsErr) && dnsErr.IsNotFound
}

// transportError returns the error for a call that ended with err instead of a response.
func (c *Client) transportError(call *call, err error) *Error {
	// A *url.Error repeats the method and URL, which the operation makes redundant.
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err
	}
	if call.response != nil { // a cancellation ended the wait before another attempt
		return c.responseError(call, fmt.Errorf("the request was not sent again: %w", err))
	}
	return &Error{Operation: call.operation, Attempts: call.attempts, OutcomeUnknown: call.outcomeUnknown, Err: err, aborted: call.aborted}
}

// malformedError returns the error for a response with a success status and an invalid body. err
// says what is wrong, or is nil if no body was expected.
func (c *Client) malformedError(call *call, err error) *Error {
	var typeErr *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typeErr) && typeErr.Field != "":
		err = fmt.Errorf("its field %q has the wrong type", strings.TrimPrefix(typeErr.Field, "Common.")) // which JSON does not have
	case errors.Is(err, errInvalidField):
	default:
		err = c.describeBody(call)
	}
	return c.responseError(call, fmt.Errorf("the response cannot be read: %w", err))
}

func (c *Client) statusError(call *call) *Error {
	e := c.responseError(call, nil)
	e.OutcomeUnknown = e.Status == StatusRequestTimeout
	b := call.errorBody()
	e.Code, e.Message, e.MoreInfo = b.code, c.redact(call, b.message), c.redact(call, b.moreInfo)
	switch {
	case e.Status >= 300 && e.Status <= 399:
		e.Err = errors.New("redirects are not followed, because they could send the credentials to another host; " +
			"look for a proxy in between, or correct base_url")
	case (e.Status == http.StatusNotFound || meansNotFound(e.Code)) && !b.hasTwilioFormat, b.code == 0 && b.message == "":
		e.Err = fmt.Errorf("the response is not in Twilio's format: %w; it probably came from a proxy or gateway", c.describeBody(call))
	}
	return e
}

// errorBody is the part of an error response's body that could be decoded.
type errorBody struct {
	code              int
	message, moreInfo string
	// hasTwilioFormat is true if there are a five-digit code and the HTTP status, both as numbers.
	hasTwilioFormat bool
}

func (c *call) errorBody() errorBody {
	var fields map[string]json.RawMessage
	if json.Unmarshal(c.body, &fields) != nil {
		return errorBody{}
	}
	code, _ := strconv.Atoi(jsonText(fields["code"]))
	numbers := string(fields["code"]) == strconv.Itoa(code) && string(fields["status"]) == strconv.Itoa(c.response.StatusCode)
	return errorBody{code, jsonText(fields["message"]), jsonText(fields["more_info"]), numbers && isCode(code)}
}

// code returns Twilio's error code in the last response, or 0.
func (c *call) code() int {
	if c.response == nil || c.response.StatusCode < 400 {
		return 0
	}
	return c.errorBody().code
}

// responseError returns an error about a complete response.
func (c *Client) responseError(call *call, err error) *Error {
	return &Error{
		Operation: call.operation, Attempts: call.attempts, Status: call.response.StatusCode, Err: err,
		RequestID: c.requestID(call, call.response.Header), retryAfter: retryAfter(call.response.Header, time.Now()),
	}
}

var requestIDPattern = regexp.MustCompile(`^RQ[0-9a-f]{32}$`)

// requestID returns the ID of a request. In Twilio's form, it cannot be a secret.
func (c *Client) requestID(call *call, header http.Header) string {
	id := header.Get(requestIDHeader)
	if requestIDPattern.MatchString(id) {
		return id
	}
	return c.redact(call, id)
}

// describeBody describes an unexpected body without quoting it.
func (c *Client) describeBody(call *call) error {
	trimmed := bytes.TrimSpace(call.body)
	switch {
	case len(trimmed) == 0:
		return errors.New("the body is empty")
	case trimmed[0] == '<':
		return errors.New("the body is an HTML page")
	case json.Valid(trimmed):
		return fmt.Errorf("the body is JSON, but not what was expected (%d bytes)", len(call.body))
	default:
		contentType := c.redact(call, call.response.Header.Get("Content-Type"))
		return fmt.Errorf("the body is not complete JSON (%d bytes, content type %q)", len(call.body), contentType)
	}
}
