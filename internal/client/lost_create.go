// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// longestCooldown is the longest wait that a 429 can cause.
	longestCooldown = retryAfterMax + retryAfterMax/10 + backoffMin
	// settleTime is how long a server may still be working on a request after its connection was
	// lost.
	settleTime = 2 * time.Second
	// dateSlack allows for dates that are cut to whole seconds, and for a server that acts a little
	// after the connection was lost.
	dateSlack = time.Second
	// clockSlack is how precisely one response tells the server's clock.
	clockSlack = 2 * time.Second
)

// UnknownOutcomeError says that a create may have made an object, and that it cannot be told which
// one.
type UnknownOutcomeError struct {
	// Pending finds the object later; see [Client.ResolvePending] and [Client.DeletePending].
	Pending Pending
	// SIDs are the objects that it may be, if they could be listed.
	SIDs []string
	// Err is what happened to the create, or to the search after it.
	Err error
}

// Error returns the cause.
func (e *UnknownOutcomeError) Error() string {
	if len(e.SIDs) == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v; it may have created one of %s", e.Err, strings.Join(e.SIDs, ", "))
}

// Unwrap returns the cause.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// Pending describes an object that may exist, so that another process can look for it. It holds no
// secret.
type Pending struct {
	// Since and Until enclose its creation, by the server's clock.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// LocalClock says that Since and Until are by this machine's clock, because no response had told
	// the server's.
	LocalClock bool `json:"local_clock,omitempty"`
	// Known are objects that were claimed.
	Known []string `json:"known,omitempty"`
	// Ambiguous says that there were several candidates, or one without a usable date: none of those
	// that remain may be taken or deleted.
	Ambiguous bool `json:"ambiguous,omitempty"`
}

// lostCreate creates an object of one noun and recovers it if the response is lost.
type lostCreate[T any] struct {
	client *Client
	noun   string // for messages
	scope  string // of claims: what is listed together
	key    string // creates of the same key run one after another
	create Operation

	post      func(context.Context) (*T, error)
	list      func(context.Context) iter.Seq2[*T, error]
	resembles func(*T) bool
	sid       func(*T) string
	date      func(*T) string
	// conflict is Twilio's code for an object that exists, 0 if there is none: a repetition that
	// gets it says that the attempt before it arrived late.
	conflict int
}

// run creates the object. It reports whether the object was recovered: found by a search after the
// response was lost. If it cannot be told whether an object was made, or which one, the error is an
// [*UnknownOutcomeError]; any other error means that none was.
func (l *lostCreate[T]) run(ctx context.Context) (object *T, recovered bool, err error) {
	unlock, err := l.client.creates.lock(ctx, l.key)
	if err != nil {
		return nil, false, &Error{Operation: l.create, Err: err}
	}
	defer unlock()
	started := time.Now()
	for attempt := 0; ; attempt++ {
		object, err := l.post(ctx)
		if err == nil || !outcomeUnknown(err) && !(attempt > 0 && l.conflicts(err)) {
			return object, false, err
		}
		object, searchErr := l.search(ctx, started, err)
		if object != nil || searchErr != nil {
			return object, object != nil, searchErr
		}
		if attempt >= l.client.config.MaxRetries || !createAgain(err) || !sleep(ctx, backoffAfter(err, attempt)) {
			return nil, false, err
		}
	}
}

func (l *lostCreate[T]) conflicts(err error) bool {
	var e *Error
	return l.conflict != 0 && errors.As(err, &e) && e.Code == l.conflict
}

// search looks for the object of a create whose outcome is unknown. It returns neither an object
// nor an error if there is none. An interrupt does not end it; its own deadline does.
func (l *lostCreate[T]) search(ctx context.Context, started time.Time, cause error) (*T, error) {
	shielded, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestCooldown+settleTime+l.client.config.RequestTimeout)
	defer cancel()
	until := time.Now()
	pending := l.pending(started, until)
	found, _, err := l.candidates(shielded, pending)
	if err == nil && len(found) == 0 && unsettled(cause) {
		sleep(shielded, settleTime)
		found, _, err = l.candidates(shielded, pending)
	}
	// The list has told more of the server's clock.
	pending = l.pending(started, until)
	switch {
	case err != nil:
		err = fmt.Errorf("%w; the search for the %s failed as well: %w", cause, l.noun, err)
	case len(found) > 0:
		var object *T
		if object, err = l.take(found, &pending, cause); err == nil {
			return object, nil
		}
	case !responded(cause):
		return nil, nil //nolint:nilnil // nothing was made, which is neither an object nor a failure
	default:
		err = cause
	}
	l.outlast(ctx, pending, started, until)
	var unknown *UnknownOutcomeError
	if errors.As(err, &unknown) {
		return nil, unknown
	}
	return nil, &UnknownOutcomeError{Pending: pending, Err: err}
}

