// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// proxyNotFound has bodies of 404 responses from proxies and gateways.
var proxyNotFound = map[string]string{
	"Kong":        `{"message":"no Route matched with those values"}`,
	"API Gateway": `{"message":"Not Found"}`,
	"Spring":      `{"timestamp":"2031-05-01T12:00:00.000+00:00","status":404,"error":"Not Found","path":"/v2/Services"}`,
}

func TestFactor_ProxyNotFoundInSearchIsError(t *testing.T) {
	t.Parallel()
	for name, body := range proxyNotFound {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
				t.Helper()
				config := totpValues().with(attributes{"binding_secret": givenSecret})
				m.Inject(lostResponse, verifymock.Fault{Operation: verifymock.OperationList, Status: http.StatusNotFound, Body: body})
				newInstance(t).run(m,
					stage{config: config, err: "looking for the existing factor failed", after: func() { m.only(t) }},
					stage{config: config, before: m.ClearFaults, warning: "Existing factor taken", after: func() { m.only(t) }},
				)
			})
		})
	}
}

// TestFactor_TakenIsNotTainted takes a factor that may belong to someone else, and whose code is
// refused. It must not become tainted, because the next apply would delete it.
func TestFactor_TakenIsNotTainted(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		other := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1", Secret: givenSecret})
		payload := func(code string) attributes {
			return totpValues().with(attributes{"binding_secret": givenSecret, "auth_payload_wo": code, "auth_payload_wo_version": 1})
		}
		newInstance(t).run(m,
			stage{config: payload("000000"), err: "it is not in the state, and no apply deletes it", state: map[string]string{"sid": ""}},
			stage{
				config: payload(codeAt(t, givenSecret, 30, time.Now())), want: tfcore.Create, state: map[string]string{"sid": other.SID},
				after: m.expectVerified(t),
			},
		)
	})
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

// TestFactor_LostCreateWithoutDateIsRecovered serves lists without usable dates. The secret proves the
// factor, so dates do not matter.
func TestFactor_LostCreateWithoutDateIsRecovered(t *testing.T) {
	t.Parallel()
	for name, date := range map[string]any{"null": nil, "unknown format": "01.05.2031 12:00:00"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			front := m.behind(t, func(_ *http.Request, object map[string]any) {
				factors, _ := object["factors"].([]any)
				for _, f := range factors {
					f.(map[string]any)["date_created"] = date
				}
			})
			m.Inject(lostResponse)
			newInstance(t).run(front, stage{
				config: totpValues().with(attributes{"binding_secret": givenSecret}), after: func() { m.only(t) },
			})
		})
	}
}

func TestAccFactor_ImportedUnverifiedCanBeReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		identity string
		args     []string
	}{
		"another identity": {"Robot-Account-0002", nil},
		"-replace":         {"Robot-Account-0001", []string{"-replace=" + factorAddress}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			f := m.AddFactor(verifymock.Factor{FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 1"})
			config := m.config(totpBlock("auto_verify = true"))
			w := newWorkspace(t, m, config)
			w.mustRun("import", factorAddress, f.ServiceSID+"/"+f.Identity+"/"+f.SID)
			w.write("main.tf", strings.ReplaceAll(config, "Robot-Account-0001", c.identity))
			w.mustRun(append([]string{"plan"}, c.args...)...)
			w.mustRun(append([]string{"apply", "-auto-approve"}, c.args...)...)
			if after := m.only(t); after.SID == f.SID || after.Status != "verified" || !strings.EqualFold(after.Identity, c.identity) {
				t.Errorf("the factor is %s of %s (%s), want a new, verified one of %s", after.SID, after.Identity, after.Status, c.identity)
			}
			w.expectSettled(m)
		})
	}
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

func TestAccFactor_ConnectionRefusedNamesMock(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	nothing := &mock{url: "http://" + address}
	w := newWorkspace(t, nothing, strings.Replace(nothing.config(totpFactor), "max_retries = 2", "", 1))
	output, err := w.run("apply", "-auto-approve")
	if err == nil || !words("Is the mock running?").MatchString(output) {
		t.Errorf("want a question about the mock, got %v:\n%s", err, output)
	}
}

// TestFactor_LostCreateWithoutService cannot read the issuer after a lost create, so there is no URI.
// The secret is in the state.
func TestFactor_LostCreateWithoutService(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		m.Inject(lostResponse, verifymock.Fault{Operation: verifymock.OperationService, Status: http.StatusServiceUnavailable})
		newInstance(t).run(m, stage{
			config: totpValues().with(attributes{"binding_secret": givenSecret}), after: m.ClearFaults,
			state: map[string]string{"binding_uri": "", "binding_secret": givenSecret},
		})
	})
}

