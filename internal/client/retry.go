// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// backoffMin is the first wait after a failure, backoffMax the longest one.
	backoffMin = 250 * time.Millisecond
	backoffMax = 30 * time.Second
	// retryAfterMax caps what a server may ask for: a longer wait is for a person to decide.
	retryAfterMax = time.Minute
	// refusedMax is how long connections to this machine are tried while nothing listens: a server
	// that is starting is ready by then.
	refusedMax = 3 * time.Second
)

// checkRetry is the policy: which failure of which operation is tried again. It never returns an
// error, so that the response itself reaches the caller.
func (c *Client) checkRetry(ctx context.Context, resp *http.Response, err error) (again bool, _ error) {
	call := callFrom(ctx)
	switch {
	case ctx.Err() != nil, call.aborted:
	case IsConnectionRefused(err) && isLoopback(c.base.Hostname()):
		again = time.Since(call.refusedSince)+backoffMin<<min(call.attempts-1, 20) < refusedMax
	case err != nil:
		again = retryTransport(call, err)
	default:
		again = rateLimited(call, resp) || call.repeatable && (retryStatus(resp.StatusCode) || call.succeeded() && !call.readable())
	}
	return again, nil //nolint:nilerr // the caller gets the error of the attempt itself
}

// retryTransport decides on a request without a response. What never reached a connection did not
// happen; what did may have, and only a repeatable operation is sent again.
func retryTransport(call *call, err error) bool {
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) || errors.Is(err, errResponseTooLarge) {
		return false
	}
	return !call.outcomeUnknown || call.repeatable
}

func retryStatus(status int) bool {
	return status == http.StatusInternalServerError ||
		status >= http.StatusBadGateway && status <= http.StatusGatewayTimeout
}

// finalCodes are the errors with HTTP 429 that waiting does not help.
var finalCodes = []int{
	CodeTooManyChallengeAttempts, CodeTooManyNotifications, CodeTooManyFactorAttempts,
	CodeTooManyChallenges, CodeTooManyCreates,
}

// rateLimited reports whether Twilio refused a request for load, without processing it.
func rateLimited(call *call, resp *http.Response) bool {
	code := call.code()
	return code == CodeTooManyNewEntities ||
		resp.StatusCode == http.StatusTooManyRequests && !slices.Contains(finalCodes, code)
}

// backoff is the wait before the next attempt: what the server asks for, or a random part of a span
// that doubles. What the server asks for with a 429 is waited for in the limiter, by all requests.
func backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp.Header, time.Now()); ok && wait > 0 {
			if resp.StatusCode == http.StatusTooManyRequests {
				return 0
			}
			return spread(wait)
		}
	}
	return jitter(attempt)
}

// backoffAfter is the wait before a create is sent again that failed.
func backoffAfter(e *Error, attempt int) time.Duration {
	if e.retryAfter > 0 {
		return spread(e.retryAfter)
	}
	return jitter(attempt)
}

// jitter is a random wait between a half and the whole of the attempt's span.
func jitter(attempt int) time.Duration {
	span := min(backoffMin<<min(attempt, 20), backoffMax)
	return span/2 + rand.N(span/2) //nolint:gosec // spreading requests in time needs no secret numbers
}

// spread makes a wait a little longer, and never nothing, so that clients that were told the same do
// not come back together.
func spread(wait time.Duration) time.Duration {
	return wait + rand.N(wait/10+backoffMin) //nolint:gosec // spreading requests in time needs no secret numbers
}

// retryAfter reads the header of that name, in seconds or as a date, capped. A date is compared with
// the response's own Date, so that a wrong clock here does not matter.
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
