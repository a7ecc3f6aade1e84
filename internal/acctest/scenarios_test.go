// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// newScenario is a workspace with one of the complete examples.
func newScenario(t *testing.T, name string) (*mock, *workspace) {
	t.Helper()
	mock := newMock(t, verifymock.Config{})
	w := newEmptyWorkspace(t, mock)
	needFeaturesOf(t, copyExample(t, filepath.Join(examples, name), w.dir, mock.url))
	return mock, w
}

// TestAccExamples_RobotAccount finds the secret at Twilio and in the vault, and nowhere
// else, before and after a rotation.
func TestAccExamples_RobotAccount(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "robot-account")
	vault := filepath.Join(w.dir, "robot-account.secret")
	var before string
	for _, args := range [][]string{nil, {"-var=secret_version=2"}} {
		output := w.mustRun(append([]string{"apply", "-auto-approve"}, args...)...)
		kept, err := os.ReadFile(vault)
		if err != nil {
			t.Fatal(err)
		}
		f := mock.only(t)
		if f.Status != "verified" || f.Secret != string(kept) || f.Secret == before {
			t.Errorf("the factor is %s, and the vault does not have its secret, or has an old one", f.Status)
		}
		before = f.Secret
		state, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range newHaystack(append(state, output...)).find(canary{"secret", f.Secret}) {
			t.Error(found)
		}
		w.mustRun(append([]string{"plan", "-detailed-exitcode"}, args...)...)
		if again, err := os.ReadFile(vault); err != nil || string(again) != f.Secret {
			t.Error("a plan has changed the vault")
		}
	}
	if info, err := os.Stat(vault); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the vault: %v, %v", info.Mode(), err)
	}
}

// TestAccExamples_AuthenticatorApp adds the account to an app by its URI, and verifies it by
// the app's code.
func TestAccExamples_AuthenticatorApp(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "authenticator-app")
	if output := w.mustRun("apply", "-auto-approve"); !strings.Contains(output, "Factor not verified") {
		t.Errorf("no warning:\n%s", output)
	}
	uri, err := url.Parse(strings.TrimSpace(w.mustRun("output", "-raw", "uri")))
	if err != nil || uri.Query().Get("secret") != mock.only(t).Secret {
		t.Errorf("the URI does not hold the secret: %v", err)
	}
	picture, err := base64.StdEncoding.DecodeString(strings.TrimSpace(w.mustRun("output", "-raw", "qr_code")))
	if err != nil || !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("the QR code is no PNG: %v", err)
	}
	code, err := totp.Code(uri.Query().Get("secret"), totp.Config{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	entered := []string{"-var=code=" + code, "-var=code_version=1"}
	w.mustRun(append([]string{"apply", "-auto-approve"}, entered...)...)
	if f := mock.only(t); f.Status != "verified" {
		t.Errorf("the factor is %s", f.Status)
	}
	w.mustRun(append([]string{"plan", "-detailed-exitcode"}, entered...)...)
	w.mustRun("apply", "-auto-approve") // without the code again
	w.mustRun("plan", "-detailed-exitcode")
	w.mustRun("destroy", "-auto-approve")
}

// TestAccExamples_PushDevice signs the SID with the device's key.
func TestAccExamples_PushDevice(t *testing.T) {
	t.Parallel()
	mock, w := newScenario(t, "push-device")
	device := newDevice(t)
	w.env = append(w.env, "TF_VAR_public_key="+device.public)
	w.mustRun("apply", "-auto-approve")
	sid := strings.TrimSpace(w.mustRun("output", "-raw", "sid"))
	w.env = append(w.env, "TF_VAR_signature="+device.sign(t, sid))
	w.mustRun("apply", "-auto-approve", "-var=signature_version=1")
	if f := mock.only(t); f.Status != "verified" || f.SID != sid {
		t.Errorf("the factor %s is %s", f.SID, f.Status)
	}
	w.mustRun("plan", "-detailed-exitcode", "-var=signature_version=1")
	mock.ResetRequests()
	w.mustRun("apply", "-auto-approve") // without the signature again
	mock.expectCalls(t, map[verifymock.Operation]int{"update": 0, "verify": 0, "create": 0})
	w.mustRun("destroy", "-auto-approve", "-var=signature_version=1")
}