func TestAccFactor_RestrictedKeyConfirmsDeletion(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	w := newWorkspace(t, m, fmt.Sprintf("provider \"twilio\" {\n  api_key = %q\n  api_secret = %q\n  base_url = %q\n}\n%s",
		verifymock.DefaultAPIKey, verifymock.DefaultAPISecret, m.url, totpFactor))
	w.mustRun("apply", "-auto-approve")
	sid := m.only(t).SID
	m.AddFactor(verifymock.Factor{FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 2"})
	m.DeleteFactor(sid)
	m.ResetRequests()
	m.Inject(verifymock.Fault{Operation: verifymock.OperationService, Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"})
	output := w.mustRun("plan")
	m.expectCalls(t, map[verifymock.Operation]int{"service": 1, "list": 1})
	if !words("Factor deleted outside Terraform").MatchString(output) {
		t.Errorf("the deletion is not reported:\n%s", output)
	}
}

func TestAccFactor_OtherAccountIsErrorOnRead(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	block := func(account string) string {
		return fmt.Sprintf("provider \"twilio\" {\n  account_sid = %q\n  api_key = %q\n  api_secret = %q\n  base_url = %q\n}\n%s",
			account, verifymock.DefaultAPIKey, verifymock.DefaultAPISecret, m.url, totpFactor)
	}
	w := newWorkspace(t, m, block(verifymock.DefaultAccountSID))
	w.mustRun("apply", "-auto-approve")
	w.write("main.tf", block(otherAccountSID))
	m.ResetRequests()
	output, err := w.run("plan")
	if err == nil || !words("Factor belongs to another account").MatchString(output) {
		t.Errorf("want an error about the account, got %v:\n%s", err, output)
	}
	m.expectCalls(t, map[verifymock.Operation]int{"fetch": 1, "service": 0})
}

// TestFactor_ImportWithoutConfig imports a push factor while Twilio returns null for its type and
// config. The configuration is adopted: a push factor always has both, so null does not mean a
// difference.
func TestFactor_ImportWithoutConfig(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := m.instance(t)
	config := pushValues(t)
	if _, diags := i.apply(config); failed(diags) {
		t.Fatal(texts(diags))
	}
	id := i.text("id")
	front := m.behind(t, func(_ *http.Request, object map[string]any) {
		if config, ok := object["config"].(map[string]any); ok {
			for name := range config {
				config[name] = nil
			}
		}
		object["factor_type"] = nil
	})
	imported := newInstance(t)
	imported.start(front.attributes())
	if diags := imported.importBy(id, nil); failed(diags) {
		t.Fatal(texts(diags))
	}
	if diags := imported.refresh(); failed(diags) {
		t.Fatal(texts(diags))
	}
	if got, diags := imported.apply(config); got != "update" || failed(diags) {
		t.Errorf("the apply did %s, want an update; %s", got, texts(diags))
	}
	if len(m.Factors()) != 1 || imported.text("id") != id {
		t.Errorf("the server holds %d factors, and the state has %s, want %s", len(m.Factors()), imported.text("id"), id)
	}
	imported.start(m.attributes())
	if got, diags := imported.apply(config.with(attributes{"config_app_id": "com.example.other"})); got != "replace" || failed(diags) {
		t.Errorf("another app did %s, want a replacement; %s", got, texts(diags))
	}
}
