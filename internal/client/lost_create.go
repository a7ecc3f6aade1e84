// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
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
	create Operation
	noun   string // for messages
	scope  string // of claims: what is listed together
	key    string // creates of the same key run one after another
	// conflict is Twilio's code for an object that exists: a repetition that gets it says that the
	// attempt before it arrived late.
	conflict int

	post      func(context.Context) (*T, error)
	list      func(context.Context) iter.Seq2[*T, error]
	resembles func(*T) bool
	sid       func(*T) string
	date      func(*T) string
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
		var cause *Error
		if !errors.As(err, &cause) || !cause.mayHaveActed() && (attempt == 0 || cause.Code != l.conflict) {
			return object, false, err
		}
		object, err = l.search(ctx, started, cause)
		if object != nil || err != nil {
			return object, object != nil, err
		}
		if attempt >= l.client.config.MaxRetries || !cause.mayRepeat() || !sleep(ctx, backoffAfter(cause, attempt)) {
			return nil, false, cause
		}
	}
}

// search looks for the object of a create whose outcome is unknown. It returns neither an object
// nor an error if there is none. An interrupt does not end it; its own deadline does.
func (l *lostCreate[T]) search(ctx context.Context, started time.Time, cause *Error) (*T, error) {
	shielded, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestCooldown+settleTime+l.client.config.RequestTimeout)
	defer cancel()
	until := time.Now()
	found, err := l.find(shielded, l.pending(started, until))
	if err == nil && found.objects == nil && cause.unsettled() {
		sleep(shielded, settleTime)
		found, err = l.find(shielded, l.pending(started, until))
	}
	switch {
	case err != nil:
		err = fmt.Errorf("%w; the search for the %s failed as well: %w", cause, l.noun, err)
	case found.certain:
		l.client.claims.add(l.scope, l.sid(found.objects[0]))
		return found.objects[0], nil
	case found.objects == nil && !cause.succeeded():
		return nil, nil //nolint:nilnil // nothing was made, which is neither an object nor a failure
	default:
		err = cause
	}
	// The lock is kept until the time of this create is over by the server's clock, so that the
	// object of a later one is not taken for this one's.
	pending := l.pending(started, until)
	uncertain := pending.Until.Sub(pending.Since) - until.Sub(started) + clockSlack
	sleep(ctx, time.Until(until.Add(uncertain)))
	return nil, l.unknown(pending, found, err)
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

// candidates are the objects that a create may have made.
type candidates[T any] struct {
	objects []*T
	certain bool // there is just one, with a usable date
	listed  bool // the list exists, which it may not before the first object
}

func (l *lostCreate[T]) find(ctx context.Context, pending Pending) (found candidates[T], err error) {
	var similar []*T
	found.listed = true
	for object, err := range l.list(ctx) {
		switch {
		case IsNotFound(err):
			found.listed = false
		case err != nil:
			return candidates[T]{}, err
		case l.resembles(object):
			similar = append(similar, object)
		}
	}
	if pending.LocalClock { // the list may have told the server's
		pending.Since, _, _ = l.client.clock.bounds(pending.Since)
		_, pending.Until, _ = l.client.clock.bounds(pending.Until)
	}
	claimed := append(l.client.claims.list(l.scope), pending.Known...)
	for _, object := range similar {
		date, dated := parseDate(l.date(object))
		if slices.Contains(claimed, l.sid(object)) || dated && (date.Before(pending.Since) || date.After(pending.Until)) {
			continue
		}
		found.certain = found.objects == nil && dated && l.sid(object) != "" && !pending.Ambiguous
		found.objects = append(found.objects, object)
	}
	return found, nil
}

// unknown returns the error about candidates that are not certain. They never become certain.
func (l *lostCreate[T]) unknown(pending Pending, found candidates[T], cause error) error {
	unknown := &UnknownOutcomeError{Pending: pending, Err: cause}
	for _, object := range found.objects {
		unknown.SIDs = append(unknown.SIDs, l.sid(object))
		unknown.Pending.Ambiguous = true
	}
	return unknown
}

// resolve looks again for the object of a create whose outcome was unknown, and passes it to use
// before another create of the key begins. visible confirms that an empty list is the truth.
func (l *lostCreate[T]) resolve(ctx context.Context, pending Pending, visible func(listed bool) error, use func(*T) error) error {
	unlock, err := l.client.creates.lock(ctx, l.key)
	if err != nil {
		return &UnknownOutcomeError{Pending: pending, Err: err}
	}
	defer unlock()
	found, err := l.find(ctx, pending)
	switch {
	case err != nil:
	case found.certain:
		return use(found.objects[0])
	case found.objects == nil:
		if err = visible(found.listed); err == nil {
			return nil
		}
	default:
		err = fmt.Errorf("it is not certain which %s an earlier create has made", l.noun)
	}
	return l.unknown(pending, found, err)
}

// mayHaveActed reports whether the server may have acted on a failed request: unless Twilio refused
// it or it never reached a connection.
func (e *Error) mayHaveActed() bool {
	return e.OutcomeUnknown || e.Status != 0 && (e.Status < 400 || e.Status > 499)
}

// unsettled reports whether the server may still be working on a failed request: unless Twilio
// itself, or a redirect, said that it is over.
func (e *Error) unsettled() bool { return e.Code == 0 && (e.Status < 300 || e.Status > 399) }

// succeeded reports whether the server said that it succeeded, if in words that could not be read.
func (e *Error) succeeded() bool { return e.Status >= 200 && e.Status <= 299 }

// mayRepeat reports whether sending the request again could have another result.
func (e *Error) mayRepeat() bool {
	return !errors.Is(e.Err, errResponseTooLarge) && (e.Status == 0 || e.Status >= 500 && e.Status <= 504)
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
