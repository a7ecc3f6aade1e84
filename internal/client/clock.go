// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"sync"
	"time"
)

// clock follows the server's clock through the Date header of its responses, so that a machine whose
// own clock is wrong still computes codes that are right.
//
// A Date is whole seconds, rounded down, and was written at some moment between sending and
// receiving. Each response thus bounds how far the server's clock is ahead of ours, and the bounds
// get tighter with each response.
type clock struct {
	mu    sync.Mutex
	known bool
	// least and most are how far the server's clock is ahead.
	least, most time.Duration
}

// observe takes in the response to a request that was sent at the given time.
func (c *clock) observe(header http.Header, sent time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	least, most := time.Until(date), date.Add(time.Second).Sub(sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known && max(least, c.least) <= min(most, c.most) {
		least, most = max(least, c.least), min(most, c.most)
	}
	c.known, c.least, c.most = true, least, most
}

// bounds encloses what the server's clock showed at a time of this machine's. Before the first
// response both are treated as the same, and known is false.
func (c *clock) bounds(local time.Time) (earliest, latest time.Time, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return local.Add(c.least), local.Add(c.most), c.known
}

// ServerTime returns the time by the server's clock, to half a second or better after a quick
// response; before the first one it is this machine's time.
func (c *Client) ServerTime() time.Time {
	earliest, latest, _ := c.clock.bounds(time.Now())
	return earliest.Add(latest.Sub(earliest) / 2)
}
