// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// Times of runs in consecutive months.
var months = []string{"-var=now=2030-01-31T23:59:59Z", "-var=now=2030-02-01T00:00:00Z", "-var=now=2030-03-15T12:00:00Z"}

const (
	january = iota
	february
	march
)

// apply applies at the given time, and expects an empty plan at that time.
func (w *workspace) apply(month int) {
	w.t.Helper()
	w.mustRun("apply", "-auto-approve", months[month])
	w.mustRun("plan", "-detailed-exitcode", months[month])
}

// refuseCodes makes Twilio refuse the codes of one apply.
func refuseCodes(m *mock) {
	m.Inject(verifymock.Fault{
		Operation: verifymock.OperationVerify, Count: 1, Status: http.StatusForbidden, Code: 60310,
		Message: "Too many attempts",
	})
}

// expectNoGap checks that there was always a factor: the old one was deleted after the new
// one was created and verified.
func expectNoGap(t *testing.T, m *mock) {
	t.Helper()
	var order []string
	for _, r := range m.Requests() {
		if slices.Contains([]verifymock.Operation{verifymock.OperationCreate, verifymock.OperationVerify, verifymock.OperationDelete},
			r.Operation) {
			order = append(order, string(r.Operation))
		}
	}
	if got := strings.Join(order, " "); got != "create verify delete" {
		t.Errorf("the server received %q", got)
	}
}

func TestAccRotation_Replace(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "rotation-replace")
	w.apply(january)
	first := mock.only(t)
	mock.ResetRequests()
	w.apply(february)
	expectNoGap(t, mock)
	second := mock.only(t)
	if second.SID == first.SID || second.Secret == first.Secret || second.Status != "verified" {
		t.Errorf("the new factor has another SID and secret: %t, %t; it is %s", second.SID != first.SID, second.Secret != first.Secret,
			second.Status)
	}
	if secret := strings.TrimSpace(w.mustRun("output", "-raw", "secret")); secret != second.Secret {
		t.Error("the output is not the secret of the new factor")
	}
	w.mustRun("destroy", "-auto-approve")
}

// TestAccRotation_FailedVerificationKeepsOldFactor makes Twilio refuse the codes of two new factors
// in turn. The old factor stays until one is verified.
func TestAccRotation_FailedVerificationKeepsOldFactor(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "rotation-replace")
	w.apply(january)
	old := mock.only(t)
	for attempt := range 2 {
		refuseCodes(mock)
		output, err := w.run("apply", "-auto-approve", months[february])
		if err == nil || !words("Verification failed").MatchString(output) {
			t.Fatalf("apply %d should fail to verify: %v\n%s", attempt+1, err, output)
		}
		if f, ok := mock.Factor(old.SID); !ok || f.Status != "verified" {
			t.Fatalf("apply %d has deleted the old factor\n%s", attempt+1, output)
		}
	}
	mock.ClearFaults()
	w.apply(february)
	if f := mock.only(t); f.SID == old.SID || f.Status != "verified" {
		t.Errorf("the old factor is still there: %t; the factor is %s", f.SID == old.SID, f.Status)
	}
}

// TestAccRotation_UnfinishedVerificationKeepsOldFactor makes the verification of the new factor
// fail for a reason that may be temporary. The create succeeds, but the old factor still stays.
func TestAccRotation_UnfinishedVerificationKeepsOldFactor(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "rotation-replace")
	w.apply(january)
	old := mock.only(t)
	mock.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Status: http.StatusNotFound, Body: `{"message":"Not Found"}`})
	for range 2 { // the second apply verifies the factor that the first one created
		output, err := w.run("apply", "-auto-approve", months[february])
		if err == nil || !words("Factor not verified yet").MatchString(output) ||
			!words("Factor kept, replacement unverified").MatchString(output) {
			t.Fatalf("the apply should fail to replace the factor: %v\n%s", err, output)
		}
		if f, ok := mock.Factor(old.SID); !ok || f.Status != "verified" {
			t.Fatalf("the old factor is deleted\n%s", output)
		}
	}
	mock.ClearFaults()
	mock.ResetRequests()
	w.apply(february)
	mock.expectCalls(t, map[verifymock.Operation]int{"create": 0, "verify": 1, "delete": 1})
	if f := mock.only(t); f.SID == old.SID || f.Status != "verified" {
		t.Errorf("the old factor is still there: %t; the factor is %s", f.SID == old.SID, f.Status)
	}
}

