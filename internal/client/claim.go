// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// claims records the SIDs of objects that this process has created, read, or updated, but not of
// those that it has seen only in a list. A claimed object cannot be the result of another create.
type claims struct {
	scopes sync.Map // by SID
}

func (c *claims) add(scope, sid string) { c.scopes.Store(sid, scope) }

// list returns the claimed SIDs of a scope, sorted.
func (c *claims) list(scope string) (sids []string) {
	c.scopes.Range(func(key, value any) bool {
		if sid, ok := key.(string); ok && value == scope {
			sids = append(sids, sid)
		}
		return true
	})
	slices.Sort(sids)
	return sids
}

// kind describes one kind of object, for the calls on it.
type kind[T any] struct {
	noun    string // for messages
	pattern *regexp.Regexp
	sid     func(*T) string
}

// do makes a call whose response is an object, and claims the object. want is its SID, empty if it
// is not known yet.
func (k kind[T]) do(ctx context.Context, c *Client, call *call, scope, want string) (*T, error) {
	object := new(T)
	if err := c.do(ctx, call, object); err != nil {
		return nil, err
	}
	sid := k.sid(object)
	if !k.pattern.MatchString(sid) || want != "" && !strings.EqualFold(sid, want) {
		return nil, c.responseError(call, fmt.Errorf("the response is not the requested %s", k.noun))
	}
	c.claims.add(scope, sid)
	return object, nil
}

// KeyedLock is a set of mutual exclusion locks, one for each key.
type KeyedLock struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// Lock acquires the lock for key. It waits until the lock is available or ctx is done.
func (l *KeyedLock) Lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]chan struct{}{}
	}
	if l.held[key] == nil {
		l.held[key] = make(chan struct{}, 1)
	}
	held := l.held[key]
	l.mu.Unlock()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
