// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"sync"
)

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
