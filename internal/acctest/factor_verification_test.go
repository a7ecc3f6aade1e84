// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	factorAddress = "twilio_verify_factor.test"
	// givenSecret and otherSecret have the form of secrets that Twilio generates.
	givenSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	otherSecret = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
	// wrongSecret and wrongSecretToo belong to no factor.
	wrongSecret    = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"
	wrongSecretToo = "NNWG23TPNBZGG3TPNNWG23TPNBZGG3TP"
)

// factorBlock returns a factor with additional lines.
func factorBlock(factorType string, lines ...string) string {
	return fmt.Sprintf(`
resource "twilio_verify_factor" "test" {
  service_sid   = %q
  identity      = "Robot-Account-0001"
  factor_type   = %q
  friendly_name = "Robot 1"
  %s
}
`, verifymock.DefaultServiceSID, factorType, strings.Join(lines, "\n  "))
}

// imported returns a step that imports a factor from the server for the following steps.
func imported(f verifymock.Factor, config string) resource.TestStep {
	return resource.TestStep{
		Config:             config,
		ResourceName:       factorAddress,
		ImportState:        true,
		ImportStateId:      f.ServiceSID + "/" + f.Identity + "/" + f.SID,
		ImportStatePersist: true,
	}
}

func totpBlock(lines ...string) string { return factorBlock("totp", lines...) }

// planned checks the planned action for the factor.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(factorAddress, action)}}
}

// checkCalls returns a check of the requests that the server has received since the last check.
func (m *mock) checkCalls(t *testing.T, want map[verifymock.Operation]int) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		t.Helper()
		m.expectCalls(t, want)
		return nil
	}
}

// checkServer checks the only factor on the server.
func (m *mock) checkServer(t *testing.T, check func(f verifymock.Factor) error) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error { return check(m.only(t)) }
}

func status(want string) func(verifymock.Factor) error {
	return func(f verifymock.Factor) error {
		if f.Status != want {
			return fmt.Errorf("the server's factor is %s, want %s", f.Status, want)
		}
		return nil
	}
}

// clockFrom returns a clock that starts when it is first read, so a test knows at which point
// in a time step its first request arrives.
func clockFrom(start time.Time) func() time.Time {
	begin := sync.OnceValue(time.Now)
	return func() time.Time { return start.Add(time.Since(begin())) }
}

// stepEnd is a moment at which a time step of 20 seconds begins.
var stepEnd = time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)

// spoilSecret changes the factor's secret on the server when the first code arrives, so every
// code is wrong.
func (m *mock) spoilSecret() {
	m.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Match: func(verifymock.Request) bool {
		for _, f := range m.Factors() {
			m.UpdateFactor(f.SID, func(f *verifymock.Factor) { f.Secret = otherSecret })
		}
		return false
	}})
}

// TestAccFactor_AutoVerifyMatrix verifies, in one apply, factors with every algorithm and code
// length, with short, usual, and long time steps, with secrets from all origins, and with service
// defaults.
func TestAccFactor_AutoVerifyMatrix(t *testing.T) {
	t.Parallel()
	const service = "VA00000000000000000000000000000002"
	eight, none, twenty := 8, 0, 20
	mock := newMock(t, verifymock.Config{Accounts: []verifymock.Account{{
		SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
		Services: []verifymock.Service{
			{SID: verifymock.DefaultServiceSID, FriendlyName: "Acme"},
			{SID: service, FriendlyName: "Own defaults", TOTP: verifymock.TOTPDefaults{CodeLength: &eight, Skew: &none, TimeStep: &twenty}},
		},
	}}})
	w := newWorkspace(t, mock, mock.config(fmt.Sprintf(`
locals {
  secrets = ["given", "generated", "write-only"]
  all = merge(flatten([for a, alg in ["sha1", "sha256", "sha512"] : [for length in range(3, 9) : {
    for s, step in [20, 30, 60] : "${alg}-${length}-${step}" => {
      alg = alg, length = length, step = step, skew = (a + length + s) %% 3, secret = local.secrets[(a + length) %% 3]
    }
  }]])...)
}

resource "twilio_verify_factor" "test" {
  for_each = local.all

  service_sid               = %[1]q
  identity                  = "robot-${each.key}"
  factor_type               = "totp"
  friendly_name             = each.key
  binding_secret            = each.value.secret == "given" ? %[3]q : null
  binding_secret_wo         = each.value.secret == "write-only" ? %[3]q : null
  binding_secret_wo_version = each.value.secret == "write-only" ? 1 : null
  config_alg                = each.value.alg
  config_code_length        = each.value.length
  config_time_step          = each.value.step
  config_skew               = each.value.skew
  auto_verify               = true
}

resource "twilio_verify_factor" "defaults" {
  service_sid   = %[2]q
  identity      = "Robot-Account-0002"
  factor_type   = "totp"
  friendly_name = "Defaults"
  auto_verify   = true
}
`, verifymock.DefaultServiceSID, service, givenSecret)))
	w.mustRun("apply", "-auto-approve")
	factors := mock.Factors()
	if len(factors) != 3*6*3+1 {
		t.Errorf("%d factors", len(factors))
	}
	for _, f := range factors {
		if f.Status != "verified" || f.Attempts > 1 {
			t.Errorf("%s (skew %d, step %d): %s after %d wrong codes", f.FriendlyName, f.Skew, f.TimeStep, f.Status, f.Attempts)
		}
		if f.Skew > 0 && f.Attempts > 0 {
			t.Errorf("%s: the first code was wrong, although its neighbors are accepted too", f.FriendlyName)
		}
		if f.FriendlyName == "Defaults" && (f.CodeLength != 8 || f.Skew != 0 || f.TimeStep != 20) {
			t.Errorf("the service's defaults were overridden: %+v", f)
		}
	}
	mock.ResetRequests()
	w.mustRun("plan", "-detailed-exitcode")
	mock.expectCalls(t, map[verifymock.Operation]int{"fetch": len(factors)})
}

