// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"slices"
	"sync"
)

// claims are the SIDs of the objects that callers of this process were given, by scope. An object
// that was claimed cannot be the result of another create.
type claims struct {
	mu     sync.Mutex
	scopes map[string]map[string]bool
}

func (c *claims) add(scope, sid string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scopes == nil {
		c.scopes = map[string]map[string]bool{}
	}
	if c.scopes[scope] == nil {
		c.scopes[scope] = map[string]bool{}
	}
	c.scopes[scope][sid] = true
}

// list returns the claimed SIDs of a scope in order.
func (c *claims) list(scope string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for sid := range c.scopes[scope] {
		all = append(all, sid)
	}
	slices.Sort(all)
	return all
}

// keyedLock is a mutual exclusion lock for each key.
type keyedLock struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// lock waits for the lock of a key, as long as the context lives.
func (l *keyedLock) lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]chan struct{}{}
	}
	held := l.held[key]
	if held == nil {
		held = make(chan struct{}, 1)
		l.held[key] = held
	}
	l.mu.Unlock()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
