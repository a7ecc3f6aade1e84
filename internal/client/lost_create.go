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
	// dateSlack allows for dates that are truncated to whole seconds.
	dateSlack = time.Second
	// clockSlack is the largest distance between the bounds of [clock] after one quick response.
	clockSlack = 2 * time.Second
)

// UnknownOutcomeError is the error of a create whose outcome is unknown: it may have created an
// object.
type UnknownOutcomeError struct {
	// Note allows a later search for the object; see [Create.Resolve] and [Create.Delete].
	Note Note
	// SIDs are the candidates, if they could be listed.
	SIDs []string
	// Err is the error of the create, or of the search after it.
	Err error
}

// Error returns the message of the cause, and names the candidates.
func (e *UnknownOutcomeError) Error() string {
	if len(e.SIDs) == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v; the request may have created %s", e.Err, strings.Join(e.SIDs, " or "))
}

// Unwrap returns the cause.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// Note describes an object that may exist, for a search by a later process. It contains no secret.
type Note struct {
	// Since and Until bound the time of its creation, by the server's clock.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// LocalClock is true if Since and Until are by this machine's clock, because there was no
	// response yet.
	LocalClock bool `json:"local_clock,omitempty"`
	// Username is that of the credentials with which the create was sent.
	Username string `json:"username,omitempty"`
	// Known are the SIDs that were claimed.
	Known []string `json:"known,omitempty"`
	// Ambiguous is true if there were several candidates, or one without a usable date, type, or
	// name. Even if a later search finds only one, it must be neither recovered nor deleted.
	Ambiguous bool `json:"ambiguous,omitempty"`
}

// Create creates one object, and recovers it if the response is lost.
type Create[T any] struct {
	client    *Client
	operation Operation
	noun      string // for messages
	scope     string // of claims: objects that are listed together
	key       string // creates with the same key run one after another
	// conflict is Twilio's code for an existing object, 0 if there is none. If a repeated create
	// gets it, the previous attempt was processed late.
	conflict int

	post      func(context.Context) (*T, error)
	list      func(context.Context) iter.Seq2[*T, error]
	resembles func(*T) bool
	// hasKey reports whether an object has every field that distinguishes creates with different
	// keys. An object without one of these fields may be that of a create with another key.
	hasKey func(*T) bool
	sid    func(*T) string
	date   func(*T) string
	// remove and visible are nil if no later process searches for the object. If the search finds
	// none, visible checks that the credentials could have seen it.
	remove  func(ctx context.Context, sid string) error
	visible func(ctx context.Context, listed bool) error
}

// run creates the object. It reports whether the object was recovered: found by a search after the
// response was lost. If it is unknown whether an object was created, or which one, the error is an
// [*UnknownOutcomeError]; any other error means that none was created.
func (c *Create[T]) run(ctx context.Context) (object *T, recovered bool, err error) {
	unlock, err := c.client.creates.Lock(ctx, c.key)
	if err != nil {
		return nil, false, &Error{Operation: c.operation, Err: err}
	}
	defer unlock()
	var started time.Time // of the first attempt that may have created the object
	for attempt := 0; ; attempt++ {
		object, err := c.post(ctx)
		var cause *Error
		if !errors.As(err, &cause) || !cause.mayHaveActed() && (attempt == 0 || c.conflict == 0 || cause.Code != c.conflict) {
			return object, false, err
		}
		if started.IsZero() {
			started = cause.sent
		}
		object, err = c.search(ctx, started, cause)
		if object != nil || err != nil {
			return object, object != nil, err
		}
		if attempt >= c.client.config.MaxRetries || !cause.mayRepeat() || Sleep(ctx, backoffAfter(cause, attempt)) != nil {
			return nil, false, cause
		}
	}
}

// search searches for the object of a create whose outcome is unknown. If there is none, it returns
// neither an object nor an error, unless the response to the create had a success status. Canceling
// ctx does not end the search, but it has a deadline of its own.
func (c *Create[T]) search(ctx context.Context, started time.Time, cause *Error) (*T, error) {
	shielded, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestCooldown+settleTime+c.client.config.RequestTimeout)
	defer cancel()
	until := time.Now()
	local := Note{Since: started.Add(-dateSlack), Until: until.Add(settleTime), LocalClock: true}
	found, err := c.find(shielded, local)
	if err == nil && found.objects == nil && cause.unsettled() {
		_ = Sleep(shielded, settleTime)
		found, err = c.find(shielded, local)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("%w; the search for the %s failed as well: %w", cause, c.noun, err)
	case found.certain:
		c.client.claims.add(c.scope, c.sid(found.objects[0]))
		return found.objects[0], nil
	case found.objects == nil && !cause.succeeded():
		return nil, nil //nolint:nilnil // nothing was created, which is neither an object nor a failure
	default:
		err = cause
	}
	// Keep the lock until Until has passed on the server's clock, so the object of a later create
	// cannot be mistaken for this one's.
	note := c.note(started, until)
	uncertain := note.Until.Sub(note.Since) - until.Sub(started) + clockSlack
	_ = Sleep(ctx, time.Until(until.Add(uncertain)))
	return nil, c.unknown(note, found, err)
}

