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

// maxPatience caps how many rounds of successes the throttle waits for before
// it tries one more request at once.
const maxPatience = 64

// probeCost is how many times a wait that the server asked for must have passed
// in work before one more request at once is tried, for if that is too many,
// all requests wait as long again.
const probeCost = 10

// throttle keeps the requests that are in flight within what the server takes.
// It lets everything through until a 429 says that the server takes less: what
// is in flight and was not refused is then the limit. From there it goes up by
// one after as many successes as the limit, and more slowly each time that turns
// out to be too much. A request that is refused again waits for more room.
type throttle struct {
	next   http.RoundTripper
	logger *slog.Logger

	mu          sync.Mutex
	inFlight    int
	limit       int // 0 until the first 429
	wave        int // counts the refusals that were news: the requests since one of them are of its wave
	successes   int // since the limit last moved
	patience    int // rounds of successes before the next step up
	raised      bool
	steadyUntil time.Time // no step up before
	heldUntil   time.Time
	holds       int // in a row, with nothing getting through
	waiting     []*waiter
}

// waiter is a request that has no place yet.
type waiter struct {
	attempts int      // that it has made
	place    chan int // gets the wave that the request is of
}

// RoundTrip implements [http.RoundTripper].
func (t *throttle) RoundTrip(req *http.Request) (*http.Response, error) {
	wave, err := t.acquire(req.Context(), callFrom(req.Context()).attempts)
	if err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	t.release(req.Context(), resp, err, wave)
	return resp, err
}

// acquire waits for a place, in order of arrival, as long as the context lives.
func (t *throttle) acquire(ctx context.Context, attempts int) (wave int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	t.mu.Lock()
	if len(t.waiting) == 0 && t.open(attempts) {
		defer t.mu.Unlock()
		t.inFlight++
		return t.wave, nil
	}
	w := &waiter{attempts, make(chan int, 1)}
	t.waiting = append(t.waiting, w)
	t.mu.Unlock()

	select {
	case wave := <-w.place:
		return wave, nil
	case <-ctx.Done():
		t.giveUp(w)
		return 0, ctx.Err()
	}
}

func (t *throttle) giveUp(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.waiting, w); i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
	} else {
		t.inFlight-- // the place came at the same moment as the cancellation
	}
	t.admit() // whom it kept waiting
}

func (t *throttle) release(ctx context.Context, resp *http.Response, err error, wave int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
	switch {
	case err != nil:
	case throttled(resp):
		least, asked := retryAfter(resp.Header, time.Now())
		t.lower(ctx, wave, asked)
		t.hold(ctx, resp, least, asked)
	default:
		t.raise()
	}
	t.admit()
}

// open tells whether a request may start now. From its third attempt on it needs
// twice as much room each time, so that none runs out of attempts while others
// get through.
func (t *throttle) open(attempts int) bool {
	room := max(t.limit>>max(attempts-1, 0), 1)
	return (t.limit == 0 || t.inFlight < room) && !time.Now().Before(t.heldUntil)
}

func (t *throttle) admit() {
	for len(t.waiting) > 0 && t.open(t.waiting[0].attempts) {
		t.waiting[0].place <- t.wave
		t.waiting = t.waiting[1:]
		t.inFlight++
	}
}

// lower takes what is in flight for the limit. Of those that are refused as well
// each takes one off; a slow machine may hear of them when all others have been
// answered. Too low is soon mended, unless the server asks for waits: no step up
// is tried for long then, and so what was answered counts.
func (t *throttle) lower(ctx context.Context, wave int, asked bool) {
	limit := max(t.inFlight, 1)
	if wave < t.wave {
		if asked {
			limit = max(t.limit-1, 1)
		}
		if limit < t.limit {
			t.move(limit)
		}
		return
	}
	if t.limit == 0 {
		t.logger.LogAttrs(ctx, slog.LevelInfo, "Twilio limits concurrent requests; further ones wait their turn",
			slog.Int("in_flight", limit))
	} else {
		limit = min(limit, max(t.limit-1, 1))
	}
	if t.raised {
		t.patience = min(t.patience*2, maxPatience)
	} else {
		t.patience = max(t.patience, 1)
	}
	t.raised = false
	t.wave++
	t.move(limit)
}

func (t *throttle) move(limit int) {
	t.limit, t.successes = limit, 0
}

func (t *throttle) raise() {
	t.holds = 0
	if t.limit == 0 {
		return
	}
	t.successes++
	if t.successes >= t.limit*t.patience && !time.Now().Before(t.steadyUntil) {
		t.move(t.limit + 1)
		t.raised = true
	}
}

// hold stops all requests for at least as long as the server asks. Where it does
// not ask, that is a second if it counts by the second, and a wait that grows if
// none of ours is left in flight to make room.
func (t *throttle) hold(ctx context.Context, resp *http.Response, least time.Duration, asked bool) {
	now := time.Now()
	var wait time.Duration
	switch {
	case asked:
		wait = spread(least)
		t.steadyUntil = now.Add(probeCost * wait)
	case answerCode(resp) == CodeTooManyNewEntities:
		least = time.Second
		wait = spread(least)
	case t.inFlight > 0:
		return
	default:
		wait = jitter(t.holds)
		least = wait
		t.holds++
	}
	if !now.Add(least).After(t.heldUntil) {
		return
	}
	t.heldUntil = now.Add(wait)
	t.logger.LogAttrs(ctx, slog.LevelInfo, "Twilio asks for fewer requests; all of them wait",
		slog.Int64("wait_ms", wait.Milliseconds()), slog.Int("in_flight", t.inFlight))
	time.AfterFunc(wait, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.admit()
	})
}
