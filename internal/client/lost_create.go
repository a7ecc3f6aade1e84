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
	// settleTime is how long a server may continue to process a request after its connection was
	// lost.
	settleTime = 2 * time.Second
	// dateSlack allows for dates that are truncated to whole seconds, and for a server that acts
	// shortly after the connection was lost.
	dateSlack = time.Second
	// clockSlack is the accuracy of the server's clock after one response.
	clockSlack = 2 * time.Second
)

// UnknownOutcomeError is the error of a create whose outcome is unknown: it may have created an
// object.
type UnknownOutcomeError struct {
	// Pending allows a later search for the object; see [Client.ResolvePending] and
	// [Client.DeletePending].
	Pending Pending
	// SIDs are the candidates, if they could be listed.
	SIDs []string
	// Err is the error of the create, or of the search after it.
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

// Pending describes an object that may exist, for a search by a later process. It contains no
// secret.
type Pending struct {
	// Since and Until bound the time of its creation, by the server's clock.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// LocalClock is true if Since and Until are by this machine's clock, because there was no
	// response yet.
	LocalClock bool `json:"local_clock,omitempty"`
	// Username is that of the credentials that sent the create, for an object that nothing contains.
	Username string `json:"username,omitempty"`
	// Known are the SIDs that were claimed.
	Known []string `json:"known,omitempty"`
	// Ambiguous is true if there were several candidates, or one without a usable date. No
	// remaining candidate may be recovered or deleted.
	Ambiguous bool `json:"ambiguous,omitempty"`
}

// lostCreate creates an object, and recovers it if the response is lost.
type lostCreate[T any] struct {
	client *Client
	create Operation
	noun   string // for messages
	scope  string // of claims: objects that are listed together
	key    string // creates with the same key run one after another
	// conflict is Twilio's code for an existing object. If a repeated create gets it, the previous
	// attempt was processed late.
	conflict int

	post      func(context.Context) (*T, error)
	list      func(context.Context) iter.Seq2[*T, error]
	resembles func(*T) bool
	sid       func(*T) string
	date      func(*T) string
}

// run creates the object. It reports whether the object was recovered: found by a search after the
// response was lost. If it is unknown whether an object was created, or which one, the error is an
// [*UnknownOutcomeError]; any other error means that none was created.
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

// search searches for the object of a create whose outcome is unknown. If there is none, it returns
// neither an object nor an error. Canceling ctx does not end it, but it has a deadline of its own.
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
		return nil, nil //nolint:nilnil // nothing was created, which is neither an object nor a failure
	default:
		err = cause
	}
	// Keep the lock until Until has passed on the server's clock, so that the object of a later
	// create cannot be mistaken for this one's.
	pending := l.pending(started, until)
	uncertain := pending.Until.Sub(pending.Since) - until.Sub(started) + clockSlack
	sleep(ctx, time.Until(until.Add(uncertain)))
	return nil, l.unknown(pending, found, err)
}

// pending describes the object of a create that was sent at started and lost at until.
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

// candidates are the objects that a create may have created.
type candidates[T any] struct {
	objects []*T
	certain bool // there is exactly one, with a usable date
	listed  bool // the list exists; it may not exist before the first object
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
	if pending.LocalClock { // the list's responses may have set the server's clock
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

// unknown returns an [UnknownOutcomeError]. With candidates it is ambiguous, and stays so.
func (l *lostCreate[T]) unknown(pending Pending, found candidates[T], cause error) error {
	unknown := &UnknownOutcomeError{Pending: pending, Err: cause}
	for _, object := range found.objects {
		unknown.SIDs = append(unknown.SIDs, l.sid(object))
		unknown.Pending.Ambiguous = true
	}
	return unknown
}

// resolve searches again for the object of a create whose outcome was unknown, and passes it to use
// before another create with the same key begins. If there is none, visible checks that the
// credentials could have seen it.
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
		err = fmt.Errorf("it is not certain which %s an earlier create created", l.noun)
	}
	return l.unknown(pending, found, err)
}

// mayHaveActed reports whether the server may have acted on a failed request. It cannot have acted
// if Twilio refused the request, or if the request never had a connection.
func (e *Error) mayHaveActed() bool {
	return e.OutcomeUnknown || e.Status != 0 && (e.Status < 400 || e.Status > 499)
}

// unsettled reports whether the server may still be processing a failed request: it is not after an
// error from Twilio or a redirect.
func (e *Error) unsettled() bool { return e.Code == 0 && (e.Status < 300 || e.Status > 399) }

// succeeded reports whether the status was a success, although the body was invalid.
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

// sleep waits for d or until ctx is done, and reports whether d has passed.
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
