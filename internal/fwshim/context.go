// SPDX-License-Identifier: MPL-2.0

package fwshim

import (
	"context"
	"sync/atomic"
	"time"
)

// detachable is a request's context. It releases its parent when the request ends.
type detachable struct {
	parent atomic.Pointer[context.Context]
}

// ended replaces the context of a request that has ended.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// withDetachedContext calls a function with a context that releases its parent when the call
// returns.
func withDetachedContext[Request, Response any](
	ctx context.Context, req Request, call func(context.Context, Request) (Response, error),
) (Response, error) {
	var d detachable
	d.parent.Store(&ctx)
	defer d.parent.Store(&ended) //nolint:contextcheck // the replacement must not refer to the request
	return call(&d, req)         //nolint:contextcheck // d delegates to ctx
}

func (d *detachable) Deadline() (time.Time, bool) { return (*d.parent.Load()).Deadline() }
func (d *detachable) Done() <-chan struct{}       { return (*d.parent.Load()).Done() }
func (d *detachable) Err() error                  { return (*d.parent.Load()).Err() }
func (d *detachable) Value(key any) any           { return (*d.parent.Load()).Value(key) }
