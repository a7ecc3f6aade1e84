// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/base64"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// newScenario returns a workspace with one of the larger examples.
func newScenario(t *testing.T, name string) (*mock, *workspace) {
	t.Helper()
	mock := newMock(t, verifymock.Config{})
	w := newEmptyWorkspace(t, mock)
	needFeaturesOf(t, copyExample(t, filepath.Join(examples, name), w.dir, mock.url))
	return mock, w
}

// TestAccExamples_AuthenticatorApp adds the account to an app by its URI, and verifies it with the
// app's code.
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
		t.Errorf("the QR code is not a PNG: %v", err)
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