// TestAccRotation_UnverifiedKeepsAllVerified fails the verification of one new factor for a reason
// that may be temporary. No verified factor is deleted, although neither service nor identity say
// which one the new factor replaces.
func TestAccRotation_UnverifiedKeepsAllVerified(t *testing.T) {
	t.Parallel()
	const first = "lifecycle {\n create_before_destroy = true\n}"
	robots := func(a, b string) string {
		return strings.Replace(strings.Replace(totpBlock("for_each = { a = \""+a+"\", b = \""+b+"\" }", "auto_verify = true", first),
			`"Robot-Account-0001"`, "each.value", 1), `"Robot 1"`, "each.key", 1)
	}
	inService := "resource \"twilio_verify_service\" \"test\" {\n friendly_name = \"Acme\"\n" + first + "\n}\n" +
		strings.Replace(totpBlock("auto_verify = true", first), fmt.Sprintf("%q", verifymock.DefaultServiceSID), "twilio_verify_service.test.sid",
			1)
	for name, c := range map[string]struct {
		before, after string
		args          []string
		refused       func(verifymock.Request) bool // which codes
		kept          string                        // the identity of the factor that must be kept at least
	}{
		"another identity": {
			before: totpBlock("auto_verify = true", first),
			after:  strings.Replace(totpBlock("auto_verify = true", first), "Robot-Account-0001", "Robot-Account-0002", 1),
			kept:   "Robot-Account-0001",
		},
		"replaced service": {
			before: inService, after: inService, args: []string{"-replace=twilio_verify_service.test"},
			kept: "Robot-Account-0001",
		},
		"swapped identities": {
			before: robots("Robot-Account-0001", "Robot-Account-0002"), after: robots("Robot-Account-0002", "Robot-Account-0001"),
			refused: func(r verifymock.Request) bool { return strings.Contains(r.Path, "Robot-Account-0001") },
			kept:    "Robot-Account-0001",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			w := newWorkspace(t, mock, mock.config(c.before))
			w.mustRun("apply", "-auto-approve")
			var old string
			for _, f := range mock.Factors() {
				if f.Identity == c.kept {
					old = f.SID
				}
			}
			count := len(mock.Factors())
			w.write("main.tf", mock.config(c.after))
			mock.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Match: c.refused, Status: http.StatusUnauthorized, Code: 20003})
			output, err := w.run(append([]string{"apply", "-auto-approve"}, c.args...)...)
			if err == nil || !words("Factor not verified yet").MatchString(output) ||
				!words("Factor kept, replacement unverified").MatchString(output) {
				t.Fatalf("the apply should say that a factor is kept: %v\n%s", err, output)
			}
			if f, ok := mock.Factor(old); !ok || f.Status != "verified" {
				t.Fatalf("the verified factor of %s is deleted\n%s", c.kept, output)
			}
			mock.ClearFaults()
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			if n := len(mock.Factors()); n != count {
				t.Errorf("the server holds %d factors, want %d", n, count)
			}
			for _, f := range mock.Factors() {
				if f.Status != "verified" || f.SID == old {
					t.Errorf("%s of %s is %s", f.SID, f.Identity, f.Status)
				}
			}
			w.mustRun("destroy", "-auto-approve")
		})
	}
}

func TestAccRotation_Versions(t *testing.T) {
	t.Parallel()
	mock, store, w := newVaultScenario(t, "rotation-versions", verifymock.Config{})
	const path = "secret/data/rotated-robot"
	w.apply(january)
	first := mock.only(t)
	if first.Secret != store.totpSecret(path) {
		t.Error("the secret in the vault differs from that at Twilio")
	}
	mock.ResetRequests()
	w.apply(february)
	expectNoGap(t, mock)
	if f := mock.only(t); f.SID == first.SID || f.Secret == first.Secret || f.Secret != store.totpSecret(path) || f.Status != "verified" {
		t.Errorf("the factor is %s, and has the new secret of the vault: %t", f.Status, f.Secret == store.totpSecret(path))
	}
	w.mustRun("destroy", "-auto-approve")
}

// TestAccRotation_RefusedVersion makes Twilio refuse the codes of the new factor, which has the
// vault's secret. The error of the next apply names the remedies, such as untaint.
func TestAccRotation_RefusedVersion(t *testing.T) {
	t.Parallel()
	mock, store, w := newVaultScenario(t, "rotation-versions", verifymock.Config{})
	w.apply(january)
	old := mock.only(t)
	refuseCodes(mock)
	if output, err := w.run("apply", "-auto-approve", months[february]); err == nil {
		t.Fatalf("the apply should fail\n%s", output)
	}
	mock.ClearFaults()
	output, err := w.run("apply", "-auto-approve", months[february])
	if err == nil || !words("keep it: terraform untaint ADDRESS").MatchString(output) {
		t.Fatalf("the apply should say what to do: %v\n%s", err, output)
	}
	if _, ok := mock.Factor(old.SID); !ok {
		t.Error("the old factor is deleted")
	}
	w.mustRun("untaint", "twilio_verify_factor.robot")
	w.apply(february)
	if f := mock.only(t); f.Status != "verified" || f.Secret != store.totpSecret("secret/data/rotated-robot") {
		t.Errorf("the factor is %s, and has the secret of the vault: %t", f.Status, f.Secret == store.totpSecret("secret/data/rotated-robot"))
	}
}

