// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// dateOf returns the header of a response from a server whose clock is ahead by the given duration.
func dateOf(ahead time.Duration) http.Header {
	return http.Header{"Date": {time.Now().Add(ahead).UTC().Format(http.TimeFormat)}}
}

// TestClock_FollowsTheServer sets the server's clock several times. One response bounds the time to a
// second; later responses arrive at other times within it.
func TestClock_FollowsTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, DefaultBaseURL)
		time.Sleep(123 * time.Millisecond)
		for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, 400 * time.Millisecond, 90 * 24 * time.Hour} {
			for i := range 20 {
				sent := time.Now()
				time.Sleep(50 * time.Millisecond)
				c.clock.observe(dateOf(ahead), sent)
				off := c.ServerTime().Sub(time.Now().Add(ahead)).Abs()
				if off > 600*time.Millisecond || i == 19 && off > 150*time.Millisecond {
					t.Errorf("%s: after %d responses it is off by %s", ahead, i+1, off)
				}
				time.Sleep(170 * time.Millisecond)
			}
		}
	})
}

// A slow response says little about the server's clock, and does not make a right clock wrong.
func TestClock_SlowResponse(t *testing.T) {
	t.Parallel()
	const took = 25 * time.Second
	for ahead, most := range map[time.Duration]time.Duration{0: 0, time.Hour: took} {
		for _, writtenFirst := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, DefaultBaseURL)
				sent, header := time.Now(), dateOf(ahead)
				time.Sleep(took)
				if !writtenFirst {
					header = dateOf(ahead)
				}
				c.clock.observe(header, sent)
				if off := c.ServerTime().Sub(time.Now().Add(ahead)).Abs(); off > most {
					t.Errorf("%s, written first %t: it is off by %s, want at most %s", ahead, writtenFirst, off, most)
				}
			})
		}
	}
}

func TestClock_Bounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock
		expectBounds := func(name, want string) {
			t.Helper()
			expect(t, name, fmt.Sprintf("%s to %s", c.least, c.most), want)
		}
		for _, value := range []string{"", "today", "1767323045"} {
			c.observe(http.Header{"Date": {value}}, time.Now())
		}
		expectBounds("without a date", "0s to 0s")
		sent, header := time.Now(), dateOf(5*time.Minute)
		time.Sleep(30 * time.Second)
		c.observe(header, sent)
		expectBounds("slow response, written first", "4m30s to 5m1s")
		c.observe(dateOf(5*time.Minute), time.Now())
		expectBounds("quick response", "5m0s to 5m1s")
		c.observe(dateOf(5*time.Minute+time.Second), time.Now())
		expectBounds("bounds that meet", "5m1s to 5m1s")
	})
}

func TestClient_Clocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, now := newClient(t, DefaultBaseURL), time.Now()
		server, local := c.Clocks()
		expect(t, "before any response", fmt.Sprint(server.Sub(now), local.Sub(now)), "0s 0s")
		c.clock.observe(dateOf(-time.Hour), now)
		server, local = c.Clocks()
		expect(t, "from a server an hour behind", fmt.Sprint(server.Sub(now), local.Sub(now)), "-59m59.5s 0s")
	})
}

func TestClock_IgnoresProxies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			response http.HandlerFunc
			observed bool
		}{
			"a factor":        {respond(200, factorJSON(1)), true},
			"Twilio's error":  {failure(404, 20404), true},
			"an HTML page":    {respond(200, "<html>"), false},
			"a gateway error": {respond(502, "<html>"), false},
			"a gateway code":  {respond(504, `{"code":504,"message":"m"}`), false},
			"a redirect":      {respond(302, ""), false},
		} {
			c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = dateOf(time.Hour)["Date"]
				test.response(w, r)
			})
			_ = fetch(t.Context(), c)
			if got := time.Until(c.ServerTime()) > time.Minute; got != test.observed {
				t.Errorf("%s: observed: %t, want %t", name, got, test.observed)
			}
		}
	})
}
