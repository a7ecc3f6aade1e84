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
	// least and most bound how far the server's clock is ahead, 0 before the first response.
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
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	now := time.Now()
	earliest, latest := now.Add(c.clock.least), now.Add(c.clock.most)
	if latest.Sub(earliest) > clockSlack && !now.Before(earliest) && !now.After(latest) {
		return now, now
	}
	return earliest.Add(latest.Sub(earliest) / 2), now
}