func TestAccFactor_AutoVerifySwitchedOnLater(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string][]string{
		"given":      {`binding_secret = "` + givenSecret + `"`},
		"generated":  nil,
		"write-only": {`binding_secret_wo = "` + givenSecret + `"`, `binding_secret_wo_version = 1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{RefuseSecondVerification: true})
			on := mock.config(totpBlock(append(secret, "auto_verify = true")...))
			runSteps(t,
				resource.TestStep{
					Config: mock.config(totpBlock(secret...)),
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttr(factorAddress, "status", "unverified"),
						mock.checkCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 0}),
					),
				},
				resource.TestStep{
					Config:           on,
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttr(factorAddress, "status", "verified"),
						mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 1}),
						mock.checkServer(t, status("verified")),
					),
				},
				resource.TestStep{ // a verified factor stays verified, without a call
					Config:           mock.config(totpBlock(append(secret, "auto_verify = false")...)),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttr(factorAddress, "status", "verified"),
						mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 0}),
					),
				},
			)
		})
	}
}

// TestAccFactor_AutoVerifyDrift refreshes a factor that has become unverified, and one that Twilio
// has deleted because it was unverified.
func TestAccFactor_AutoVerifyDrift(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := mock.config(totpBlock(`binding_secret = "`+givenSecret+`"`, "auto_verify = true"))
	unverified := func() {
		mock.UpdateFactor(mock.only(t).SID, func(f *verifymock.Factor) { f.Status = "unverified" })
		mock.AdvanceClock(10 * time.Second) // so date_updated changes
		mock.ResetRequests()
	}
	runSteps(t,
		resource.TestStep{Config: config, Check: mock.checkServer(t, status("verified"))},
		resource.TestStep{
			PreConfig:        unverified,
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(factorAddress, "status", "verified"),
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 1}),
				mock.checkServer(t, status("verified")),
			),
		},
		resource.TestStep{
			PreConfig: func() {
				unverified()
				mock.AdvanceClock(25 * time.Hour)
			},
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			Check: resource.ComposeTestCheckFunc(
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 1}),
				mock.checkServer(t, status("verified")),
			),
		},
	)
}

// TestAccFactor_AutoVerifyWrongClock uses a server whose clock is off by an hour: in a create,
// whose response has the time, and in an apply that sends a code without an earlier request.
func TestAccFactor_AutoVerifyWrongClock(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]verifymock.Config{
		"200 for a wrong code": {},
		"403 for a wrong code": {RefuseWrongPayload: true},
	} {
		for _, shift := range []time.Duration{time.Hour, -time.Hour} {
			t.Run(fmt.Sprintf("%s, %v", name, shift), func(t *testing.T) {
				t.Parallel()
				mock := newMock(t, config)
				mock.AdvanceClock(shift)
				second := strings.Replace(totpBlock(`binding_secret = "`+otherSecret+`"`), `"test"`, `"second"`, 1)
				w := newWorkspace(t, mock, mock.config(totpBlock("auto_verify = true")+second))
				w.mustRun("apply", "-auto-approve")
				mock.expectCalls(t, map[verifymock.Operation]int{"create": 2, "verify": 1})

				second = strings.Replace(second, "factor_type", "auto_verify = true\n factor_type", 1)
				w.write("main.tf", mock.config(totpBlock("auto_verify = true")+second))
				w.mustRun("apply", "-auto-approve", "-refresh=false")
				looks := 0
				if config.RefuseWrongPayload { // a refusal does not tell the status
					looks = 1
				}
				mock.expectCalls(t, map[verifymock.Operation]int{"fetch": looks, "create": 0, "verify": 2})
				for _, f := range mock.Factors() {
					if f.Status != "verified" {
						t.Errorf("the factor is %s", f.Status)
					}
				}
				w.mustRun("plan", "-detailed-exitcode")
			})
		}
	}
}

// TestAccFactor_AutoVerifyImported verifies an imported factor, whose secret is not known.
func TestAccFactor_AutoVerifyImported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secret []string
		codes  string
	}{
		"stored":     {[]string{`binding_secret = "` + givenSecret + `"`}, "up to two more codes"},
		"write-only": {[]string{`binding_secret_wo = "` + givenSecret + `"`, `binding_secret_wo_version = 1`}, "one more code"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			factor := mock.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Secret: givenSecret})
			known := mock.config(totpBlock(append(c.secret, "auto_verify = true")...))
			runSteps(t,
				imported(factor, mock.config(totpBlock())),
				resource.TestStep{
					Config:             mock.config(totpBlock("auto_verify = true")),
					PlanOnly:           true,
					ExpectNonEmptyPlan: true, // auto_verify itself is a change of the state
				},
				resource.TestStep{
					// A wrong secret is not kept, so correcting it does not replace the factor.
					Config:      strings.Replace(known, givenSecret, wrongSecret, 1),
					ExpectError: words("is unverified. The next apply sends " + c.codes),
				},
				resource.TestStep{
					PreConfig:        mock.ResetRequests,
					Config:           known,
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttr(factorAddress, "status", "verified"),
						resource.TestCheckResourceAttr(factorAddress, "sid", factor.SID),
						mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "delete": 0, "verify": 1}),
						mock.checkServer(t, status("verified")),
					),
				},
			)
		})
	}
}

// TestAccFactor_AutoVerifyImportedVerified switches auto_verify on for a verified factor, which
// needs no secret.
func TestAccFactor_AutoVerifyImportedVerified(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{RefuseSecondVerification: true})
	factor := mock.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "verified"})
	runSteps(t,
		imported(factor, mock.config(totpBlock())),
		resource.TestStep{
			PreConfig:        mock.ResetRequests,
			Config:           mock.config(totpBlock("auto_verify = true")),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 0}),
		},
	)
}

// TestAccFactor_AutoVerifyRefusedAtCreate expects two attempts in two time steps, an error, and the
// factor in the state.
func TestAccFactor_AutoVerifyRefusedAtCreate(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]bool{"200": false, "403": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The clocks agree, because a second code would otherwise follow the other clock at once.
			mock := newMock(t, verifymock.Config{RefuseWrongPayload: refuse})
			mock.spoilSecret()
			w := newWorkspace(t, mock, mock.config(totpBlock(`binding_secret = "`+givenSecret+`"`, "config_time_step = 20", "auto_verify = true")))
			output, err := w.run("apply", "-auto-approve")
			if err == nil || !words("It is in the state as tainted, and the next apply replaces it. "+
				"To keep it instead, run terraform untaint ADDRESS first. Check that binding_secret is the secret").MatchString(output) {
				t.Errorf("%v\n%s", err, output)
			}
			if refuse != strings.Contains(output, "60311") {
				t.Errorf("the error must quote Twilio's code if, and only if, there is one:\n%s", output)
			}
			expectTwoSteps(t, mock)
			lost := mock.only(t)
			if !strings.Contains(w.mustRun("state", "show", factorAddress), lost.SID) {
				t.Error("the factor is not in state")
			}
			mock.ResetRequests()
			w.mustRun("untaint", factorAddress)
			if output, err := w.run("apply", "-auto-approve"); err == nil ||
				!words("The next apply sends up to two more codes").MatchString(output) {
				t.Errorf("untainted: %v\n%s", err, output)
			}
			mock.expectCalls(t, map[verifymock.Operation]int{"verify": 2, "create": 0})
			w.mustRun("taint", factorAddress)
			mock.ClearFaults()
			w.mustRun("apply", "-auto-approve")
			if f := mock.only(t); f.SID == lost.SID || f.Status != "verified" || f.Secret != givenSecret {
				t.Errorf("the tainted factor was not replaced by a verified one: %s", f.Status)
			}
			w.mustRun("plan", "-detailed-exitcode")
		})
	}
}

// expectTwoSteps checks that exactly two different codes were sent, in different steps of 20
// seconds.
func expectTwoSteps(t *testing.T, m *mock) {
	t.Helper()
	var steps []int64
	codes := map[string]bool{}
	for _, r := range m.Requests() {
		if r.Operation == verifymock.OperationVerify {
			steps = append(steps, r.Received.Unix()/20)
			codes[r.Form.Get("AuthPayload")] = true
		}
	}
	if len(steps) != 2 || steps[0] == steps[1] || len(codes) != 2 {
		t.Errorf("%d different codes were sent, in steps %v; want two in two steps", len(codes), steps)
	}
}

// TestAccFactor_AutoVerifyRefusedLater leaves the factor untainted. Each apply sends two codes.
func TestAccFactor_AutoVerifyRefusedLater(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	mock.AdvanceClock(time.Hour) // to avoid waiting for the second time step
	off := mock.config(totpBlock(`binding_secret = "` + givenSecret + `"`))
	on := mock.config(totpBlock(`binding_secret = "`+givenSecret+`"`, "auto_verify = true"))
	var sid string
	runSteps(t,
		resource.TestStep{Config: off, Check: mock.checkServer(t, func(f verifymock.Factor) error { sid = f.SID; return nil })},
		resource.TestStep{
			PreConfig:   func() { mock.ResetRequests(); mock.spoilSecret() },
			Config:      on,
			ExpectError: words("is unverified. The next apply sends up to two more codes"),
		},
		resource.TestStep{
			PreConfig:   func() { mock.expectCalls(t, map[verifymock.Operation]int{"verify": 2, "create": 0, "update": 0}) },
			Config:      on,
			ExpectError: words("is unverified. The next apply sends up to two more codes"),
		},
		resource.TestStep{
			PreConfig: func() {
				mock.expectCalls(t, map[verifymock.Operation]int{"verify": 2, "create": 0, "update": 0})
				mock.ClearFaults()
				mock.UpdateFactor(sid, func(f *verifymock.Factor) { f.Secret, f.Attempts = givenSecret, 0 })
			},
			Config: off,
		},
		resource.TestStep{
			Config:           on,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check: mock.checkServer(t, func(f verifymock.Factor) error {
				if f.SID != sid || f.Status != "verified" {
					return fmt.Errorf("the factor is %s, %s", f.SID, f.Status)
				}
				return nil
			}),
		},
	)
}

// TestAccFactor_AutoVerifyResponseLost loses the response to a verification that succeeded, and to
// one that was not processed.
func TestAccFactor_AutoVerifyResponseLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault         verifymock.Fault
		verify, fetch int
	}{
		"reset after processing":   {verifymock.Fault{Process: true, Drop: true}, 1, 1},
		"gateway after processing": {verifymock.Fault{Process: true, Status: 502}, 1, 1},
		"truncated":                {verifymock.Fault{Corrupt: verifymock.CorruptTruncate}, 1, 1},
		"reset before processing":  {verifymock.Fault{Drop: true}, 2, 1},
		"unavailable":              {verifymock.Fault{Status: 503}, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{RefuseSecondVerification: true, Now: clockFrom(stepEnd.Add(-5 * time.Second))})
			c.fault.Operation, c.fault.Count = verifymock.OperationVerify, 1
			mock.Inject(c.fault)
			runSteps(t, resource.TestStep{
				Config: mock.config(totpBlock("auto_verify = true", "config_time_step = 20")),
				Check: resource.ComposeTestCheckFunc(
					resource.TestCheckResourceAttr(factorAddress, "status", "verified"),
					mock.checkServer(t, status("verified")),
					func(*terraform.State) error {
						if c.verify == 2 {
							expectTwoSteps(t, mock)
						}
						return nil
					},
					mock.checkCalls(t, map[verifymock.Operation]int{"create": 1, "verify": c.verify}),
				),
			})
		})
	}
}

// TestAccFactor_AutoVerifyStatusNull serves null as the status that would show the result. Null is
// not a refusal: the factor, which Twilio has verified, must not be replaced.
func TestAccFactor_AutoVerifyStatusNull(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault *verifymock.Fault // of the verification
		reads bool              // the read after it has no status either
		want  string            // in the output of the apply
	}{
		"in the response":                   {},
		"in the read after it as well":      {nil, true, "Factor not verified yet"},
		"in the read after a lost response": {&verifymock.Fault{Process: true, Drop: true}, true, "Factor not verified yet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{RefuseSecondVerification: true})
			var healthy atomic.Bool
			front := m.behind(t, func(r *http.Request, object map[string]any) {
				update := r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/Factors/")
				if !healthy.Load() && (update || c.reads && r.Method == http.MethodGet) {
					object["status"] = nil
				}
			})
			if c.fault != nil {
				c.fault.Operation = verifymock.OperationVerify
				m.Inject(*c.fault)
			}
			w := newWorkspace(t, front, front.config(totpBlock("auto_verify = true")))
			if output := w.mustRun("apply", "-auto-approve"); !words(c.want).MatchString(output) {
				t.Errorf("want %q in the output:\n%s", c.want, output)
			}
			sid := m.only(t).SID
			m.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 1})
			healthy.Store(true)
			m.ClearFaults()
			w.mustRun("apply", "-auto-approve")
			w.expectSettled(m)
			if f := m.only(t); f.SID != sid || f.Status != "verified" {
				t.Errorf("the factor is %s, %s; want %s, verified", f.SID, f.Status, sid)
			}
			m.expectCalls(t, map[verifymock.Operation]int{"create": 0, "verify": 0, "delete": 0})
		})
	}
}

// TestAccFactor_AutoVerifyConfigNull returns null for the config, which the API's schema allows. The
// codes and the binding URI have the length that the service sets.
func TestAccFactor_AutoVerifyConfigNull(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{Accounts: []verifymock.Account{{
		SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
		Services: []verifymock.Service{{
			SID: verifymock.DefaultServiceSID, FriendlyName: "Acme",
			TOTP: verifymock.TOTPDefaults{CodeLength: new(8)},
		}},
	}}})
	front := mock.behind(t, func(_ *http.Request, object map[string]any) {
		if _, ok := object["config"]; ok {
			object["config"] = nil
		}
	})
	config := front.config(totpBlock("auto_verify = true"))
	digits := resource.TestMatchResourceAttr(factorAddress, "binding_uri", regexp.MustCompile("&digits=8&"))
	runSteps(t,
		resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(mock.checkServer(t, status("verified")), digits)},
		resource.TestStep{RefreshState: true, Check: digits},
		emptyPlan(config),
	)
}

// TestAccFactor_AutoVerifyAttemptsUsedUp fails immediately, because waiting does not help.
func TestAccFactor_AutoVerifyAttemptsUsedUp(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := totpBlock(`binding_secret = "` + givenSecret + `"`)
	runSteps(t,
		resource.TestStep{Config: mock.config(config)},
		resource.TestStep{
			PreConfig: func() {
				mock.UpdateFactor(mock.only(t).SID, func(f *verifymock.Factor) { f.Attempts = 5 })
				mock.ResetRequests()
			},
			Config:      mock.config(strings.Replace(config, "factor_type", "auto_verify = true\n factor_type", 1)),
			ExpectError: words("All five attempts are used up"),
		},
		resource.TestStep{
			PreConfig: func() { mock.expectCalls(t, map[verifymock.Operation]int{"verify": 1, "update": 0}) },
			Config:    mock.config(config),
		},
	)
}

// code returns a code that is valid for some minutes around now.
func code(t *testing.T, secret string) string {
	t.Helper()
	return codeAt(t, secret, 60, time.Now())
}

func codeAt(t *testing.T, secret string, period int, at time.Time) string {
	t.Helper()
	code, err := totp.Code(secret, totp.Config{Period: period}, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// wrongCode returns a code that givenSecret does not have within an hour.
func wrongCode(t *testing.T) string {
	t.Helper()
	valid := map[string]bool{}
	for step := -60; step <= 60; step++ {
		valid[codeAt(t, givenSecret, 60, time.Now().Add(time.Duration(step)*time.Minute))] = true
	}
	candidate := "000000"
	for i := 0; valid[candidate]; i++ {
		candidate = fmt.Sprintf("%06d", i)
	}
	return candidate
}

// withPayload returns a TOTP factor that accepts codes for a long time.
func withPayload(payload string, version int, lines ...string) string {
	return totpBlock(append(lines, `binding_secret = "`+givenSecret+`"`, "config_time_step = 60", "config_skew = 2",
		fmt.Sprintf("auth_payload_wo = %q", payload), fmt.Sprintf("auth_payload_wo_version = %d", version))...)
}

// TestAccFactor_AuthPayloadTooEarly sets payloads for factors whose SID or secret cannot be known
// yet, as in a configuration whose factor has to be created again. They are not sent, not even
// later with the same version.
func TestAccFactor_AuthPayloadTooEarly(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	payload := []string{`auth_payload_wo = "123456"`, "auth_payload_wo_version = 1"}
	config := mock.config(totpBlock(payload...))
	w := newWorkspace(t, mock, config)
	output := w.mustRun("apply", "-auto-approve")
	if !words("The payload is not sent when the factor is created: " +
		"it is a code computed from the secret, which Twilio generates with the factor").MatchString(output) {
		t.Errorf("no warning: %s", output)
	}
	mock.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 0})
	w.mustRun("plan", "-detailed-exitcode")
	mock.DeleteFactor(mock.only(t).SID)
	w.mustRun("apply", "-auto-approve")
	mock.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 0})
	mock.only(t)
}

// TestAccFactor_AuthPayloadLength refuses a code of another length at plan, where the length is
// known.
func TestAccFactor_AuthPayloadLength(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newWorkspace(t, mock, mock.config(totpBlock(`binding_secret = "`+givenSecret+`"`)))
	w.mustRun("apply", "-auto-approve")
	w.write("main.tf", mock.config(totpBlock(`binding_secret = "`+givenSecret+`"`, `auth_payload_wo = "12345678"`,
		"auth_payload_wo_version = 1")))
	output, err := w.run("plan")
	const want = "The code has 8 digits, but codes of this factor have 6 (config_code_length). Write a code in quotes: " +
		"a number loses its leading zeros. Nothing was sent to Twilio."
	if err == nil || !words(want).MatchString(output) {
		t.Errorf("%v: %q is not on the screen: %s", err, want, output)
	}
	mock.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 0})
}

func TestAccFactor_AuthPayloadAtCreate(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	right := mock.config(withPayload(code(t, givenSecret), 1))
	runSteps(t,
		resource.TestStep{
			Config: mock.config(withPayload(wrongCode(t), 1)),
			ExpectError: regexp.MustCompile(words("Twilio did not accept the payload: the code or signature is wrong. "+
				"This used up one of the five attempts that Twilio allows for a factor.").String() +
				`(?s:.*)` + words("Check that the code was current, and computed with the factor's secret and config and a correct clock.").String()),
		},
		resource.TestStep{
			PreConfig: func() {
				mock.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 1})
			},
			Config:           right, // the version does not change, because the refused one was not stored
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			Check: resource.ComposeTestCheckFunc(
				mock.checkServer(t, status("verified")),
				mock.checkCalls(t, map[verifymock.Operation]int{"delete": 1, "create": 1, "verify": 1}),
				resource.TestCheckNoResourceAttr(factorAddress, "auth_payload_wo"),
			),
		},
	)
}

func TestAccFactor_AuthPayloadLater(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]bool{"200": false, "403": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{RefuseWrongPayload: refuse, RefuseSecondVerification: true})
			once := map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 1}
			refused := func() { mock.expectCalls(t, once) }
			right := code(t, givenSecret)
			runSteps(t,
				resource.TestStep{
					Config: mock.config(totpBlock(`binding_secret = "`+givenSecret+`"`, "config_time_step = 60", "config_skew = 2")),
				},
				resource.TestStep{
					PreConfig:   mock.ResetRequests,
					Config:      mock.config(withPayload(wrongCode(t), 1)),
					ExpectError: words("is unverified. The next apply sends auth_payload_wo again"),
				},
				resource.TestStep{
					PreConfig:   refused,
					Config:      mock.config(withPayload(wrongCode(t), 1)),
					ExpectError: words("is unverified. The next apply sends auth_payload_wo again"),
				},
				resource.TestStep{
					PreConfig:        refused,
					Config:           mock.config(withPayload(right, 1)),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: resource.ComposeTestCheckFunc(
						mock.checkCalls(t, once),
						mock.checkServer(t, status("verified")),
						resource.TestCheckResourceAttr(factorAddress, "auth_payload_wo_version", "1"),
					),
				},
				resource.TestStep{ // a changed payload with the same version has no effect
					Config:           mock.config(withPayload(wrongCode(t), 1)),
					ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
					Check:            mock.checkCalls(t, map[verifymock.Operation]int{"update": 0, "verify": 0}),
				},
				resource.TestStep{ // a payload for a verified factor is not sent
					Config: mock.config(withPayload(right, 2)),
					Check:  mock.checkCalls(t, map[verifymock.Operation]int{"update": 0, "verify": 0}),
				},
			)
		})
	}
}

// TestAccFactor_AuthPayloadRefusedAfterTrouble sends a wrong payload in place of one that could not
// be delivered. The next apply sends the payload again, although its version does not change.
func TestAccFactor_AuthPayloadRefusedAfterTrouble(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newWorkspace(t, mock, mock.config(withPayload(code(t, givenSecret), 1)))
	mock.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Status: http.StatusServiceUnavailable, Body: "upstream"})
	w.mustRun("apply", "-auto-approve")
	mock.ClearFaults()
	for range 2 {
		w.write("main.tf", mock.config(withPayload(wrongCode(t), 1)))
		output, err := w.run("apply", "-auto-approve")
		if err == nil || !words("is unverified. The next apply sends auth_payload_wo again").MatchString(output) {
			t.Fatalf("the apply should fail to verify: %v\n%s", err, output)
		}
	}
	mock.ResetRequests()
	w.write("main.tf", mock.config(withPayload(code(t, givenSecret), 1)))
	w.mustRun("apply", "-auto-approve")
	mock.expectCalls(t, map[verifymock.Operation]int{"create": 0, "verify": 1})
	if f := mock.only(t); f.Status != "verified" {
		t.Errorf("the factor is %s", f.Status)
	}
	w.mustRun("plan", "-detailed-exitcode")
}

// TestAccFactor_AuthPayloadWithUpdate sends an update and a payload in one apply. The update is
// kept if the payload is refused.
func TestAccFactor_AuthPayloadWithUpdate(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	renamed := func(config string) string {
		return mock.config(strings.Replace(config, `"Robot 1"`, `"Renamed"`, 1))
	}
	runSteps(t,
		resource.TestStep{Config: mock.config(totpBlock(`binding_secret = "`+givenSecret+`"`, "config_time_step = 60", "config_skew = 2"))},
		resource.TestStep{
			PreConfig:   mock.ResetRequests,
			Config:      renamed(withPayload(wrongCode(t), 1)),
			ExpectError: words("is unverified. The next apply sends auth_payload_wo again"),
		},
		resource.TestStep{
			PreConfig: func() { mock.expectCalls(t, map[verifymock.Operation]int{"update": 1, "verify": 1}) },
			Config:    renamed(withPayload(code(t, givenSecret), 1)),
			Check: resource.ComposeTestCheckFunc(
				mock.checkCalls(t, map[verifymock.Operation]int{"update": 0, "verify": 1}),
				mock.checkServer(t, status("verified")),
			),
		},
	)
}

// device is a push device: a key, and a file that passes its signature to Terraform.
type device struct {
	key       *ecdsa.PrivateKey
	public    string
	signature string // a path
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return &device{key, base64.StdEncoding.EncodeToString(der), filepath.Join(t.TempDir(), "signature")}
}

// sign returns the payload that verifies the device's factor.
func (d *device) sign(t *testing.T, text string) string {
	t.Helper()
	digest := sha256.Sum256([]byte(text))
	der, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// handOver writes the signature of a text to the device's file.
func (d *device) handOver(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(d.signature, []byte(d.sign(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d *device) block(lines ...string) string {
	return factorBlock("push", append(lines,
		fmt.Sprintf("binding_public_key = %q", d.public), `config_app_id = "com.example.app"`,
		`config_notification_platform = "none"`, `config_sdk_version = "1.0"`)...)
}

// TestAccFactor_AuthPayloadPush signs the SID after the first apply.
func TestAccFactor_AuthPayloadPush(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	device := newDevice(t)
	device.handOver(t, "not the SID")
	signed := func(version int) string {
		return mock.config(device.block(fmt.Sprintf("auth_payload_wo = file(%q)", filepath.ToSlash(device.signature)),
			fmt.Sprintf("auth_payload_wo_version = %d", version)))
	}
	runSteps(t,
		resource.TestStep{
			Config: signed(1), // not sent, because the factor does not exist yet
			Check:  mock.checkCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 0}),
		},
		emptyPlan(signed(1)),
		resource.TestStep{
			PreConfig:   mock.ResetRequests,
			Config:      signed(2),
			ExpectError: words("Check that the payload is the ECDSA SHA-256 signature over this SID, in DER form"),
		},
		resource.TestStep{
			PreConfig: func() {
				mock.expectCalls(t, map[verifymock.Operation]int{"update": 0, "verify": 1})
				device.handOver(t, mock.only(t).SID)
			},
			Config: signed(2),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(factorAddress, "status", "verified"),
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "delete": 0, "update": 0, "verify": 1}),
				mock.checkServer(t, status("verified")),
			),
		},
	)
}

// TestFactor_PayloadUnknownAtPlan refuses a payload with spaces that only the apply knows, before
// it uses up an attempt.
func TestFactor_PayloadUnknownAtPlan(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	config := totpValues().with(attributes{"binding_secret": givenSecret})
	payload := func(value any) attributes {
		return config.with(attributes{"auth_payload_wo": value, "auth_payload_wo_version": 1})
	}
	i := newInstance(t)
	i.start(m.attributes())
	for _, action := range []tfcore.Action{tfcore.Create, tfcore.Update} {
		planned, diags := i.plan(payload(unknown))
		if planned.Action != action || failed(diags) {
			t.Fatalf("the plan is to %s, want to %s; %s", planned.Action, action, texts(diags))
		}
		diags = i.carryOut(planned, payload("12 3456"))
		if text := texts(diags); !failed(diags) || !strings.Contains(text, "contain spaces") || strings.Contains(text, "12 3456") {
			t.Errorf("the %s should refuse the spaces: %s", action, text)
		}
		m.expectCalls(t, map[verifymock.Operation]int{"create": 0, "verify": 0})
		if _, diags := i.apply(config); failed(diags) {
			t.Fatal(texts(diags))
		}
		m.ResetRequests()
	}
}

// TestAccFactor_VerificationUnknownAtPlan uses values that are unknown at plan and determine the
// verification at apply.
func TestAccFactor_VerificationUnknownAtPlan(t *testing.T) {
	t.Parallel()
	later := func(input string, lines ...string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"later\" { input = %s }\n", input) +
			totpBlock(append(lines, `binding_secret = "`+givenSecret+`"`, "config_time_step = 60", "config_skew = 2")...)
	}
	const output = "terraform_data.later.output"
	for name, c := range map[string]struct {
		config   func(round int) string
		verifies []int
	}{
		"auto_verify": {func(round int) string {
			return later([]string{"false", "null", "true"}[round], "auto_verify = "+output)
		}, []int{0, 0, 1}},
		"auto_verify at create": {func(int) string { return later("true", "auto_verify = "+output) }, []int{1, 0}},
		"payload version": {func(round int) string {
			return later(fmt.Sprint(round), "auth_payload_wo_version = "+output, fmt.Sprintf("auth_payload_wo = %q", code(t, givenSecret)))
		}, []int{1, 0}},
		"payload version and auto_verify": {func(round int) string {
			return later(fmt.Sprint(round), "auto_verify = true", "auth_payload_wo_version = "+output,
				fmt.Sprintf("auth_payload_wo = %q", code(t, givenSecret)))
		}, []int{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{RefuseSecondVerification: true})
			var steps []resource.TestStep
			for round, verifies := range c.verifies {
				steps = append(steps, resource.TestStep{
					Config: mock.config(c.config(round)),
					Check:  mock.checkCalls(t, map[verifymock.Operation]int{"update": 0, "delete": 0, "verify": verifies}),
				})
			}
			runSteps(t, steps...)
			if n := len(mock.Factors()); n != 0 {
				t.Errorf("%d factors are left", n)
			}
		})
	}
}

// TestFactor_VerifiedMeanwhile applies a plan to verify a factor that somebody else has verified.
func TestFactor_VerifiedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, verification := range map[string]attributes{
		"code":    {"auto_verify": true},
		"payload": {"auth_payload_wo": "271828", "auth_payload_wo_version": 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{RefuseSecondVerification: true})
			i, planned, config := planVerification(t, m, verification)
			m.UpdateFactor(m.only(t).SID, func(f *verifymock.Factor) { f.Status = "verified" })
			if diags := i.carryOut(planned, config); len(diags) > 0 || i.text("status") != "verified" {
				t.Errorf("the factor is %s; %s", i.text("status"), texts(diags))
			}
			m.expectCalls(t, map[verifymock.Operation]int{"verify": 1, "fetch": 1})
		})
	}
}

// TestFactor_PurgedMeanwhile applies a plan to verify a factor that Twilio has deleted since.
func TestFactor_PurgedMeanwhile(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	m.AdvanceClock(-25 * time.Hour) // so that the factor is old by both clocks
	i, planned, config := planVerification(t, m, attributes{"auto_verify": true})
	m.AdvanceClock(25 * time.Hour)
	diags := i.carryOut(planned, config)
	if text := texts(diags); !failed(diags) || !strings.Contains(text, "error 20404") || strings.Contains(text, "next apply verifies") {
		t.Errorf("want Twilio's 404: %s", text)
	}
	m.expectCalls(t, map[verifymock.Operation]int{"verify": 1})
}

// planVerification creates a factor, and plans its verification.
func planVerification(t *testing.T, m *mock, verification attributes) (i *instance, planned *tfcore.Change, config attributes) {
	t.Helper()
	config = totpValues().with(attributes{"binding_secret": givenSecret})
	i = newInstance(t)
	i.start(m.attributes())
	if _, diags := i.apply(config); failed(diags) {
		t.Fatal(texts(diags))
	}
	config = config.with(verification)
	planned, diags := i.plan(config)
	if planned.Action != tfcore.Update || failed(diags) {
		t.Fatalf("the plan is to %s; %s", planned.Action, texts(diags))
	}
	m.ResetRequests()
	return i, planned, config
}

// TestFactor_UnknownStatusKeepsFactor returns a status that the provider does not know. The factor is
// not tainted, and the next apply finishes.
func TestFactor_UnknownStatusKeepsFactor(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	var known atomic.Bool
	front := m.behind(t, func(r *http.Request, object map[string]any) {
		if !known.Load() && strings.Contains(r.URL.Path, "/Factors/") {
			object["status"] = "pending"
		}
	})
	i := newInstance(t)
	i.start(front.attributes())
	config := totpValues().with(attributes{"auto_verify": true})
	_, diags := i.apply(config)
	if text := texts(diags); failed(diags) || i.tainted || i.text("status") != "pending" ||
		!strings.Contains(text, `has status "pending", which this version of the provider does not know`) {
		t.Fatalf("tainted: %t, status %s; %s", i.tainted, i.text("status"), text)
	}
	m.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 1, "fetch": 0})
	known.Store(true)
	i.start(front.attributes())
	if diags := i.refresh(); failed(diags) {
		t.Fatal(texts(diags))
	}
	if action, diags := i.apply(config); action != "nothing" || len(diags) > 0 || i.text("status") != "verified" {
		t.Errorf("the next apply did %s; the factor is %s; %s", action, i.text("status"), texts(diags))
	}
	m.only(t)
}

// TestFactor_NotVisibleYet does not find a factor for some seconds after its creation. It stays in
// the state.
func TestFactor_NotVisibleYet(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstance(t)
	i.start(m.attributes())
	if _, diags := i.apply(totpValues()); failed(diags) {
		t.Fatal(texts(diags))
	}
	m.Inject(verifymock.Fault{Operation: verifymock.OperationFetch, Status: http.StatusNotFound, Code: 20404, Count: 1})
	i.start(m.attributes())
	if diags := i.refresh(); len(diags) > 0 || i.state.IsNull() {
		t.Errorf("the state is null: %t; %s", i.state.IsNull(), texts(diags))
	}
	m.expectCalls(t, map[verifymock.Operation]int{"fetch": 2})
}

// TestFactor_FreshWriteOnlySecret makes the verification of a new factor fail, and then passes a new
// write-only secret with the same version, as an ephemeral resource does. Only one code is sent.
func TestFactor_FreshWriteOnlySecret(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstance(t)
	i.start(m.attributes())
	config := totpValues().with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1, "auto_verify": true})
	m.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Status: http.StatusUnauthorized, Code: 20003})
	_, diags := i.apply(config)
	if text := texts(diags); failed(diags) || strings.Contains(text, "the next apply verifies it") ||
		!strings.Contains(text, "The next apply sends one code, which verifies the factor only if binding_secret_wo is still the same secret") {
		t.Errorf("want a warning that promises no more than it can: %s", text)
	}
	m.ClearFaults()
	m.ResetRequests()
	i.start(m.attributes())
	if _, diags := i.apply(config.with(attributes{"binding_secret_wo": otherSecret})); !failed(diags) ||
		!strings.Contains(texts(diags), "The next apply sends one more code.") {
		t.Errorf("want an error: %s", texts(diags))
	}
	m.expectCalls(t, map[verifymock.Operation]int{"create": 0, "delete": 0, "verify": 1})
	if _, diags := i.apply(config); failed(diags) || i.text("status") != "verified" {
		t.Errorf("the factor is %s; %s", i.text("status"), texts(diags))
	}
	m.expectCalls(t, map[verifymock.Operation]int{"create": 0, "delete": 0, "verify": 1})
}

// TestFactor_WriteOnlyValuesGone leaves out write-only values that were sent before. Only a new
// version requires them.
func TestFactor_WriteOnlyValuesGone(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstance(t)
	i.start(m.attributes())
	given := attributes{
		"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1, "auth_payload_wo": code(t, givenSecret),
		"auth_payload_wo_version": 1, "config_time_step": 60, "config_skew": 2,
	}
	if _, diags := i.apply(totpValues().with(given)); failed(diags) {
		t.Fatal(texts(diags))
	}
	later := totpValues().with(given).with(attributes{"binding_secret_wo": nil, "auth_payload_wo": nil, "friendly_name": "Robot 2"})
	if diags := i.validate(later); len(diags) > 0 {
		t.Error(texts(diags))
	}
	m.ResetRequests()
	if action, diags := i.apply(later); action != "update" || len(diags) > 0 {
		t.Errorf("the apply did %s; %s", action, texts(diags))
	}
	m.expectCalls(t, map[verifymock.Operation]int{"create": 0, "update": 1, "verify": 0, "delete": 0})
	for _, version := range []string{"binding_secret_wo_version", "auth_payload_wo_version"} {
		if _, diags := i.plan(later.with(attributes{version: 2})); !failed(diags) ||
			!strings.Contains(texts(diags), version+" is a new version of") {
			t.Errorf("%s: want an error: %s", version, texts(diags))
		}
	}
}

// TestFactor_SharedWriteOnlySecret plans two factors with one write-only secret in one process.
func TestFactor_SharedWriteOnlySecret(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	config := totpValues().with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1, "auto_verify": true})
	first, second := newInstance(t), newInstance(t)
	first.start(m.attributes())
	second.server = first.server
	if _, diags := first.plan(config); len(diags) > 0 {
		t.Error(texts(diags))
	}
	_, diags := second.plan(config.with(attributes{"identity": "Robot-Account-0002"}))
	if text := texts(diags); len(diags) != 1 || failed(diags) || !strings.Contains(text, "Secret shared by several factors") ||
		strings.Contains(text, givenSecret) {
		t.Errorf("want a warning: %s", text)
	}
}

// TestAccFactor_UnverifiedWarning counts the warnings about a factor that is not verified, until
// Twilio deletes it.
func TestAccFactor_UnverifiedWarning(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ config, advice string }{
		"totp": {totpBlock(), "set auto_verify = true, or auth_payload_wo and its version"},
		"push": {newDevice(t).block(), "a signature of its SID from the device"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			w := newWorkspace(t, mock, mock.config(c.config))
			for _, command := range [][]string{{"plan"}, {"apply", "-auto-approve"}} {
				output := w.mustRun(command...)
				if strings.Count(output, "Factor not verified") != 1 || !words(c.advice).MatchString(output) {
					t.Errorf("%s: no warning, or more than one:\n%s", command[0], output)
				}
			}
			if output := w.mustRun("apply", "-auto-approve"); strings.Contains(output, "Warning: Factor") {
				t.Errorf("warned again:\n%s", output)
			}
			mock.AdvanceClock(25 * time.Hour)
			output := w.mustRun("plan")
			if strings.Count(output, "Factor deleted outside Terraform") != 1 || !strings.Contains(output, "1 to add, 0 to change, 0 to destroy") ||
				!words("was never verified, and Twilio deletes such a factor 1 to 24 hours after its creation").MatchString(output) {
				t.Errorf("a plan after a day:\n%s", output)
			}
		})
	}
}

// TestAccFactor_VerifiedWithoutWarning verifies factors in the apply that creates them.
func TestAccFactor_VerifiedWithoutWarning(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	second := strings.NewReplacer(`"test"`, `"second"`, "Robot-Account-0001",
		"Robot-Account-0002").Replace(withPayload(code(t, givenSecret), 1))
	w := newWorkspace(t, mock, mock.config(totpBlock("auto_verify = true")+second))
	if output := w.mustRun("apply", "-auto-approve"); strings.Contains(output, "Warning: Factor") {
		t.Errorf("warned without a reason:\n%s", output)
	}
	for _, f := range mock.Factors() {
		if f.Status != "verified" {
			t.Errorf("%s is %s", f.Identity, f.Status)
		}
	}
}

// TestAccFactor_AutoVerifyAtStepEnd checks that no code is sent that would arrive in the next step,
// if the factor accepts no neighboring step.
func TestAccFactor_AutoVerifyAtStepEnd(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{Now: clockFrom(stepEnd.Add(-time.Second))})
	w := newWorkspace(t, mock, mock.config(totpBlock("auto_verify = true", "config_time_step = 20", "config_skew = 0")))
	w.mustRun("apply", "-auto-approve")
	for _, r := range mock.Requests() {
		if r.Operation == verifymock.OperationVerify && r.Received.Before(stepEnd) {
			t.Errorf("a code came %v before the end of its step", stepEnd.Sub(r.Received))
		}
	}
	mock.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 1})
}
