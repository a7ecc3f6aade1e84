// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// backoffMin is the first delay after a failure, backoffMax the longest one.
	backoffMin = 250 * time.Millisecond
	backoffMax = 30 * time.Second
	// retryAfterMax caps what a server can ask for: a longer wait is for a person to decide.
	retryAfterMax = time.Minute
)

// refusedMax is how long a loopback address that refuses connections is retried: there is no network
// that could recover.
const refusedMax = time.Second

// checkRetry is the retry policy. It never returns an error, so that the response itself reaches
// the caller.
func (c *Client) checkRetry(ctx context.Context, resp *http.Response, err error) (retry bool, _ error) {
	call := callFrom(ctx)
	switch {
	case ctx.Err() != nil || call.aborted:
	case err != nil:
		retry = c.retryTransport(call, err)
	default:
		retry = retryResponse(call, resp)
	}
	return retry, nil //nolint:nilerr // the caller gets the error of the attempt itself
}

// retryTransport decides on a request without a response. One that never reached a connection was
// not processed; another one may have been, and only a repeatable operation is sent again.
func (c *Client) retryTransport(call *call, err error) bool {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate) || errors.Is(err, errResponseTooLarge):
		return false
	case IsConnectionRefused(err) && isLoopback(c.base.Hostname()):
		return time.Since(call.refusedSince) < refusedMax
	}
	return !call.outcomeUnknown || call.repeatable
}

func retryResponse(call *call, resp *http.Response) bool {
	switch {
	case rateLimited(call, resp):
		return true
	case resp.StatusCode >= 200 && resp.StatusCode <= 299:
		return call.repeatable && !call.readable()
	case resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode <= http.StatusGatewayTimeout && resp.StatusCode != http.StatusNotImplemented:
		return call.repeatable
	}
	return false
}

// finalCodes are the codes of limits that no wait within a run resolves.
var finalCodes = []int{
	CodeTooManyChallengeAttempts, CodeTooManyNotifications, CodeTooManyAttempts, CodeTooManyChallenges, CodeTooManyCreates,
}

// rateLimited reports whether Twilio rejected a request without processing it.
func rateLimited(call *call, resp *http.Response) bool {
	code := call.code(resp)
	if code == CodeTooManyNewEntities {
		return true
	}
	return resp.StatusCode == http.StatusTooManyRequests && !slices.Contains(finalCodes, code)
}

// code returns Twilio's error code, 0 if the response is none of Twilio's errors.
func (c *call) code(resp *http.Response) int {
	if resp.StatusCode < 400 {
		return 0
	}
	var f failure
	_ = json.Unmarshal(c.body, &f) // a body in another form has no code
	return f.Code
}

// backoff returns the delay before the next attempt: what the server asks for, or a random part of
// a span that doubles. A rate limited request waits in the limiter instead.
func backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if rateLimited(callFrom(resp.Request.Context()), resp) {
			return 0
		}
		if wait, ok := retryAfter(resp.Header, time.Now()); ok {
			return spread(wait)
		}
	}
	return jitter(attempt)
}

// backoffAfter returns the delay before a create that failed with err is sent again.
func backoffAfter(err error, attempt int) time.Duration {
	var e *Error
	if errors.As(err, &e) && e.retryAfter > 0 {
		return spread(e.retryAfter)
	}
	return jitter(attempt)
}

// jitter returns a random delay between a half and the whole of the attempt's span.
func jitter(attempt int) time.Duration {
	span := min(backoffMin<<min(attempt, 20), backoffMax)
	return span/2 + rand.N(span/2) //nolint:gosec // spreading requests in time needs no secret numbers
}

// spread returns a slightly longer delay, so that clients that were told the same do not return at
// once.
func spread(wait time.Duration) time.Duration {
	return wait + rand.N(wait/10+backoffMin) //nolint:gosec // spreading requests in time needs no secret numbers
}

// retryAfter returns the header of that name, in seconds or as a date, capped. A date is compared
// with the response's own Date, so that a wrong clock on this machine does not matter.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	// A number that is too large to parse is the largest one.
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
