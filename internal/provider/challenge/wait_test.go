// SPDX-License-Identifier: MPL-2.0

package challenge

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// newClient returns a client for an in-memory server, for a synctest bubble.
func newClient(t *testing.T, handler http.HandlerFunc) *client.Client {
	t.Helper()
	listener := memnet.Listen()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Hour}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	api, err := client.New(client.Config{
		BaseURL: "http://127.0.0.1:1", RequestTimeout: time.Minute,
		DialContext: listener.Dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	return api
}

// TestChallenge_Wait checks when the wait for a device ends, and when it says that it still waits.
func TestChallenge_Wait(t *testing.T) {
	t.Parallel()
	const sid = "YC0123456789abcdef0123456789abcdef"
	const eighteenth = "21.4358881s" // the time of the 18th read, by pollInterval
	for name, c := range map[string]struct {
		answered, timeout time.Duration // answered is 0 for never
		pending           string        // the status before that, or what a read ends in
		want              string        // when it says something and when it ends, and the error
	}{
		"approved at once": {time.Nanosecond, time.Minute, `"pending"`, "0s 1s, 1s"},
		"approved later":   {20500 * time.Millisecond, time.Minute, "null", "0s 10s " + eighteenth + ", " + eighteenth},
		"not answered": {
			0, 25500 * time.Millisecond, `"pending"`, "0s 10s " + eighteenth + `, 25.5s; Error: …still has status "pending" after 25.5s.…`,
		},
		"no status":           {0, time.Second, "null", "0s, 1s; Error: …has no status in Twilio's responses after 1s.…"},
		"read refused":        {0, time.Minute, "refused", `0s, 1s; Error: Cannot read the challenge: …error 20403…last known status…is "pending"…`},
		"interrupted in read": {0, time.Minute, "interrupt", `0s, 1s; Error: Interrupted while waiting…last known status…is "pending"…`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				api := newClient(t, func(w http.ResponseWriter, r *http.Request) {
					status := c.pending
					switch {
					case c.answered > 0 && time.Since(started) >= c.answered:
						status = `"approved"`
					case status == "refused":
						http.Error(w, `{"code": 20403, "message": "Forbidden", "status": 403}`, http.StatusForbidden)
						return
					case status == "interrupt":
						cancel()
						<-r.Context().Done()
						return
					}
					_, _ = fmt.Fprintf(w, `{"sid": %q, "status": %s}`, sid, status)
				})
				var said []string
				i := &invocation{
					ProviderData: &shared.ProviderData{Client: api}, config: &model{}, timeout: c.timeout,
					entity:   client.EntityID{ServiceSID: "VA0123456789abcdef0123456789abcdef", Identity: "robot-account-0001"},
					progress: func(string, ...any) { said = append(said, time.Since(started).String()) },
				}
				diags := i.wait(ctx, &client.Challenge{SID: sid, Status: client.ChallengePending})
				outcome.Expect(t, outcome.Of(diags, strings.Join(said, " ")+", "+time.Since(started).String()), c.want)
			})
		})
	}
}

func TestChallenge_PollInterval(t *testing.T) {
	t.Parallel()
	for waited, want := range map[time.Duration]time.Duration{
		0: time.Second, 10 * time.Second: time.Second, 30 * time.Second: 3 * time.Second, time.Hour: 10 * time.Second,
	} {
		if got := pollInterval(waited); got != want {
			t.Errorf("after %s the next read is in %s, want %s", waited, got, want)
		}
	}
}

// TestChallenge_TextsArePrintable lets a server write control characters and long texts into a
// challenge that ends.
func TestChallenge_TextsArePrintable(t *testing.T) {
	t.Parallel()
	hostile := "\x1b[2J\n::error::\u202e" + strings.Repeat("x", 100<<10)
	i := &invocation{config: &model{}}
	for _, status := range []client.ChallengeStatus{
		client.ChallengeDenied, client.ChallengeExpired, client.ChallengePending, client.ChallengeStatus(hostile),
	} {
		challenge := &client.Challenge{Status: status, RespondedReason: hostile, ExpirationDate: hostile}
		for _, d := range append(i.pushResult(challenge), i.interrupted(challenge)) {
			if strings.ContainsFunc(d.Detail(), func(r rune) bool { return !unicode.IsPrint(r) }) || len(d.Detail()) > 4000 {
				t.Errorf("%s: %d bytes: %.200q", d.Summary(), len(d.Detail()), d.Detail())
			}
		}
	}
}
