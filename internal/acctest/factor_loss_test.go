// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"os"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// proxyNotFound has bodies of 404 responses from proxies and gateways.
var proxyNotFound = map[string]string{
	"Kong":        `{"message":"no Route matched with those values"}`,
	"API Gateway": `{"message":"Not Found"}`,
	"Spring":      `{"timestamp":"2031-05-01T12:00:00.000+00:00","status":404,"error":"Not Found","path":"/v2/Services"}`,
}

func TestAccFactor_InterruptDuringVerificationKeepsFactor(t *testing.T) {
	t.Parallel()
	ownProcess.need(t)
	m := newMock(t, verifymock.Config{})
	w := newWorkspace(t, m, m.config(totpBlock("auto_verify = true")))
	m.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Delay: 2 * time.Second})
	apply := w.start("apply", "-auto-approve")
	waitFor(t, func() bool { return m.calls(verifymock.OperationVerify) == 1 })
	if err := apply.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	output, _ := apply.wait() // only the factor matters here, not Terraform's exit code
	f := m.only(t)
	if f.Status != "verified" {
		t.Errorf("the verification in flight was not finished: the factor is %s\n%s", f.Status, output)
	}
	if kept := w.kept(); len(kept) != 1 || kept[0].Tainted || kept[0].Attributes.SID != f.SID {
		t.Errorf("the state holds %+v, want %s untainted", kept, f.SID)
	}
	m.ClearFaults()
	m.ResetRequests()
	w.mustRun("apply", "-auto-approve")
	m.expectCalls(t, map[verifymock.Operation]int{"create": 0, "delete": 0, "verify": 0})
	w.expectSettled(m)
}

// TestAccFactor_DeletedOutsideWarns checks that Terraform shows the warning with the plan.
func TestAccFactor_DeletedOutsideWarns(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	w := newWorkspace(t, m, m.config(totpBlock()))
	m.AdvanceClock(-time.Minute)
	w.mustRun("apply", "-auto-approve")
	m.AdvanceClock(time.Minute)
	sid := m.only(t).SID
	m.DeleteFactor(sid)
	output := w.mustRun("plan")
	for _, want := range []string{"Warning: Factor deleted outside Terraform", sid, "the factor gets a new secret", "1 to add, 0 to change"} {
		if !words(want).MatchString(output) {
			t.Errorf("%q is not in the plan:\n%s", want, output)
		}
	}
}

func TestAccFactor_QRCodeOutputSurvivesImport(t *testing.T) {
	t.Parallel()
	functions.need(t)
	m := newMock(t, verifymock.Config{})
	f := m.AddFactor(verifymock.Factor{FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "verified"})
	w := newWorkspace(t, m, m.config(totpFactor+`
output "qr" {
  sensitive = true
  value     = provider::twilio::qr_code(twilio_verify_factor.test.binding_uri)
}
`))
	w.mustRun("import", factorAddress, f.ServiceSID+"/"+f.Identity+"/"+f.SID)
	w.mustRun("apply", "-auto-approve")
	m.expectCalls(t, map[verifymock.Operation]int{"create": 0, "delete": 0})
	if after := m.only(t); after.SID != f.SID {
		t.Errorf("the factor is %s, want %s", after.SID, f.SID)
	}
}

// TestAccFactor_ReplaceImportedUnverified replaces a factor whose secret is not known.
func TestAccFactor_ReplaceImportedUnverified(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	f := m.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", FriendlyName: "Robot 1"})
	w := newWorkspace(t, m, m.config(totpBlock("auto_verify = true")))
	w.mustRun("import", factorAddress, f.ServiceSID+"/"+f.Identity+"/"+f.SID)
	w.mustRun("apply", "-auto-approve", "-replace="+factorAddress)
	if after := m.only(t); after.SID == f.SID || after.Status != "verified" {
		t.Errorf("the factor is %s (%s), want a new, verified one", after.SID, after.Status)
	}
	w.expectSettled(m)
}

// TestFactor_ImportWithoutConfig imports a push factor while Twilio returns null for its type and
// config. The configuration is adopted: a push factor always has both, so null does not mean a
// difference.
func TestFactor_ImportWithoutConfig(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		i, config := m.instance(t), pushValues(t)
		if _, diags := i.apply(config); failed(diags) {
			t.Fatal(texts(diags))
		}
		nothing := []verifymock.Fault{{Change: func(object map[string]any) {
			object["factor_type"] = nil
			if config, ok := object["config"].(map[string]any); ok {
				for name := range config {
					config[name] = nil
				}
			}
		}}}
		m.Inject(nothing...)
		m.imported(t, m.only(t), "robot-account-0001").run(m,
			stage{faults: nothing, config: config, outcome: "update: read, update; unverified"},
			stage{
				config:  config.with(attributes{"config_app_id": "com.example.other"}),
				outcome: "replace: read, delete, create; unverified; WARNING Factor not verified",
			},
		)
	})
}
