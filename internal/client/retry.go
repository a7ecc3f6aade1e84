// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// backoffMin is the first wait after a failure, backoffMax the longest one.
	backoffMin = 250 * time.Millisecond
	backoffMax = 30 * time.Second
	// retryAfterMax caps what a server may ask for: a longer wait is for a
	// person to decide.
	retryAfterMax = time.Minute
)

// checkRetry is the policy: which failure of which operation is tried again. It
// never returns an error, so that the answer itself reaches the caller.
func checkRetry(ctx context.Context, resp *http.Response, err error) (again bool, _ error) {
	call := callFrom(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		again = retryTransport(call, err)
	default:
		again = retryStatus(call.operation, resp)
	}
	return again, nil //nolint:nilerr // the caller gets the error of the attempt itself
}

// retryTransport decides on a request that brought no answer. What never reached
// a connection did not happen; what did may have, and only a repeatable
// operation is sent again.
func retryTransport(call *call, err error) bool {
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) || errors.Is(err, errAnswerTooLarge) {
		return false
	}
	return !call.unanswered || call.operation.repeatable()
}

func retryStatus(operation Operation, resp *http.Response) bool {
	switch {
	case throttled(resp):
		return true
	case resp.StatusCode == http.StatusInternalServerError:
		return operation.repeatable() && operation != OperationUpdate
	case resp.StatusCode >= http.StatusBadGateway && resp.StatusCode <= http.StatusGatewayTimeout:
		return operation.repeatable()
	default:
		return false
	}
}

// createAgain tells whether to send a create again whose outcome was unknown
// and of which no factor was found.
func createAgain(err error) bool {
	var e *Error
	if !errors.As(err, &e) || errors.Is(err, errAnswerTooLarge) {
		return false
	}
	return e.Status == 0 || e.Status >= http.StatusInternalServerError && e.Status <= http.StatusGatewayTimeout
}

// throttled tells whether Twilio put a request off without looking at it. Two
// of its 429 are final: the attempts at a code are used up, or the creates of a day.
func throttled(resp *http.Response) bool {
	code := answerCode(resp)
	if code == CodeTooManyNewEntities {
		return true
	}
	return resp.StatusCode == http.StatusTooManyRequests &&
		code != CodeTooManyAttempts && code != CodeTooManyCreates
}

// answerCode reads Twilio's error code out of a failure. The transport has read
// the body into memory, so that it can be put back.
func answerCode(resp *http.Response) int {
	if resp.StatusCode < 400 {
		return 0
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	resp.Body = memoryBody(body)
	code, _, _ := readFailure(body)
	return code
}

// backoff is the wait before the next attempt: what the server asks for, or a
// random part of a span that doubles. A 429 waits in the throttle, for all
// requests at once.
func backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if throttled(resp) {
			return 0
		}
		if wait, ok := retryAfter(resp.Header, time.Now()); ok {
			return spread(wait)
		}
	}
	return jitter(attempt)
}

// backoffAfter is the wait before a create is sent again that failed with err.
func backoffAfter(err error, attempt int) time.Duration {
	var e *Error
	if errors.As(err, &e) && e.retryAfter > 0 {
		return spread(e.retryAfter)
	}
	return jitter(attempt)
}

// jitter is a random wait between a half and the whole of the attempt's span.
func jitter(attempt int) time.Duration {
	span := min(backoffMin<<min(attempt, 20), backoffMax)
	return span/2 + rand.N(span/2) //nolint:gosec // spreading requests in time needs no secret numbers
}

// spread makes a wait a little longer, and never nothing, so that clients that
// were told the same do not come back together.
func spread(wait time.Duration) time.Duration {
	return wait + rand.N(wait/10+backoffMin) //nolint:gosec // spreading requests in time needs no secret numbers
}

// retryAfter reads the header of that name, in seconds or as a date, capped. A
// date is set against the answer's own Date, so that a wrong clock here does
// not matter.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	// What is too large to be parsed is cut to the largest number.
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(retryAfterMax/time.Second))) * time.Second, true
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(until.Sub(now), 0), retryAfterMax), true
}
