// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"archive/zip"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// challengedConfig challenges a factor in the apply that creates terraform_data.trigger. The variable
// is the code in reverse, because a plan file also contains the variables.
const challengedConfig = `
variable "code" {
  type      = string
  default   = null
  %s
}

action "twilio_verify_challenge" "test" {
  config {
    service_sid  = %q
    identity     = %q
    factor_sid   = %q
    auth_payload = strrev(var.code)
  }
}

resource "terraform_data" "trigger" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.twilio_verify_challenge.test]
    }
  }
}
`

// TestAccAction_PlanFile reads the plan file of an action. Terraform stores the value of a write-only
// attribute in it, unless the value is ephemeral, and passes no ephemeral value with -invoke. The
// secrets guide and [shared.MissingPayload] say so; if this test fails because Terraform has
// changed, correct them.
func TestAccAction_PlanFile(t *testing.T) {
	t.Parallel()
	actions.need(t)
	for variable, stored := range map[string]bool{"sensitive": true, "ephemeral": false} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			f := m.AddFactor(verifymock.Factor{
				Identity: "robot-account-0001", Secret: actionSecret, Status: "verified", CodeLength: 8, Alg: "sha1", TimeStep: 30, Skew: 1,
			})
			w := newWorkspace(t, m, m.config(fmt.Sprintf(challengedConfig, variable+" = true", f.ServiceSID, f.Identity, f.SID)))
			code, err := totp.Code(actionSecret, totp.Config{Digits: 8}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			reversed := []byte(code)
			slices.Reverse(reversed)
			w.env = append(w.env, "TF_VAR_code="+string(reversed))
			w.mustRun("plan", "-out=tfplan")
			if found := planFileContains(t, filepath.Join(w.dir, "tfplan"), canary{"code", code}); found != stored {
				t.Errorf("the plan file contains the code: %t, want %t", found, stored)
			}
			w.mustRun("apply", "tfplan")
			if challenges := m.Challenges(); len(challenges) != 1 || challenges[0].Status != "approved" {
				t.Errorf("the challenges are %+v", challenges)
			}
			output, err := w.run("apply", "-auto-approve", "-invoke=action.twilio_verify_challenge.test")
			if passed := err == nil; passed != stored || !passed && !words("does not pass ephemeral values").MatchString(output) {
				t.Errorf("-invoke passes the code: %t, want %t\n%s", passed, stored, output)
			}
		})
	}
}

// planFileContains reports whether any file in a plan file contains the canary.
func planFileContains(t *testing.T, file string, c canary) bool {
	t.Helper()
	archive, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	found := false
	err = lookInto(&archive.Reader, filepath.Base(file), func(_ string, text []byte) {
		found = found || len(newHaystack(text).find(c)) > 0
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// provenConfig challenges a factor in its own lifecycle, with a code from a secret that may be wrong.
const provenConfig = `
variable "code_secret" {
  type      = string
  ephemeral = true
}

ephemeral "twilio_verify_totp_code" "test" {
  secret = var.code_secret
}

action "twilio_verify_challenge" "test" {
  config {
    service_sid  = caller.service_sid
    identity     = caller.identity
    factor_sid   = caller.sid
    auth_payload = ephemeral.twilio_verify_totp_code.test.code
  }
}
`

// TestAccAction_FailureTaintsFactor fails to challenge a new factor, which taints it. The next apply
// replaces it.
func TestAccAction_FailureTaintsFactor(t *testing.T) {
	t.Parallel()
	actionFailures.need(t)
	m := newMock(t, verifymock.Config{})
	trigger := "  lifecycle {\n    action_trigger {\n      events     = [after_create]\n      actions    = " +
		"[action.twilio_verify_challenge.test]\n" +
		"      on_failure = taint\n    }\n  }"
	w := newWorkspace(t, m, m.config(provenConfig+totpBlock(`binding_secret_wo = "`+givenSecret+`"`, "binding_secret_wo_version = 1",
		"auto_verify = true", trigger)))
	environment := w.env
	w.env = slices.Concat(environment, []string{"TF_VAR_code_secret=MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"})
	if output, err := w.run("apply", "-auto-approve"); err == nil || !words("Challenge not approved").MatchString(output) {
		t.Fatalf("the apply with a wrong code: %v\n%s", err, output)
	}
	first := m.only(t)
	if plan := w.mustRun("plan"); !strings.Contains(plan, "is tainted, so must be replaced") {
		t.Fatalf("the factor is not tainted:\n%s", plan)
	}
	w.env = slices.Concat(environment, []string{"TF_VAR_code_secret=" + givenSecret})
	w.mustRun("apply", "-auto-approve")
	if f := m.only(t); f.SID == first.SID || f.Status != "verified" {
		t.Errorf("the factor is %s, %s, and was %s", f.SID, f.Status, first.SID)
	}
	w.mustRun("plan", "-detailed-exitcode")
}

// TestAccAction_Destroy asks a person before or after a service is destroyed. Without an answer, a
// replacement fails, and a destroy of everything does not.
func TestAccAction_Destroy(t *testing.T) {
	t.Parallel()
	actionFailures.need(t)
	for event, kept := range map[string]int{"before_destroy": 1, "after_destroy": 0} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			person := m.AddFactor(verifymock.Factor{
				Identity: "person-on-call-0001", FactorType: "push", FriendlyName: "Phone", Status: "verified", PublicKey: newDevice(t).public,
				AppID: "com.example.app", SDKVersion: "1.0", NotificationPlatform: "none",
			})
			config := fmt.Sprintf(`
action "twilio_verify_challenge" "test" {
  config {
    service_sid = %q
    identity    = %q
    factor_sid  = %q
    message     = "Delete ${caller.sid}?"
    timeout     = "1s"
  }
}
`, person.ServiceSID, person.Identity, person.SID)
			w := newWorkspace(t, m, m.config(config+serviceBlock("lifecycle {\n    action_trigger {\n      events  = ["+event+"]\n"+
				"      actions = [action.twilio_verify_challenge.test]\n    }\n  }")))
			w.mustRun("apply", "-auto-approve")
			services := m.Services()
			others := len(services) - 1
			output, err := w.run("apply", "-auto-approve", "-replace=twilio_verify_service.test")
			if err == nil || !words("Challenge expired").MatchString(output) || len(m.Services()) != others+kept {
				t.Errorf("a replacement without an answer: %v\n%s", err, output)
			}
			w.mustRun("apply", "-auto-approve")
			if output := w.mustRun("destroy", "-auto-approve"); !words("Challenge expired").MatchString(output) || len(m.Services()) != others {
				t.Errorf("a destroy without an answer:\n%s", output)
			}
			if challenges := m.Challenges(); len(challenges) != 2 || !strings.Contains(challenges[0].Message, services[others].SID) {
				t.Errorf("the challenges are %+v", challenges)
			}
		})
	}
}
