// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// increaseCost times the length of a cooldown must pass before the limit is increased again,
// because an increase that goes too far makes all requests wait for another cooldown.
const increaseCost = 10

// limiter is an adaptive concurrency limiter (AIMD): it limits the requests in flight to what the
// server accepts. It has no limit until the first 429. Each 429 decreases the limit. Once the
// number of successes since the last change reaches the limit, the limit is increased by one.
type limiter struct {
	next   http.RoundTripper
	logger *slog.Logger

	mu        sync.Mutex
	inFlight  int // slots in use
	limit     int // 0 until the first 429
	epoch     int // counts decreases, except those for requests sent before the previous decrease
	successes int // since the limit last changed
	cooldown  time.Time
	increase  time.Time // no increase before this time
	queue     []*slot
}

// slot is permission to send one request.
type slot struct {
	attempts int // previous attempts of the request
	weight   int // how many slots it counts as
	epoch    int
	granted  chan struct{}
}

// RoundTrip implements [http.RoundTripper].
func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	s := &slot{attempts: callFrom(req.Context()).attempts, granted: make(chan struct{})}
	if err := l.acquire(req.Context(), s); err != nil {
		return nil, err
	}
	resp, err := l.next.RoundTrip(req)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight -= s.weight
	switch {
	case err != nil:
	case rateLimited(callFrom(req.Context()), resp):
		l.refused(req.Context(), s, resp)
	case l.limit > 0:
		if l.successes++; l.successes >= l.limit && !time.Now().Before(l.increase) {
			l.limit, l.successes = l.limit+1, 0
		}
	}
	l.grant()
	return resp, err
}

// acquire waits in order of arrival until the slot is granted or ctx is done.
func (l *limiter) acquire(ctx context.Context, s *slot) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	l.queue = append(l.queue, s)
	l.grant()
	l.mu.Unlock()
	select {
	case <-s.granted:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.queue, s); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
	} else {
		l.inFlight -= s.weight // the slot was granted at the moment of the cancellation
	}
	l.grant()
	return ctx.Err()
}

// grant grants slots to the head of the queue while the limit allows. From its third attempt on, a
// request needs all slots, so other requests cannot use up its attempts.
func (l *limiter) grant() {
	for len(l.queue) > 0 && !time.Now().Before(l.cooldown) {
		s := l.queue[0]
		s.weight = 1
		if s.attempts >= 2 {
			s.weight = max(l.limit, 1)
		}
		if l.limit > 0 && l.inFlight+s.weight > l.limit {
			return
		}
		l.queue = l.queue[1:]
		l.inFlight += s.weight
		s.epoch = l.epoch
		close(s.granted)
	}
}

// refused decreases the limit, and starts a cooldown if the server asks for one. The very first
// refusal sets the limit to the number of requests still in flight. Later, the first refusal of an
// epoch decreases it by an eighth, or to that number if it is smaller, and each further refusal in
// a burst decreases it by one.
func (l *limiter) refused(ctx context.Context, s *slot, resp *http.Response) {
	now := time.Now()
	switch {
	case s.epoch < l.epoch:
		l.limit = max(l.limit-1, 1)
	case l.limit == 0:
		l.limit = max(l.inFlight, 1)
		l.epoch++
		l.logger.LogAttrs(ctx, slog.LevelInfo, "Twilio limits concurrent requests; further requests wait for a slot",
			slog.Int("in_flight", l.inFlight))
	default:
		l.limit = max(min(l.inFlight, l.limit*7/8), 1)
		l.epoch++
	}
	l.successes = 0
	wait := retryAfter(resp.Header, now)
	if callFrom(ctx).code() == CodeTooManyNewEntities {
		wait = max(wait, time.Second) // Twilio limits new entities per second
	}
	if wait == 0 || !now.Add(wait).After(l.cooldown) {
		return
	}
	wait = spread(wait)
	l.cooldown, l.increase = now.Add(wait), now.Add(increaseCost*wait)
	l.logger.LogAttrs(ctx, slog.LevelInfo, "Twilio is rate limiting requests; all requests wait",
		slog.Int64("wait_ms", wait.Milliseconds()), slog.Int("in_flight", l.inFlight))
	time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.grant()
	})
}
