// SPDX-License-Identifier: MPL-2.0

package challenge

import (
	"testing"
	"time"
)

func TestChallenge_PollInterval(t *testing.T) {
	t.Parallel()
	for waited, want := range map[time.Duration]time.Duration{
		0:                time.Second,
		10 * time.Second: time.Second,
		30 * time.Second: 3 * time.Second,
		time.Hour:        10 * time.Second,
	} {
		if got := pollInterval(waited); got != want {
			t.Errorf("after %s the next read is in %s, want %s", waited, got, want)
		}
	}
}
