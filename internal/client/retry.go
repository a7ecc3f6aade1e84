// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
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
	// retryAfterMax caps the wait that a server can ask for.
	retryAfterMax = time.Minute
	// refusedMax limits how long connections to a loopback address are retried while they are
	// refused. A server that is starting is ready within that time.
	refusedMax = 3 * time.Second
)

// checkRetry is the retry policy. It never returns an error, so the caller gets the response
// itself.
func (c *Client) checkRetry(ctx context.Context, resp *http.Response, err error) (again bool, _ error) {
	call := callFrom(ctx)
	switch {
	case ctx.Err() != nil, call.aborted:
	case IsConnectionRefused(err) && isLoopback(c.base.Hostname()):
		again = time.Since(call.refusedSince)+backoffMin<<min(call.attempts-1, 20) < refusedMax
	case IsCertificateInvalid(err), IsSchemeMismatch(err), errors.Is(err, errResponseTooLarge):
	case err != nil: // without a connection, the server cannot have acted on the request
		again = !call.outcomeUnknown || !call.once
	default:
		again = rateLimited(call, resp) || !call.once && (retryStatus(resp.StatusCode) || call.succeeded() && !call.readable())
	}
	return again, nil //nolint:nilerr // the caller gets the error of the attempt itself
}

func retryStatus(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusInternalServerError ||
		status >= http.StatusBadGateway && status <= http.StatusGatewayTimeout
}

// finalCodes are the codes of 429 responses for which a retry is useless.
var finalCodes = []int{
	CodeTooManyChallengeAttempts, CodeTooManyNotifications, CodeTooManyFactorAttempts,
	CodeTooManyChallenges, CodeTooManyCreates,
}

// rateLimited reports whether Twilio refused a request because of a rate limit, without processing
// it.
func rateLimited(call *call, resp *http.Response) bool {
	code := call.code()
	return code == CodeTooManyNewEntities ||
		resp.StatusCode == http.StatusTooManyRequests && !slices.Contains(finalCodes, code)
}

// backoff is the backoff policy. The Retry-After of a 429 is left to the limiter, which applies it
// to all requests.
func backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	var asked time.Duration
	if resp != nil {
		asked = retryAfter(resp.Header, time.Now())
	}
	if asked > 0 && resp.StatusCode == http.StatusTooManyRequests {
		return 0
	}
	return backoffAfter(asked, attempt)
}

// backoffAfter returns the wait before the next attempt: somewhat more than the server asked for, or
// else exponential backoff with jitter, which is at least half of it.
func backoffAfter(asked time.Duration, attempt int) time.Duration {
	if asked > 0 {
		return spread(asked)
	}
	span := min(backoffMin<<min(attempt, 20), backoffMax)
	return span/2 + rand.N(span/2) //nolint:gosec // jitter does not need secure random numbers
}

// spread lengthens a wait by a random amount, so clients with the same Retry-After do not retry at
// the same moment.
func spread(wait time.Duration) time.Duration {
	return wait + rand.N(wait/10+backoffMin) //nolint:gosec // jitter does not need secure random numbers
}

// retryAfter parses the Retry-After header, in seconds or as a date, and caps it. A date is
// compared with the response's Date, so a wrong local clock does not matter. It returns 0 if there is
// no valid header.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	// ParseUint returns the largest number for a number that is out of range.
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(retryAfterMax/time.Second))) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(until.Sub(now), 0), retryAfterMax)
}
