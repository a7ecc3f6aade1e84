// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// Numbers for the interrupted applies: factors, parallelism, and creates before the interrupt.
const (
	interruptFactors     = 200
	interruptParallelism = 10
	interruptAfter       = 60
)

// givenSecrets returns n factors with configured secrets.
func givenSecrets(n int) string {
	secret := `binding_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK${substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", floor(count.index / 26), 1)}${substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count.index % 26, 1)}QA"`
	return strings.Replace(manyFactors(n), "\n}", "\n  "+secret+"\n}", 1)
}

// killApply kills an apply in the middle of its creates, and repeats this with a new server until
// the kill leaves a complete state file. Terraform writes the file in place, so a kill at that
// moment leaves a part of it.
func killApply(t *testing.T, factors string, kill func(apply *process)) (*mock, *workspace, string) {
	t.Helper()
	for range 10 {
		m := newMock(t, verifymock.Config{Latency: 100 * time.Millisecond})
		w := newWorkspace(t, m, m.config(factors))
		apply := w.start("apply", "-auto-approve", fmt.Sprintf("-parallelism=%d", interruptParallelism))
		waitFor(t, func() bool { return len(m.Factors()) >= interruptAfter })
		kill(apply)
		output, err := apply.wait()
		if err == nil || len(m.Factors()) == interruptFactors {
			t.Fatalf("the apply was not interrupted, or too late: %v\n%s", err, output)
		}
		for n := -1; n != len(m.Requests()); time.Sleep(time.Second) { // until the server receives no more
			n = len(m.Requests())
		}
		raw, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
		if err != nil {
			t.Fatal(err)
		}
		if json.Valid(raw) {
			return m, w, output
		}
		t.Logf("the kill left %d bytes of a state file", len(raw))
	}
	t.Fatal("no kill left a complete state file")
	return nil, nil, ""
}

// unfinished returns the identities of factors whose creation Terraform has announced but not
// completed.
func unfinished(output string) map[string]bool {
	all := map[string]bool{}
	for line := range strings.SplitSeq(output, "\n") {
		index, what, _ := strings.Cut(strings.TrimPrefix(line, "twilio_verify_factor.test["), "]: ")
		switch {
		case strings.HasPrefix(what, "Creating..."):
			all["robot-account-"+index] = true
		case strings.HasPrefix(what, "Creation complete"):
			delete(all, "robot-account-"+index)
		}
	}
	return all
}

// orphans returns the factors on the server that are not in the state.
func (w *workspace) orphans(m *mock) (lost []verifymock.Factor) {
	w.t.Helper()
	kept := map[string]bool{}
	for _, k := range w.kept() {
		kept[k.Attributes.SID] = true
	}
	for _, f := range m.Factors() {
		if !kept[f.SID] {
			lost = append(lost, f)
		}
	}
	return lost
}

// TestAccFactor_Killed kills the provider, Terraform, or both. The creates in flight may have been
// processed; a Terraform that keeps running reports that each failed. The next apply duplicates only
// factors that were not in the state.
func TestAccFactor_Killed(t *testing.T) {
	t.Parallel()
	ownProcess.need(t)
	for name, c := range map[string]struct {
		provider, terraform bool
		most                int // factors that are not in the state: those in flight, or on their way into it
	}{
		"provider":  {true, false, interruptParallelism},
		"Terraform": {false, true, 2 * interruptParallelism},
		"both":      {true, true, 2 * interruptParallelism},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.terraform {
				stateAtOnce.need(t)
			}
			m, w, output := killApply(t, manyFactors(interruptFactors), func(apply *process) {
				provider := childOf(t, apply.Process.Pid)
				if c.provider {
					kill(t, provider)
				} else {
					t.Cleanup(func() { kill(t, provider) })
				}
				if c.terraform {
					kill(t, apply.Process.Pid)
				}
			})
			lost, first, reported := w.orphans(m), w.kept(), unfinished(output)
			t.Logf("%d of %d factors are on the server and not in the state", len(lost), len(m.Factors()))
			if len(lost) > c.most {
				t.Errorf("%d factors are not in the state, want at most %d", len(lost), c.most)
			}
			for _, f := range lost {
				if !c.terraform && !reported[f.Identity] {
					t.Errorf("Terraform does not show that the create of %q did not finish", f.Identity)
				}
			}
			w.mustRun("apply", "-auto-approve")
			if n := len(m.Factors()); n != interruptFactors+len(lost) {
				t.Errorf("after the next apply the server holds %d factors, want %d", n, interruptFactors+len(lost))
			}
			for _, kept := range first {
				if _, ok := m.Factor(kept.Attributes.SID); !ok {
					t.Errorf("%s, which was in the state, was replaced", kept.Address)
				}
			}
			w.expectSettled(m, lost...)
		})
	}
}

// TestAccFactor_KillWithGivenSecrets checks that the next apply takes the factors with configured
// secrets that are not in the state, and says so.
func TestAccFactor_KillWithGivenSecrets(t *testing.T) {
	t.Parallel()
	ownProcess.need(t)
	stateAtOnce.need(t)
	m, w, _ := killApply(t, givenSecrets(interruptFactors), func(apply *process) {
		kill(t, childOf(t, apply.Process.Pid))
		kill(t, apply.Process.Pid)
	})
	lost := w.orphans(m)
	output := w.mustRun("apply", "-auto-approve")
	if len(m.Factors()) != interruptFactors {
		t.Errorf("the server holds %d factors, want %d and no duplicates", len(m.Factors()), interruptFactors)
	}
	if told := words("Existing factor taken").MatchString(output); told != (len(lost) > 0) {
		t.Errorf("%d factors were left over, and this is reported: %t\n%s", len(lost), told, output)
	}
	for _, f := range lost {
		if _, ok := m.Factor(f.SID); !ok {
			t.Errorf("%s, which was not in the state, was replaced", f.SID)
		}
	}
	w.expectSettled(m)
}

// childOf returns the process ID of the provider that a Terraform process has started.
func childOf(t *testing.T, parent int) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the provider's process is found in /proc, which only Linux has")
	}
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		for child := range strings.FieldsSeq(string(raw)) {
			exe, err := os.Readlink("/proc/" + child + "/exe")
			if err != nil || !strings.HasPrefix(filepath.Base(exe), "terraform-provider-twilio") {
				continue
			}
			pid, err := strconv.Atoi(child)
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("Terraform runs without a provider")
	return 0
}

func kill(t *testing.T, pid int) {
	t.Helper()
	running, err := os.FindProcess(pid)
	if err == nil {
		err = running.Kill()
	}
	if err != nil {
		t.Logf("kill %d: %v", pid, err)
	}
}
