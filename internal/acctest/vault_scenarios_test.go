// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// robotSecret is the path at which the example stores the robot's secret.
const robotSecret = "secret/data/robot-account"

// newVaultScenario returns a workspace with one of the examples that store the secret in a vault.
func newVaultScenario(t *testing.T, name string, config verifymock.Config) (*mock, *vault, *workspace) {
	t.Helper()
	mock := newMock(t, config)
	w := newEmptyWorkspace(t, mock)
	needFeaturesOf(t, copyExample(t, filepath.Join(examples, name), w.dir, mock.url))
	w.write("retries_override.tf", `provider "twilio" { max_retries = 1 }`)
	store := newVault()
	store.serve(t, w)
	return mock, store, w
}

// expectEqual checks that Twilio has one verified factor with the vault's secret, that none of
// Terraform's files contains the secret, and that the plan is empty.
func expectEqual(t *testing.T, mock *mock, store *vault, w *workspace, args ...string) (secret string) {
	t.Helper()
	f := mock.only(t)
	if f.Status != "verified" || f.Secret == "" || f.Secret != store.totpSecret(robotSecret) {
		t.Errorf("the factor is %s, and has the secret of the vault: %t", f.Status, f.Secret == store.totpSecret(robotSecret))
	}
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		if w.has(name) {
			expectNoCanary(t, name, newHaystack([]byte(readFile(t, w.dir, name))), canary{"secret", f.Secret})
		}
	}
	w.mustRun(append([]string{"plan", "-detailed-exitcode"}, args...)...)
	return f.Secret
}

// robotFault is a fault in an apply of the example.
type robotFault struct {
	vault  vaultFault
	twilio []verifymock.Fault
	// refuse makes Twilio refuse the codes of the first factor.
	refuse bool
	// interrupt interrupts the apply when the operation has reached Twilio.
	interrupt verifymock.Operation
	// passes is true if the apply succeeds despite the fault, and keeps if a rotation then does not:
	// it keeps the old factor while the new one is unverified.
	passes, keeps bool
	// ambiguous is true if after a rotation Twilio may have the new factor, which looks like the old
	// one. The next apply names both.
	ambiguous bool
}

var robotFaults = map[string]robotFault{
	"vault write":              {vault: vaultSealed},
	"vault response lost":      {vault: vaultResponseLost},
	"vault read":               {vault: vaultReadFails},
	"create refused":           {twilio: faults(verifymock.Fault{Operation: "create", Count: 1, Status: 400, Code: 60200})},
	"create 500":               {twilio: faults(verifymock.Fault{Operation: "create", Status: 500})},
	"create 500, created":      {twilio: faults(verifymock.Fault{Operation: "create", Count: 1, Status: 500, Process: true}), passes: true},
	"create response lost":     {twilio: faults(factorNoun.lost()), passes: true},
	"create and list lost":     {twilio: faults(factorNoun.lost(), verifymock.Fault{Operation: "list", Drop: true}), ambiguous: true},
	"verification fails":       {twilio: faults(verifymock.Fault{Operation: "verify", Status: 503}), passes: true, keeps: true},
	"verification refused":     {refuse: true},
	"interrupted create":       {interrupt: "create"},
	"interrupted verification": {interrupt: "verify"},
}

// refuseVerification makes Twilio refuse the codes of one factor.
func refuseVerification(m *mock) {
	m.Inject(verifymock.Fault{Operation: "verify", Count: 2, Status: http.StatusForbidden, Code: 60311, Message: "Verification failed"})
}

func faults(faults ...verifymock.Fault) []verifymock.Fault { return faults }