// TestAccRotation_Slots checks after each rotation that the factor with last month's secret still
// exists, with the same SID.
func TestAccRotation_Slots(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "rotation-slots")
	var previous slot
	for month := range months {
		w.apply(month)
		var current slot
		if err := json.Unmarshal([]byte(w.mustRun("output", "-json", "current")), &current); err != nil {
			t.Fatal(err)
		}
		if err := current.validIn(mock); err != nil {
			t.Errorf("month %d: the current secret: %v", month+1, err)
		}
		if month > january {
			if err := previous.validIn(mock); err != nil {
				t.Errorf("month %d: the secret of the month before: %v", month+1, err)
			}
			if current == previous {
				t.Errorf("month %d: the secret was not rotated", month+1)
			}
		}
		if n := len(mock.Factors()); n != 2 {
			t.Errorf("month %d: the server holds %d factors", month+1, n)
		}
		previous = current
	}
	w.mustRun("destroy", "-auto-approve", months[march])
}

// slot is a factor that consumers use.
type slot struct{ SID, Secret string }

func (s slot) validIn(m *mock) error {
	f, ok := m.Factor(s.SID)
	if !ok || f.Status != "verified" || f.Secret != s.Secret {
		return fmt.Errorf("%q is %s, exists: %t, has the secret: %t", s.SID, f.Status, ok, f.Secret == s.Secret)
	}
	return nil
}

// TestAccRotation_DeposedSameSecret loses the result of a create that Twilio refused because the
// replaced factor has the same secret. That factor is then deposed, and every create is refused
// until it is destroyed.
func TestAccRotation_DeposedSameSecret(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	config := func(use string) string {
		return m.config(totpBlock(stored(givenSecret), "auto_verify = true", fmt.Sprintf("metadata = { use = %q }", use),
			"lifecycle {\n create_before_destroy = true\n}"))
	}
	w := newWorkspace(t, m, config("deploy"))
	w.mustRun("apply", "-auto-approve")
	w.write("main.tf", config("backup"))
	m.Inject(verifymock.Fault{Operation: verifymock.OperationCreate, Process: true, Drop: true},
		verifymock.Fault{Operation: verifymock.OperationList, Status: http.StatusForbidden})
	if output, err := w.run("apply", "-auto-approve"); err == nil || !words("Factor creation result unknown").MatchString(output) {
		t.Fatalf("want an unknown result: %v\n%s", err, output)
	}
	m.ClearFaults()
	output, err := w.run("apply", "-auto-approve")
	if err == nil || !words("deposed").MatchString(output) || !words("terraform destroy -target=ADDRESS").MatchString(output) {
		t.Fatalf("want an error that says what to do: %v\n%s", err, output)
	}
	m.only(t)
	w.mustRun("destroy", "-auto-approve", "-target=twilio_verify_factor.test")
	w.mustRun("apply", "-auto-approve")
	m.only(t)
	w.mustRun("plan", "-detailed-exitcode")
	w.mustRun("destroy", "-auto-approve")
}

// TestAccRotation_SameSecret replaces a factor without changing its secret. With
// create_before_destroy the apply fails, says what to do, and the old factor stays.
func TestAccRotation_SameSecret(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"create first": true, "destroy first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			config := func(use string) string {
				return mock.config(totpBlock(stored(givenSecret), "auto_verify = true", fmt.Sprintf("metadata = { use = %q }", use),
					fmt.Sprintf("lifecycle {\n create_before_destroy = %t\n}", first)))
			}
			w := newWorkspace(t, mock, config("deploy"))
			w.mustRun("apply", "-auto-approve")
			old := mock.only(t)
			w.write("main.tf", config("backup"))
			output, err := w.run("apply", "-auto-approve")
			switch f := mock.only(t); {
			case first && (err == nil || f.SID != old.SID || !words("error 60317").MatchString(output) ||
				!words("remove create_before_destroy").MatchString(output)):
				t.Errorf("the apply should fail, keep the factor, and say what to do: %v\n%s", err, output)
			case !first && (err != nil || f.SID == old.SID):
				t.Errorf("the factor should be replaced: %v\n%s", err, output)
			}
		})
	}
}
