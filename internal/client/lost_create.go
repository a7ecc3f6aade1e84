// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// visibleTime is how long a list may take to show an object that certainly exists.
	visibleTime = 10 * time.Second
	// settleTime is how long a list may show only one of two objects that look the same.
	settleTime = 7 * time.Second
	// lookInterval is the wait between two looks for an object.
	lookInterval = time.Second
	// maxAge is the age up to which an object may be the result of a create that was just lost.
	maxAge = time.Hour
	// finishTime is how long a create with an unknown outcome goes on after an interrupt.
	finishTime = 10 * time.Second
)

// repeat resolves an unknown outcome. An interrupt shortens the wait for the last attempt.
func (c *create[T]) repeat(interruptible context.Context, failed *Error) (Created[T], error) {
	ctx, cancel := finish(interruptible)
	defer cancel()
	for attempt, interrupted := 0, false; ; attempt++ {
		if c.kind.Conflict == 0 {
			if err := c.lookTwice(ctx, failed); err != nil {
				return Created[T]{}, err
			}
		}
		if attempt == c.client.config.MaxRetries || interrupted {
			return Created[T]{}, &CreateError{Unknown: true, Err: failed}
		}
		interrupted = Sleep(interruptible, backoffAfter(failed.retryAfter, attempt)) != nil
		object, err := c.post(ctx)
		switch {
		case err == nil:
			return c.repeated(ctx, object), nil
		case !errors.As(err, &failed), !c.conflicts(failed) && !failed.mayHaveActed():
			return Created[T]{}, &CreateError{Unknown: true, Err: err}
		case c.conflicts(failed):
			return c.take(ctx, failed)
		}
	}
}

// lookTwice returns an error if an object exists that may be the result of the lost create. The
// server may still be working on it after the connection was lost, so a second look follows.
func (c *create[T]) lookTwice(ctx context.Context, lost *Error) error {
	for range 2 {
		if err := Sleep(ctx, lookInterval); err != nil {
			return &CreateError{Unknown: true, Err: lost}
		}
		equal, _, err := c.look(ctx)
		if err != nil {
			return &CreateError{Unknown: true, Err: fmt.Errorf("%w; looking for the %s failed as well: %w", lost, c.kind.Noun, err)}
		}
		if len(equal) > 0 {
			return &CreateError{Unknown: true, Candidates: c.ids(equal), Err: lost}
		}
	}
	return nil
}

// repeated returns the result of a create that succeeded when it was sent again. Objects become
// visible in the order of their creation, so once a list shows this one, it shows that of an earlier
// attempt as well.
func (c *create[T]) repeated(ctx context.Context, object T) Created[T] {
	created := Created[T]{Object: object}
	for until := time.Now().Add(visibleTime); ; {
		equal, visible, err := c.look(ctx)
		own := func(other T) bool { return c.kind.id(other, c.container) == c.kind.id(object, c.container) }
		if err != nil || slices.ContainsFunc(visible, own) || time.Now().After(until) {
			created.Equal, created.Unchecked = c.ids(equal), err
			return created
		}
		if err := Sleep(ctx, lookInterval); err != nil {
			created.Unchecked = err
			return created
		}
	}
}

