// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Created is the result of a create.
type Created[T any] struct {
	Object T
	// Existed is true if the object existed before the create.
	Existed bool
	// Taken is true if a conflict proved the object. Another instance may have had it before.
	Taken bool
	// Equal are the import IDs of other objects that are equal to the created one, after a create
	// that had to be repeated: one of them may be the result of an earlier attempt.
	Equal []string
	// Unchecked is the reason why it is not known whether there are such objects.
	Unchecked error
}

// CreateError is the error of a create after which an object may exist: the outcome of the create
// is unknown, or the object was there before.
type CreateError struct {
	// Unknown is true if the create may have created an object.
	Unknown bool
	// Candidates are the import IDs of objects that may be the created or the existing one.
	Candidates []string
	// Err is the error of the last attempt.
	Err error
}

// Error returns the message of the cause, and names the candidates.
func (e *CreateError) Error() string {
	if len(e.Candidates) == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v; it may be %s", e.Err, strings.Join(e.Candidates, " or "))
}

// Unwrap returns the cause.
func (e *CreateError) Unwrap() error { return e.Err }

// Create creates an object. If an object may exist although the create failed, the error is a
// [*CreateError]. Canceling ctx does not cut off a request in flight, and an unknown outcome is
// resolved even after that, for a short time.
//
// If the outcome is unknown, the request is sent again, and Twilio's conflict code shows that the
// object exists. An object without such a code is looked for before that, and never taken: nothing
// proves that it is the result of this create.
func (k *Kind[T]) Create(ctx context.Context, c *Client, form url.Values, container ...string) (Created[T], error) {
	create := &create[T]{kind: k, client: c, form: form, key: k.keyOf(form), container: container}
	// Creates with the same key run one after another, because the object of one could be mistaken for
	// that of another.
	unlock, err := c.creates.Lock(ctx, strings.ToLower(fmt.Sprint(container, k.List, create.key)))
	if err != nil {
		return Created[T]{}, &Error{Operation: "create " + k.Noun, Err: err}
	}
	defer unlock()
	object, err := create.post(ctx)
	var failed *Error
	switch {
	case err == nil:
		return Created[T]{Object: object}, nil
	case !errors.As(err, &failed), !create.conflicts(failed) && !failed.mayHaveActed():
		return Created[T]{}, err
	case create.conflicts(failed):
		return create.take(ctx, failed)
	}
	create.lost = true
	return create.repeat(ctx, failed)
}

// create is a create with its attempts.
type create[T any] struct {
	kind      *Kind[T]
	client    *Client
	form, key url.Values // key is the part by which the object is recognized
	container []string
	// lost is true if the outcome of an attempt is unknown.
	lost bool
}

func (c *create[T]) post(ctx context.Context) (T, error) {
	call := c.kind.call(c.client, "create "+c.kind.Noun, http.MethodPost, c.container)
	call.form, call.once, call.uncancelable = c.form, true, true
	return c.kind.receive(ctx, c.client, call, c.container, c.form)
}

func (c *create[T]) conflicts(err *Error) bool {
	return c.kind.Conflict != 0 && (err.Code == c.kind.Conflict || err.Status == http.StatusConflict && isCode(err.Code))
}

// mayHaveActed reports whether the server may have acted on a failed request. It cannot have if
// Twilio itself refused the request, if it limited the rate, or if there never was a connection.
func (e *Error) mayHaveActed() bool {
	refused := e.Status >= 400 && e.Status <= 499 && e.Status != http.StatusRequestTimeout && isCode(e.Code) ||
		e.Status == http.StatusTooManyRequests
	return e.OutcomeUnknown || e.Status != 0 && !refused
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