// note describes the object of a create that was sent at started and lost at until.
func (c *Create[T]) note(started, until time.Time) Note {
	since, _, _ := c.client.clock.bounds(started)
	_, latest, known := c.client.clock.bounds(until)
	return Note{
		Username:   c.client.config.Username,
		Since:      since.Add(-dateSlack),
		Until:      latest.Add(settleTime),
		LocalClock: !known,
		Known:      c.client.claims.list(c.scope),
	}
}

// candidates are the objects that a create may have created.
type candidates[T any] struct {
	objects []*T
	certain bool // there is exactly one, with a usable date and the fields of the key
	listed  bool // the list exists; it may not exist before the first object
}

func (c *Create[T]) find(ctx context.Context, note Note) (found candidates[T], err error) {
	var similar []*T
	found.listed = true
	for object, err := range c.list(ctx) {
		switch {
		case IsNotFound(err):
			found.listed = false
		case err != nil:
			return candidates[T]{}, err
		case c.resembles(object):
			similar = append(similar, object)
		}
	}
	if note.LocalClock { // the list's responses show more of the server's time
		note.Since, _, _ = c.client.clock.bounds(note.Since)
		_, note.Until, _ = c.client.clock.bounds(note.Until)
	}
	claimed := append(c.client.claims.list(c.scope), note.Known...)
	for _, object := range similar {
		date, dated := parseDate(c.date(object))
		if slices.Contains(claimed, c.sid(object)) || dated && (date.Before(note.Since) || date.After(note.Until)) {
			continue
		}
		found.certain = found.objects == nil && dated && c.hasKey(object) && c.sid(object) != "" && !note.Ambiguous
		found.objects = append(found.objects, object)
	}
	return found, nil
}

// unknown returns an [*UnknownOutcomeError]. If there are candidates, the outcome is ambiguous, and
// remains so in later searches.
func (c *Create[T]) unknown(note Note, found candidates[T], cause error) error {
	unknown := &UnknownOutcomeError{Note: note, Err: cause}
	for _, object := range found.objects {
		unknown.SIDs = append(unknown.SIDs, c.sid(object))
		unknown.Note.Ambiguous = true
	}
	return unknown
}

// Resolve searches again for the object of a create whose outcome was unknown, and claims it. It
// returns nil if there is none, and an [*UnknownOutcomeError] if the outcome is still unknown.
func (c *Create[T]) Resolve(ctx context.Context, note Note) (found *T, err error) {
	err = c.resolve(ctx, note, func(object *T) error {
		found = object
		c.client.claims.add(c.scope, c.sid(object))
		return nil
	})
	return found, err
}

// Delete deletes the object of a create whose outcome was unknown, if there is one. If the outcome
// is still unknown, it deletes nothing and returns an [*UnknownOutcomeError].
func (c *Create[T]) Delete(ctx context.Context, note Note) error {
	return c.resolve(ctx, note, func(object *T) error {
		return unlessNotFound(c.remove(ctx, c.sid(object)))
	})
}

// resolve calls the function use with the object, if there is one, before another create with the
// same key begins.
func (c *Create[T]) resolve(ctx context.Context, note Note, use func(*T) error) error {
	unlock, err := c.client.creates.Lock(ctx, c.key)
	if err != nil {
		return &UnknownOutcomeError{Note: note, Err: err}
	}
	defer unlock()
	found, err := c.find(ctx, note)
	if err == nil && note.LocalClock && !c.client.clock.accurate() {
		// The response was so slow that the object of a later create may seem to be this one's.
		// Another response tells more about the server's clock.
		if found, err = c.find(ctx, note); err == nil && found.objects != nil && !c.client.clock.accurate() {
			found, err = candidates[T]{}, errors.New("the responses are too slow to tell by their dates when an object was created")
		}
	}
	switch {
	case err != nil:
	case found.certain:
		return use(found.objects[0])
	case found.objects == nil:
		err = c.visible(ctx, found.listed)
		if err == nil || IsNotFound(err) && note.Username == c.client.config.Username {
			return nil // a service that the same credentials no longer see was deleted with everything in it
		}
	default:
		err = fmt.Errorf("it is not certain which %s an earlier request created", c.noun)
	}
	return c.unknown(note, found, err)
}

// mayHaveActed reports whether the server may have acted on a failed request. It cannot have acted
// if the complete response was a refusal (HTTP 4xx), or if the request never had a connection.
func (e *Error) mayHaveActed() bool {
	return e.OutcomeUnknown || e.Status != 0 && (e.Status < 400 || e.Status > 499)
}

// unsettled reports whether the server may still be processing a failed request. After an error
// from Twilio or a redirect, it is not.
func (e *Error) unsettled() bool { return !isCode(e.Code) && (e.Status < 300 || e.Status > 399) }

// succeeded reports whether the response had a success status, but an invalid body.
func (e *Error) succeeded() bool { return e.Status >= 200 && e.Status <= 299 }

// mayRepeat reports whether sending the request again could have a different result.
func (e *Error) mayRepeat() bool {
	return !errors.Is(e.Err, errResponseTooLarge) && (e.Status == 0 || retryStatus(e.Status))
}

// parseDate parses a date in a format that Twilio's APIs use: RFC 3339 or RFC 1123.
func parseDate(text string) (date time.Time, ok bool) {
	for _, layout := range []string{time.RFC3339, time.RFC1123Z, time.RFC1123} {
		if date, err := time.Parse(layout, text); err == nil {
			return date, true
		}
	}
	return time.Time{}, false
}

// Sleep waits for d. It returns the error of ctx if ctx is done before that.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