// TestAccExamples_RobotAccount makes each step of the first apply and of a rotation fail in turn.
// After another apply, the vault and Twilio have the same secret.
func TestAccExamples_RobotAccount(t *testing.T) {
	t.Parallel()
	for name, fault := range robotFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, store, w := newVaultScenario(t, "robot-account", verifymock.Config{})
			fault.strike(t, mock, store, w)
			fault.finish(t, mock, w)
			first := expectEqual(t, mock, store, w)

			rotated := "-var=secret_version=2"
			fault.strike(t, mock, store, w, rotated)
			if fault.vault == vaultSealed { // the vault's provider believes that it wrote version 2
				if f := expectFailure(t, mock, w, "error 60317", rotated); f.Secret != first {
					t.Error("the factor does not have the first secret")
				}
				rotated = "-var=secret_version=3"
			}
			fault.finish(t, mock, w, rotated)
			if second := expectEqual(t, mock, store, w, rotated); second == first {
				t.Error("the rotation kept the secret")
			}
			w.mustRun("destroy", "-auto-approve")
			if left := mock.Factors(); len(left) > 0 || store.left() > 0 {
				t.Errorf("%d factors and %d secrets are left", len(left), store.left())
			}
		})
	}
}

// taintedStatus matches a state as Terraform writes it, and as OpenTofu does if CI is set: without
// spaces.
var taintedStatus = regexp.MustCompile(`"status": ?"tainted"`)

// finish runs an apply that ends what the fault interrupted.
func (f robotFault) finish(t *testing.T, mock *mock, w *workspace, args ...string) {
	t.Helper()
	rotation := len(args) > 0
	args = append([]string{"apply", "-auto-approve"}, args...)
	tainted := taintedStatus.MatchString(w.mustRun("state", "pull"))
	if f.refuse && !tainted {
		t.Error("the refused factor is not tainted")
	}
	if f.refuse && rotation { // which of two factors has the secret is unknown
		output, err := w.run(args...)
		if err == nil || !words("error 60317").MatchString(output) || !words("terraform untaint ADDRESS").MatchString(output) {
			t.Errorf("the apply should fail, and say to untaint the new factor: %v\n%s", err, output)
		}
		w.mustRun("untaint", "twilio_verify_factor.robot")
		tainted = false
	}
	if f.ambiguous && rotation {
		output, err := w.run(args...)
		for _, factor := range mock.Factors() {
			if err == nil || !strings.Contains(output, factor.SID) {
				t.Errorf("the apply should fail and name %s: %v\n%s", factor.SID, err, output)
			}
			if factor.Status == "unverified" { // as Twilio does within a day
				mock.DeleteFactor(factor.SID)
			}
		}
	}
	output := w.mustRun(args...)
	if tainted && !words("Existing factor taken").MatchString(output) { // it has the secret that another factor would get
		t.Errorf("nothing says that the tainted factor was taken:\n%s", output)
	}
}

// expectFailure expects that an apply fails, and keeps the verified factor.
func expectFailure(t *testing.T, mock *mock, w *workspace, want string, args ...string) verifymock.Factor {
	t.Helper()
	before := mock.only(t)
	output, err := w.run(append([]string{"apply", "-auto-approve"}, args...)...)
	f := mock.only(t)
	if err == nil || !words(want).MatchString(output) || f.SID != before.SID || f.Secret != before.Secret || f.Status != "verified" {
		t.Fatalf("the apply should fail with %q and keep the factor, which is %s: %v\n%s", want, f.Status, err, output)
	}
	return f
}

