// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"sync"
	"time"
)

// clock estimates the server's clock from the Date headers of its responses, so codes are right
// even if this machine's clock is wrong.
//
// A Date is rounded down to whole seconds, and was written some time between sending the request
// and receiving the response. Each response therefore bounds how far the server's clock is ahead of
// ours, and further responses tighten the bounds.
type clock struct {
	mu    sync.Mutex
	known bool
	// least and most bound how far the server's clock is ahead.
	least, most time.Duration
}

// observe updates the bounds with the response to a request that was sent at the given time.
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

// bounds returns bounds for the time by the server's clock at a local time. Before the first
// response, both equal the local time.
func (c *clock) bounds(local time.Time) (earliest, latest time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return local.Add(c.least), local.Add(c.most)
}

// clockSlack is the largest distance between the bounds after one quick response.
const clockSlack = 2 * time.Second

// ServerTime returns the time by the server's clock, accurate to about half a second or better
// after a quick response. Without one, it returns the local time unless a response contradicts it.
func (c *Client) ServerTime() time.Time {
	server, _ := c.Clocks()
	return server
}

// Clocks returns [Client.ServerTime] and the time by this machine's clock. They are equal until a
// response has a Date.
func (c *Client) Clocks() (server, local time.Time) {
	now := time.Now()
	earliest, latest := c.clock.bounds(now)
	if latest.Sub(earliest) > clockSlack && !now.Before(earliest) && !now.After(latest) {
		return now, now
	}
	return earliest.Add(latest.Sub(earliest) / 2), now
}
