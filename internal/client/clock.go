// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"sync"
	"time"
)

// clock follows the server's clock through the Date header of its answers, so
// that a machine whose own clock is wrong still computes codes that are right.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
	known  bool
}

// observe takes in the answer to a request sent at the given time. A Date is
// whole seconds, rounded down, and was written somewhere between sending and
// receiving: the middle of both is the best guess.
func (c *clock) observe(header http.Header, sent time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	middle := sent.Add(time.Since(sent) / 2)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.known = date.Add(time.Second/2).Sub(middle), true
}

// at translates a time of this machine's clock into the server's. Before the
// first answer both are taken to be the same.
func (c *clock) at(local time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return local.Add(c.offset)
}

// ServerTime is the time by the server's clock, to about half a second, as of
// the newest answer; before the first one it is this machine's time.
func (c *Client) ServerTime() time.Time {
	return c.clock.at(time.Now())
}