// take returns the object that a conflict proves, if exactly one object is equal to the requested
// one and may be taken. After a lost attempt it may not be visible yet; otherwise no other may have the
// same name. Lists do not show a secret, so another object that looks the same must have had the
// time to become visible.
func (c *create[T]) take(ctx context.Context, conflict *Error) (Created[T], error) {
	settled := c.kind.Reusable == nil
	for until := time.Now().Add(visibleTime); ; {
		equal, similar, err := c.look(ctx)
		if err != nil {
			return Created[T]{}, &CreateError{
				Unknown: c.lost,
				Err:     fmt.Errorf("%w; looking for the existing %s failed: %w", conflict, c.kind.Noun, err),
			}
		}
		young := slices.DeleteFunc(slices.Clone(equal), func(object T) bool { return !c.mayTake(object) })
		old := slices.DeleteFunc(slices.Clone(equal), c.mayTake)
		if c.lost && c.newest(young).After(c.newest(old)) { // a lost create made the newest object
			equal = young
		}
		unresolved := &CreateError{Unknown: c.lost, Candidates: c.ids(c.candidates(equal, similar)), Err: conflict}
		wait := lookInterval
		switch proven := len(equal) == 1 && len(young) == 1 && (c.lost || len(c.named(similar, equal[0])) == 1); {
		case proven && settled:
			c.client.claims.Store(c.kind.claim(equal[0], c.container), true)
			return Created[T]{Object: equal[0], Existed: !c.lost, Taken: true}, nil
		case proven:
			wait, settled = settleTime, true
		case len(young) > 0, !c.lost, time.Now().After(until):
			return Created[T]{}, unresolved
		}
		if Sleep(ctx, wait) != nil {
			return Created[T]{}, unresolved
		}
	}
}

// candidates returns the objects with which the create may be in conflict.
func (c *create[T]) candidates(equal, similar []T) []T {
	switch {
	case len(equal) == 0 && len(similar) == 1:
		return similar
	case !c.lost && len(equal) == 1 && c.mayTake(equal[0]):
		return c.named(similar, equal[0])
	}
	return equal
}

// named returns the unclaimed objects that have the friendly name of one of them, and that one. Lists
// do not contain secrets, so a conflict may be with any of them.
func (c *create[T]) named(objects []T, one T) []T {
	return slices.DeleteFunc(slices.Clone(objects), func(object T) bool {
		_, claimed := c.client.claims.Load(c.kind.claim(object, c.container))
		return any(object) != any(one) && (claimed || c.kind.Text(object, "friendly_name") != c.kind.Text(one, "friendly_name"))
	})
}

// newest returns the date of the newest object.
func (c *create[T]) newest(objects []T) (newest time.Time) {
	for _, object := range objects {
		if date, _ := parseDate(c.kind.Text(object, "date_created")); date.After(newest) {
			newest = date
		}
	}
	return newest
}

func (c *create[T]) mayTake(object T) bool {
	if c.kind.Reusable == nil {
		return c.lost
	}
	return c.kind.Reusable(object)
}

// look returns the objects that are equal to what was sent and not claimed, and all that have its
// key. If no conflict proves that an object exists, equal has the young ones with the key instead: an
// error that names one too many is better than one too few.
func (c *create[T]) look(ctx context.Context) (equal, similar []T, err error) {
	for object, err := range c.kind.All(ctx, c.client, MaxPageSize, c.container...) {
		switch {
		case IsNotFound(err): // a container may not exist before its first object
			return nil, nil, nil
		case err != nil:
			return nil, nil, err
		case !c.kind.isIn(object, c.container) || !c.kind.equals(object, c.key):
			continue
		}
		similar = append(similar, object)
		_, claimed := c.client.claims.Load(c.kind.claim(object, c.container))
		mayBe := c.kind.equals(object, c.form)
		if c.kind.Conflict == 0 {
			mayBe = c.client.isYoung(c.kind.Text(object, "date_created"))
		}
		if !claimed && mayBe {
			equal = append(equal, object)
		}
	}
	return equal, similar, nil
}

// isYoung reports whether an object with this date may be the result of a create in the last hour.
// It is too old only if both the server's clock and this machine's say so.
func (c *Client) isYoung(dateCreated string) bool {
	date, ok := parseDate(dateCreated)
	return !ok || c.ServerTime().Sub(date) <= maxAge || time.Since(date) <= maxAge
}

func (c *create[T]) ids(objects []T) (ids []string) {
	for _, object := range objects {
		ids = append(ids, c.kind.id(object, c.container))
	}
	return ids
}

// finish returns a context that is not canceled with ctx, but only some time after it.
func finish(ctx context.Context) (context.Context, context.CancelFunc) {
	finishing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(finishTime, cancel) })
	return finishing, func() { stop(); cancel() }
}
