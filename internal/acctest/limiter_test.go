// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// manyFactors returns n factors, each with its own identity.
func manyFactors(n int) string {
	return fmt.Sprintf(`
resource "twilio_verify_factor" "test" {
  count         = %d
  service_sid   = %q
  identity      = "robot-account-${count.index}"
  factor_type   = "totp"
  friendly_name = "Robot ${count.index}"
}
`, n, verifymock.DefaultServiceSID)
}

// newRetryAfterMock returns a mock whose 429 responses have a Retry-After header, unless the value
// is empty.
func newRetryAfterMock(t *testing.T, config verifymock.Config, retryAfter string) *mock {
	t.Helper()
	server := verifymock.New(config)
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.ServeHTTP(&retryAfterWriter{w, retryAfter}, r)
	}))
	t.Cleanup(listener.Close)
	return &mock{Server: server, url: listener.URL}
}

type retryAfterWriter struct {
	http.ResponseWriter
	retryAfter string
}

func (w *retryAfterWriter) WriteHeader(status int) {
	if status == http.StatusTooManyRequests && w.retryAfter != "" {
		w.Header().Set("Retry-After", w.retryAfter)
	}
	w.ResponseWriter.WriteHeader(status)
}

// timeApply creates n factors through a real Terraform and returns how long it took.
func timeApply(t *testing.T, m *mock, n, parallelism int) time.Duration {
	t.Helper()
	w := newWorkspace(t, m, m.config(manyFactors(n)))
	started := time.Now()
	w.mustRun("apply", "-auto-approve", fmt.Sprintf("-parallelism=%d", parallelism))
	took := time.Since(started)
	if got := len(m.Factors()); got != n {
		t.Errorf("the server holds %d factors, want %d", got, n)
	}
	return took
}

// TestAccLimiter_Burst compares two applies: one with ten times the parallelism that the server
// accepts, and one with exactly that parallelism and a server without a limit. The promise for 1,000
// factors is tested in the client, on a virtual clock.
//
//nolint:paralleltest // other tests would distort its measurements
func TestAccLimiter_Burst(t *testing.T) {
	const (
		limit    = 10
		maxCalls = 1.5
		maxTime  = 1.3
	)
	factors := 300
	if cli, err := commandLineUnderTest(); err == nil && cli.name == "OpenTofu" {
		factors = 200 // more would measure OpenTofu rather than the provider
	}
	for name, c := range map[string]struct {
		latency    time.Duration
		retryAfter string
		waited     time.Duration // the total Retry-After: once, and again if one request too many was sent
	}{
		"50 ms":                {50 * time.Millisecond, "", 0},
		"50 ms, Retry-After 1": {50 * time.Millisecond, "1", 2 * time.Second},
		"no latency":           {0, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var free, bound time.Duration
			for attempt := 1; ; attempt++ {
				unlimited := newMock(t, verifymock.Config{Latency: c.latency})
				free = shortest(free, timeApply(t, unlimited, factors, limit))
				limited := newRetryAfterMock(t, verifymock.Config{Latency: c.latency, MaxConcurrent: limit}, c.retryAfter)
				bound = shortest(bound, timeApply(t, limited, factors, 10*limit))

				calls := float64(limited.calls("")) / float64(factors)
				ratio := float64(bound-c.waited) / float64(free)
				t.Logf("%d factors: %.2f calls each, %.2f times as long (%s, of which Retry-After is up to %s; without a limit %s)",
					factors, calls, ratio, bound.Round(time.Millisecond), c.waited, free.Round(time.Millisecond))
				if calls > maxCalls {
					t.Fatalf("%.2f calls for each factor, want at most %.1f", calls, maxCalls)
				}
				if ratio <= maxTime {
					return
				}
				// Other load on the machine may have interfered.
				if attempt == 3 {
					t.Fatalf("it takes %.2f times as long, want at most %.1f", ratio, maxTime)
				}
			}
		})
	}
}

func shortest(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

func TestAccLimiter_BurstIsLogged(t *testing.T) {
	t.Parallel()
	m := newRetryAfterMock(t, verifymock.Config{Latency: 20 * time.Millisecond, MaxConcurrent: 2}, "1")
	w := newWorkspace(t, m, m.config(manyFactors(10)))
	logged := filepath.Join(w.dir, "provider.log")
	w.env = append(w.env, "TF_LOG_PROVIDER=INFO", "TF_LOG_PATH="+logged)
	w.mustRun("apply", "-auto-approve")
	raw, err := os.ReadFile(logged)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Twilio limits concurrent requests", "all requests wait", "wait_ms=", "in_flight="} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the log at INFO does not say %q:\n%s", want, raw)
		}
	}
}

func TestAccLimiter_BurstIsInterrupted(t *testing.T) {
	t.Parallel()
	ownProcess.need(t)
	m := newMock(t, verifymock.Config{})
	m.Inject(verifymock.Fault{
		Status: http.StatusTooManyRequests, Code: 20429, Message: "Too many requests",
		Header: http.Header{"Retry-After": {"60"}},
	})
	w := newWorkspace(t, m, m.config(manyFactors(20)))
	apply := w.start("apply", "-auto-approve")
	waitFor(t, func() bool { return m.calls(verifymock.OperationCreate) > 0 })
	time.Sleep(200 * time.Millisecond) // until all requests wait
	started := time.Now()
	if err := apply.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	output, err := apply.wait()
	if err == nil {
		t.Error("an interrupted apply succeeded")
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %s to end\n%s", took, output)
	}
	if n := len(m.Factors()); n != 0 {
		t.Errorf("the server holds %d factors, want none", n)
	}
	if state := w.mustRun("state", "list"); strings.TrimSpace(state) != "" {
		t.Errorf("the state holds %s", state)
	}
	m.ClearFaults()
	w.mustRun("apply", "-auto-approve")
	if n := len(m.Factors()); n != 20 {
		t.Errorf("after the next apply the server holds %d factors, want 20", n)
	}
}

// waitFor waits until the condition is true.
func waitFor(t *testing.T, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within a minute")
		}
	}
}
