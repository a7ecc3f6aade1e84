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

func TestClock_FollowsTheServer(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, 400 * time.Millisecond, 90 * 24 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, DefaultBaseURL)
				if got := c.ServerTime(); !got.Equal(time.Now()) {
					t.Errorf("before any response it is %s, want this machine's time", got)
				}
				time.Sleep(123 * time.Millisecond)
				for i := range 20 {
					sent := time.Now()
					time.Sleep(50 * time.Millisecond)
					c.clock.observe(dateOf(ahead), sent)
					off := c.ServerTime().Sub(time.Now().Add(ahead)).Abs()
					// One response bounds the time to a second; later responses arrive at other
					// times within it.
					if most := 600 * time.Millisecond; off > most {
						t.Errorf("after %d responses it is off by %s, want at most %s", i+1, off, most)
					}
					if most := 150 * time.Millisecond; i == 19 && off > most {
						t.Errorf("after %d responses it is off by %s, want at most %s", i+1, off, most)
					}
					time.Sleep(170 * time.Millisecond)
				}
			})
		})
	}
}

// A slow response says little about the server's clock, and does not make a right clock wrong.
func TestClock_SlowResponse(t *testing.T) {
	t.Parallel()
	const took = 25 * time.Second
	for ahead, most := range map[time.Duration]time.Duration{0: 0, time.Hour: took} {
		for _, writtenFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, written first %t", ahead, writtenFirst), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c := newClient(t, DefaultBaseURL)
					sent, header := time.Now(), dateOf(ahead)
					time.Sleep(took)
					if !writtenFirst {
						header = dateOf(ahead)
					}
					c.clock.observe(header, sent)
					if off := c.ServerTime().Sub(time.Now().Add(ahead)).Abs(); off > most {
						t.Errorf("it is off by %s, want at most %s", off, most)
					}
				})
			})
		}
	}
}

func TestClock_BoundsEncloseTheTruth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock
		const ahead = 5 * time.Minute
		// The Date of a slow response was written right after the request arrived.
		sent := time.Now()
		header := dateOf(ahead)
		time.Sleep(30 * time.Second)
		c.observe(header, sent)
		earliest, latest := c.bounds(time.Now())
		truth := time.Now().Add(ahead)
		if !c.known || truth.Before(earliest) || truth.After(latest) {
			t.Errorf("%s is not between %s and %s", truth, earliest, latest)
		}
		// A quick response narrows it down.
		c.observe(dateOf(ahead), time.Now())
		earliest, latest = c.bounds(time.Now())
		if latest.Sub(earliest) > time.Second {
			t.Errorf("%s to %s after a quick response", earliest, latest)
		}
	})
}

func TestClock_IsSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, DefaultBaseURL)
		for _, ahead := range []time.Duration{0, time.Hour, -time.Minute} {
			c.clock.observe(dateOf(ahead), time.Now())
			if off := c.ServerTime().Sub(time.Now().Add(ahead)).Abs(); off > time.Second {
				t.Errorf("off by %s after the server's clock was set to %s", off, ahead)
			}
		}
	})
}

func TestClient_Clocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, DefaultBaseURL)
		if server, local := c.Clocks(); !server.Equal(local) || !local.Equal(time.Now()) {
			t.Errorf("before any response: %s and %s", server, local)
		}
		c.clock.observe(dateOf(-time.Hour), time.Now())
		server, local := c.Clocks()
		if !local.Equal(time.Now()) || !server.Equal(c.ServerTime()) || (local.Sub(server)-time.Hour).Abs() > time.Second {
			t.Errorf("after a response from a server an hour behind: %s and %s", server, local)
		}
	})
}

func TestClock_WithoutDate(t *testing.T) {
	t.Parallel()
	var c clock
	for _, value := range []string{"", "today", "1767323045"} {
		c.observe(http.Header{"Date": {value}}, time.Now())
	}
	if c.known {
		t.Error("the clock is known from an invalid Date")
	}
}

// TestClock_BoundsMeet observes two responses whose bounds leave a single time.
func TestClock_BoundsMeet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock
		now := time.Now()
		c.observe(dateOf(0), now)
		c.observe(dateOf(time.Second), now)
		if earliest, latest := c.bounds(now); !earliest.Equal(now.Add(time.Second)) || !latest.Equal(earliest) {
			t.Errorf("%s to %s, want one second from now", earliest, latest)
		}
	})
}

func TestClock_IgnoresProxies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		response http.HandlerFunc
		observed bool
	}{
		"a factor":        {respond(200, factorJSON(1)), true},
		"Twilio's error":  {failure(404, 20404), true},
		"an HTML page":    {respond(200, "<html>"), false},
		"a gateway error": {respond(502, "<html>"), false},
		"a gateway code":  {respond(504, `{"code":504,"message":"m"}`), false},
		"a redirect":      {redirectAway, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					w.Header()["Date"] = dateOf(time.Hour)["Date"]
					test.response(w, req)
				}))
				_ = fetch(t.Context(), c, "")
				if got := time.Until(c.ServerTime()) > time.Minute; got != test.observed {
					t.Errorf("observed: %t, want %t", got, test.observed)
				}
			})
		})
	}
}