// TestAccExamples_RobotAccountVault changes the secret in the vault between two applies.
func TestAccExamples_RobotAccountVault(t *testing.T) {
	t.Parallel()
	const vaultAddress, deletedVersion = vaultSecretType + ".robot", "Attempt to get attribute from null value"
	for name, c := range map[string]struct {
		change func(t *testing.T, mock *mock, store *vault, w *workspace)
		keeps  bool     // the apply afterwards keeps the secret
		args   []string // of the apply
	}{
		"deleted":                {change: func(_ *testing.T, _ *mock, store *vault, _ *workspace) { store.deleteMetadata(robotSecret) }},
		"removed from the state": {change: func(_ *testing.T, _ *mock, _ *vault, w *workspace) { w.mustRun("state", "rm", vaultAddress) }},
		"version deleted, a new secret": {change: func(t *testing.T, mock *mock, store *vault, w *workspace) {
			t.Helper()
			store.setDeleted(robotSecret, true)
			expectFailure(t, mock, w, deletedVersion)
			if ephemeralAtPlan.has(t) {
				expectFailure(t, mock, w, deletedVersion, "-var=secret_version=2")
			}
			w.mustRun("state", "rm", vaultAddress)
		}},
		"version deleted and restored": {keeps: true, change: func(t *testing.T, mock *mock, store *vault, w *workspace) {
			t.Helper()
			store.setDeleted(robotSecret, true)
			expectFailure(t, mock, w, deletedVersion)
			store.setDeleted(robotSecret, false)
		}},
		// The old object is destroyed last, which deletes the newest version: the new one.
		"replaced": {change: func(t *testing.T, mock *mock, store *vault, w *workspace) {
			t.Helper()
			w.mustRun("apply", "-auto-approve", "-replace="+vaultAddress)
			expectFailure(t, mock, w, deletedVersion)
			store.setDeleted(robotSecret, false)
		}},
		"write refused": {args: []string{"-var=secret_version=3"}, change: func(t *testing.T, mock *mock, store *vault, w *workspace) {
			t.Helper()
			store.inject(vaultDenied)
			expectFailure(t, mock, w, "permission denied", "-var=secret_version=2")
			expectFailure(t, mock, w, "error 60317", "-var=secret_version=2")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, store, w := newVaultScenario(t, "robot-account", verifymock.Config{})
			w.mustRun("apply", "-auto-approve")
			first := expectEqual(t, mock, store, w)
			c.change(t, mock, store, w)
			w.mustRun(append([]string{"apply", "-auto-approve"}, c.args...)...)
			if second := expectEqual(t, mock, store, w, c.args...); (second == first) != c.keeps {
				t.Errorf("the secret is the first one: %t", second == first)
			}
		})
	}
}

// TestAccExamples_ManyRobots rotates one robot, and removes the first one. The others keep their
// factors.
func TestAccExamples_ManyRobots(t *testing.T) {
	t.Parallel()
	mock, store, w := newVaultScenario(t, "many-robots", verifymock.Config{})
	const build, deploy, backup = "many-robots-build", "many-robots-deploy", "many-robots-backup"
	// apply applies a list of robots, and returns the factors by identity.
	apply := func(robots ...string) map[string]verifymock.Factor {
		w.write("robots.csv", "identity,name,version\n"+strings.Join(robots, "\n")+"\n")
		w.mustRun("apply", "-auto-approve")
		w.mustRun("plan", "-detailed-exitcode")
		factors := map[string]verifymock.Factor{}
		secrets := map[string]string{}
		for _, f := range mock.Factors() {
			factors[f.Identity] = f
			if other, used := secrets[f.Secret]; used {
				t.Errorf("%s and %s have the same secret", f.Identity, other)
			}
			secrets[f.Secret] = f.Identity
			if f.Status != "verified" || f.Secret != store.totpSecret("secret/data/robots/"+f.Identity) {
				t.Errorf("%s is %s, or has another secret than the vault", f.Identity, f.Status)
			}
		}
		if len(factors) != len(robots) {
			t.Errorf("%d robots have factors, want %d", len(factors), len(robots))
		}
		return factors
	}
	created := apply(build+",Build robot,1", deploy+",Deployment robot,1", backup+",Backup robot,1")
	rotated := apply(build+",Build robot,1", deploy+",Deployment robot,2", backup+",Backup robot,1")
	if rotated[deploy].Secret == created[deploy].Secret || rotated[build].SID != created[build].SID ||
		rotated[backup].SID != created[backup].SID {
		t.Error("want a new factor for one robot, and the same for the others")
	}
	removed := apply(deploy+",Deployment robot,2", backup+",Backup robot,1")
	if removed[deploy].SID != rotated[deploy].SID || removed[backup].SID != created[backup].SID {
		t.Error("removing the first robot replaced another one")
	}
	w.mustRun("destroy", "-auto-approve")
}

