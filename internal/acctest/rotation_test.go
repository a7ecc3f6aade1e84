// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"net/http"
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

// mustFail runs a command that must fail with these texts in its output.
func (w *workspace) mustFail(command string, texts ...string) {
	w.t.Helper()
	output, err := w.run(strings.Fields(command)...)
	for _, text := range texts {
		if err == nil || !words(text).MatchString(output) {
			w.t.Fatalf("%s: want an error with %q: %v\n%s", command, text, err, output)
		}
	}
}

// tooManyAttempts makes Twilio refuse codes.
var tooManyAttempts = verifymock.Fault{
	Operation: verifymock.OperationVerify, Status: http.StatusForbidden, Code: 60310, Message: "Too many attempts",
}

// expectRotated expects a verified factor with another SID and secret than the old one, which was
// deleted after the new one was created and verified. It returns the new one.
func (m *mock) expectRotated(t *testing.T, old verifymock.Factor) verifymock.Factor {
	t.Helper()
	var order []string
	for _, r := range m.Requests() {
		if r.Operation != verifymock.OperationFetch && r.Operation != verifymock.OperationService {
			order = append(order, string(r.Operation))
		}
	}
	f := m.only(t)
	if got := strings.Join(order, " "); got != "create verify delete" || f.SID == old.SID || f.Secret == old.Secret || f.Status != "verified" {
		t.Errorf("the server received %q; the factor is %s %s, and was %s; another secret: %t", got, f.Status, f.SID, old.SID,
			f.Secret != old.Secret)
	}
	return f
}

func TestAccRotation_Replace(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "rotation-replace")
	w.apply(january)
	first := mock.only(t)
	mock.ResetRequests()
	w.apply(february)
	second := mock.expectRotated(t, first)
	if secret := strings.TrimSpace(w.mustRun("output", "-raw", "secret")); secret != second.Secret {
		t.Error("the output is not the secret of the new factor")
	}
	w.mustRun("destroy", "-auto-approve")
}

// TestAccRotation_KeepsOldFactor fails to verify the new factor in two applies: because Twilio refuses
// its code, which taints it, or for a reason that may be temporary. The old factor stays until a new
// one is verified.
func TestAccRotation_KeepsOldFactor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault verifymock.Fault
		says  []string
		calls calls // of the next apply
	}{
		"refused": {
			tooManyAttempts,
			[]string{"Verification failed"},
			calls{verifymock.OperationFetch: 3, verifymock.OperationCreate: 1, verifymock.OperationVerify: 1, verifymock.OperationDelete: 3},
		},
		"unfinished": {
			verifymock.Fault{Operation: verifymock.OperationVerify, Status: http.StatusNotFound, Body: `{"message":"Not Found"}`},
			[]string{"Factor not verified yet", "Factor kept, replacement unverified"},
			calls{verifymock.OperationFetch: 2, verifymock.OperationVerify: 1, verifymock.OperationDelete: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, w := newScenario(t, "rotation-replace")
			w.apply(january)
			old := mock.only(t)
			mock.Inject(c.fault)
			for range 2 {
				w.mustFail("apply -auto-approve "+months[february], c.says...)
				if f, ok := mock.Factor(old.SID); !ok || f.Status != "verified" {
					t.Fatal("the old factor is deleted")
				}
			}
			mock.ClearFaults()
			mock.ResetRequests()
			w.mustRun("apply", "-auto-approve", months[february])
			mock.expectExactly(t, c.calls)
			w.apply(february)
			if f := mock.only(t); f.SID == old.SID || f.Status != "verified" {
				t.Errorf("the factor is %s %s, and was %s", f.Status, f.SID, old.SID)
			}
		})
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
		args          string
		refused       func(verifymock.Request) bool // which codes
	}{
		"another identity": {
			before: totpBlock("auto_verify = true", first),
			after:  strings.Replace(totpBlock("auto_verify = true", first), "Robot-Account-0001", "Robot-Account-0002", 1),
		},
		"replaced service": {before: inService, after: inService, args: "-replace=twilio_verify_service.test"},
		"swapped identities": {
			before: robots("Robot-Account-0001", "Robot-Account-0002"), after: robots("Robot-Account-0002", "Robot-Account-0001"),
			refused: func(r verifymock.Request) bool { return strings.Contains(r.Path, "Robot-Account-0001") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			w := newWorkspace(t, mock, mock.config(c.before))
			w.mustRun("apply", "-auto-approve")
			var old string
			for _, f := range mock.Factors() {
				if f.Identity == "Robot-Account-0001" {
					old = f.SID
				}
			}
			count := len(mock.Factors())
			w.write("main.tf", mock.config(c.after))
			mock.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Match: c.refused, Status: http.StatusUnauthorized, Code: 20003})
			w.mustFail("apply -auto-approve "+c.args, "Factor not verified yet", "Factor kept, replacement unverified")
			if f, ok := mock.Factor(old); !ok || f.Status != "verified" {
				t.Fatal("the verified factor is deleted")
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
	if f := mock.expectRotated(t, first); f.Secret != store.totpSecret(path) {
		t.Error("the secret in the vault is not that of the new factor")
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
	mock.Inject(tooManyAttempts)
	w.mustFail("apply -auto-approve "+months[february], "Verification failed")
	mock.ClearFaults()
	w.mustFail("apply -auto-approve "+months[february], "keep it: terraform untaint ADDRESS")
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
	type slot struct{ SID, Secret string }
	var previous slot
	for month := range months {
		w.apply(month)
		current := previous
		if err := json.Unmarshal([]byte(w.mustRun("output", "-json", "current")), &current); err != nil {
			t.Fatal(err)
		}
		if current == previous {
			t.Errorf("month %d: the secret was not rotated", month+1)
		}
		valid := 0
		for _, s := range []slot{current, previous} {
			if f, ok := mock.Factor(s.SID); ok && f.Status == "verified" && f.Secret == s.Secret {
				valid++
			}
		}
		if want := min(2, month+1); valid != want || len(mock.Factors()) != 2 {
			t.Errorf("month %d: of %d factors, %d are verified and have the secrets of this or the last month, want %d",
				month+1, len(mock.Factors()), valid, want)
		}
		previous = current
	}
	w.mustRun("destroy", "-auto-approve", months[march])
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
	w.mustFail("apply -auto-approve", "Factor creation result unknown")
	m.ClearFaults()
	w.mustFail("apply -auto-approve", "deposed", "terraform destroy -target=ADDRESS")
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
	m := newMock(t, verifymock.Config{})
	config := func(use string, first bool) string {
		return m.config(totpBlock(stored(givenSecret), "auto_verify = true", fmt.Sprintf("metadata = { use = %q }", use),
			fmt.Sprintf("lifecycle {\n create_before_destroy = %t\n}", first)))
	}
	w := newWorkspace(t, m, config("deploy", true))
	w.mustRun("apply", "-auto-approve")
	old := m.only(t)
	w.write("main.tf", config("backup", true))
	w.mustFail("apply -auto-approve", "error 60317", "remove create_before_destroy")
	if f := m.only(t); f.SID != old.SID {
		t.Error("the old factor is deleted")
	}
	w.write("main.tf", config("backup", false))
	w.mustRun("apply", "-auto-approve")
	if f := m.only(t); f.SID == old.SID {
		t.Error("the factor is not replaced")
	}
}