// outlast keeps the lock until the time that pending describes is over by the server's clock, so
// that the object of a later create is not taken for this one's.
func (l *lostCreate[T]) outlast(ctx context.Context, pending Pending, started, until time.Time) {
	uncertain := pending.Until.Sub(pending.Since) - until.Sub(started)
	if pending.LocalClock {
		uncertain += clockSlack
	}
	sleep(ctx, time.Until(until.Add(uncertain)))
}

// pending encloses the object of a create that was sent and lost at the given times.
func (l *lostCreate[T]) pending(started, until time.Time) Pending {
	since, _, _ := l.client.clock.bounds(started)
	_, latest, known := l.client.clock.bounds(until)
	return Pending{
		Since:      since.Add(-dateSlack),
		Until:      latest.Add(dateSlack),
		LocalClock: !known,
		Known:      l.client.claims.list(l.scope),
	}
}

// candidates lists the objects that the create may have made. It reports whether there is a list
// at all, which may not exist before the first object.
func (l *lostCreate[T]) candidates(ctx context.Context, pending Pending) (found []*T, listed bool, err error) {
	var similar []*T
	listed = true
	for object, err := range l.list(ctx) {
		switch {
		case IsNotFound(err):
			listed = false
		case err != nil:
			return nil, false, err
		case l.resembles(object):
			similar = append(similar, object)
		}
	}
	if pending.LocalClock {
		pending.Since, _, _ = l.client.clock.bounds(pending.Since)
		_, pending.Until, _ = l.client.clock.bounds(pending.Until)
	}
	claimed := append(l.client.claims.list(l.scope), pending.Known...)
	for _, object := range similar {
		date, dated := parseDate(l.date(object))
		if !slices.Contains(claimed, l.sid(object)) &&
			(!dated || !date.Before(pending.Since) && !date.After(pending.Until)) {
			found = append(found, object)
		}
	}
	return found, listed, nil
}

// take claims the only candidate. Several, or one without a usable date, make the outcome
// ambiguous for good.
func (l *lostCreate[T]) take(found []*T, pending *Pending, cause error) (*T, error) {
	_, dated := parseDate(l.date(found[0]))
	if len(found) == 1 && dated && l.sid(found[0]) != "" && !pending.Ambiguous {
		l.client.claims.add(l.scope, l.sid(found[0]))
		return found[0], nil
	}
	pending.Ambiguous = true
	unknown := &UnknownOutcomeError{Pending: *pending, Err: cause}
	for _, object := range found {
		unknown.SIDs = append(unknown.SIDs, l.sid(object))
	}
	return nil, unknown
}

// resolve looks again for the object of a create whose outcome was unknown, and passes it to use
// while no create of the same key can begin. visible confirms that an empty list is the truth.
func (l *lostCreate[T]) resolve(ctx context.Context, pending Pending, visible func(listed bool) error, use func(*T) error) error {
	unlock, err := l.client.creates.lock(ctx, l.key)
	if err != nil {
		return &UnknownOutcomeError{Pending: pending, Err: err}
	}
	defer unlock()
	found, listed, err := l.candidates(ctx, pending)
	if err == nil && len(found) == 0 {
		err = visible(listed)
	}
	if err != nil {
		return &UnknownOutcomeError{Pending: pending, Err: err}
	}
	if len(found) == 0 {
		return nil
	}
	object, err := l.take(found, &pending, fmt.Errorf("it is not certain which %s an earlier create has made", l.noun))
	if err != nil {
		return err
	}
	return use(object)
}

// outcomeUnknown reports whether a failed create may have made an object: unless Twilio refused it
// or it never reached a connection.
func outcomeUnknown(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	if e.Status == 0 {
		return e.OutcomeUnknown
	}
	return e.Status < 400 || e.Status > 499
}

// responded reports whether the server said that it made the object, if in words that could not be
// read.
func responded(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status >= 200 && e.Status <= 299
}

// unsettled reports whether the server may still have been working on a create when it failed:
// unless Twilio itself, or a redirect, said that it is over.
func unsettled(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == 0 && (e.Status < 300 || e.Status > 399)
}

// createAgain reports whether to send a create again whose outcome was unknown and of which no
// object was found.
func createAgain(err error) bool {
	var e *Error
	if !errors.As(err, &e) || errors.Is(err, errResponseTooLarge) {
		return false
	}
	return e.Status == 0 || e.Status >= http.StatusInternalServerError && e.Status <= http.StatusGatewayTimeout
}

// parseDate parses a date in the format of either of Twilio's APIs.
func parseDate(text string) (date time.Time, ok bool) {
	for _, layout := range []string{time.RFC3339, time.RFC1123Z, time.RFC1123} {
		if date, err := time.Parse(layout, text); err == nil {
			return date, true
		}
	}
	return time.Time{}, false
}

// sleep waits, and reports whether it waited to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