// strike runs an apply with the fault, and then removes the fault.
func (f robotFault) strike(t *testing.T, mock *mock, store *vault, w *workspace, args ...string) {
	t.Helper()
	if f.vault != "" {
		store.inject(f.vault)
	}
	mock.ClearFaults()
	mock.Inject(f.twilio...)
	if f.refuse {
		refuseVerification(mock)
	}
	if f.interrupt != "" {
		mock.Inject(verifymock.Fault{Operation: f.interrupt, Count: 1, Process: true, Delay: time.Second})
	}
	mock.ResetRequests()
	apply := w.start(append([]string{"apply", "-auto-approve"}, args...)...)
	if f.interrupt != "" {
		waitFor(t, func() bool { return mock.calls(f.interrupt) > 0 })
		if err := apply.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	output, err := apply.wait()
	passes := f.passes && (!f.keeps || len(args) == 0)
	if (err == nil) != passes && f.interrupt == "" {
		t.Fatalf("the apply should fail: %t; it returned %v\n%s", !passes, err, output)
	}
	mock.ClearFaults()
}

// TestAccExamples_AuthenticatorAppVault scans the QR code in the file, and verifies the factor with
// the app's code. A file that could not be written is written by the next apply.
func TestAccExamples_AuthenticatorAppVault(t *testing.T) {
	t.Parallel()
	mock, store, w := newVaultScenario(t, "authenticator-app-vault", verifymock.Config{})
	picture := filepath.Join(w.dir, "qr-code.png")
	if err := os.Mkdir(picture, 0o700); err != nil { // cannot be written to
		t.Fatal(err)
	}
	if output, err := w.run("apply", "-auto-approve"); err == nil {
		t.Fatalf("the QR code cannot have been written\n%s", output)
	}
	if err := os.Remove(picture); err != nil {
		t.Fatal(err)
	}
	w.mustRun("apply", "-auto-approve")

	secret := scannedSecret(t, picture)
	if secret == "" || secret != mock.only(t).Secret || secret != store.totpSecret("secret/data/authenticator-app") {
		t.Error("the QR code, the vault and Twilio do not have the same secret")
	}
	entered := []string{"-var=code=" + codeAt(t, secret, 30, time.Now()), "-var=code_version=1"}
	w.mustRun(append([]string{"apply", "-auto-approve"}, entered...)...)
	if f := mock.only(t); f.Status != "verified" {
		t.Errorf("the factor is %s", f.Status)
	}
	w.mustRun(append([]string{"plan", "-detailed-exitcode"}, entered...)...)
	expectNoCanary(t, "the state", newHaystack([]byte(readFile(t, w.dir, "terraform.tfstate"))), canary{"secret", secret})
	w.mustRun("destroy", "-auto-approve")
	if _, err := os.Stat(picture); !os.IsNotExist(err) {
		t.Errorf("the QR code is still there: %v", err)
	}
}

// scannedSecret returns the secret in the QR code in a file, which only its owner may be able to
// read.
func scannedSecret(t *testing.T, picture string) string {
	t.Helper()
	if info, err := os.Stat(picture); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("others can read the QR code, or there is none: %v, %v", info, err)
	}
	scanned, err := ScanQRCode(base64.StdEncoding.EncodeToString([]byte(readFile(t, picture))))
	if err != nil {
		t.Fatal(err)
	}
	uri, err := url.Parse(scanned.GetText())
	if err != nil {
		t.Fatal(err)
	}
	return uri.Query().Get("secret")
}
