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
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
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
	// givenSecret and otherSecret have the form of generated secrets.
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

// TestFactor_AutoVerifySwitchedOnLater verifies a factor after its creation, and keeps it verified.
func TestFactor_AutoVerifySwitchedOnLater(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]attributes{
		"given":      {"binding_secret": givenSecret},
		"generated":  {},
		"write-only": {"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{RefuseSecondVerification: true})
			off := totpValues().with(secret)
			newInstance(t).run(m,
				stage{
					config: off, state: map[string]string{"status": "unverified"},
					calls: map[verifymock.Operation]int{"create": 1, "verify": 0},
				},
				stage{
					config: off.with(attributes{"auto_verify": true}), want: tfcore.Update, state: map[string]string{"status": "verified"},
					calls: map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 1}, after: m.expectVerified(t),
				},
				stage{ // a verified factor stays verified, without a call
					config: off.with(attributes{"auto_verify": false}), want: tfcore.Update, state: map[string]string{"status": "verified"},
					calls: map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 0},
				},
			)
		})
	}
}

// TestFactor_AutoVerifyDrift refreshes a factor that has become unverified, and one that Twilio has
// deleted because it was unverified.
func TestFactor_AutoVerifyDrift(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		config := totpValues().with(attributes{"binding_secret": givenSecret, "auto_verify": true})
		unverified := func() {
			m.UpdateFactor(m.only(t).SID, func(f *verifymock.Factor) { f.Status = "unverified" })
			m.AdvanceClock(10 * time.Second) // so date_updated changes
		}
		newInstance(t).run(m,
			stage{config: config, after: m.expectVerified(t)},
			stage{
				before: unverified, config: config, want: tfcore.Update, state: map[string]string{"status": "verified"},
				calls: map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 1}, after: m.expectVerified(t),
			},
			stage{
				before: func() { unverified(); m.AdvanceClock(25 * time.Hour) }, config: config, want: tfcore.Create,
				calls: map[verifymock.Operation]int{"create": 1, "verify": 1}, after: m.expectVerified(t),
			},
		)
	})
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

// TestFactor_AutoVerifyImported verifies an imported factor, whose secret is not known.
func TestFactor_AutoVerifyImported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secret attributes
		codes  string
	}{
		"stored":     {attributes{"binding_secret": givenSecret}, "up to two more codes"},
		"write-only": {attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1}, "one more code"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
				t.Helper()
				f := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1", Secret: givenSecret})
				i := m.imported(t, f, f.Identity)
				verified := totpValues().with(attributes{"auto_verify": true})
				if planned, _ := i.plan(verified); planned.Action != tfcore.Update { // auto_verify itself is a change of the state
					t.Errorf("the plan is to %s", planned.Action)
				}
				// A wrong secret is not kept, so correcting it does not replace the factor.
				wrong := maps.Clone(c.secret)
				for name, value := range wrong {
					if value == givenSecret {
						wrong[name] = wrongSecret
					}
				}
				i.run(m,
					stage{config: verified.with(wrong), err: "is unverified. The next apply sends " + c.codes},
					stage{
						config: verified.with(c.secret), want: tfcore.Update, state: map[string]string{"status": "verified", "sid": f.SID},
						calls: map[verifymock.Operation]int{"create": 0, "update": 0, "delete": 0, "verify": 1}, after: m.expectVerified(t),
					},
				)
			})
		})
	}
}

// TestFactor_AutoVerifyImportedVerified switches auto_verify on for a verified factor, which needs no
// secret.
func TestFactor_AutoVerifyImportedVerified(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{RefuseSecondVerification: true})
	f := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1", Status: "verified"})
	m.imported(t, f, f.Identity).run(m, stage{
		config: totpValues().with(attributes{"auto_verify": true}), want: tfcore.Update,
		calls: map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 0},
	})
}

// TestFactor_AutoVerifyRefusedAtCreate expects two attempts in two time steps, an error, and the
// factor in the state. The clocks agree, because a second code would otherwise follow the other clock
// at once.
func TestFactor_AutoVerifyRefusedAtCreate(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]bool{"200": false, "403": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onVirtualClock(t, verifymock.Config{RefuseWrongPayload: refuse}, func(t *testing.T, m *mock) {
				t.Helper()
				m.spoilSecret()
				config := totpValues().with(attributes{"binding_secret": givenSecret, "config_time_step": 20, "auto_verify": true})
				i := newInstance(t)
				_, diags := i.applyAnew(m, config)
				text := texts(diags)
				const want = "It is in the state as tainted, and the next apply replaces it. To keep it instead, run terraform untaint " +
					"ADDRESS first. Check that binding_secret is the secret"
				if !failed(diags) || !words(want).MatchString(text) {
					t.Error(text)
				}
				if refuse != strings.Contains(text, "60311") {
					t.Errorf("the error must quote Twilio's code if, and only if, there is one: %s", text)
				}
				expectTwoSteps(t, m)
				lost := m.only(t).SID
				if !i.tainted || i.text("sid") != lost {
					t.Errorf("factor %s is in the state, tainted: %t; want %s", i.text("sid"), i.tainted, lost)
				}
				i.run(m,
					stage{
						before: func() { i.tainted = false }, config: config, err: "The next apply sends up to two more codes",
						calls: map[verifymock.Operation]int{"verify": 2, "create": 0},
					},
					stage{
						before: func() { i.tainted = true; m.ClearFaults() }, config: config, want: tfcore.Replace,
						after: m.expectVerified(t), calls: map[verifymock.Operation]int{"delete": 1, "create": 1},
					},
				)
				if f := m.only(t); f.SID == lost || f.Secret != givenSecret {
					t.Error("the tainted factor was not replaced by one with the secret")
				}
			})
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

// TestFactor_AutoVerifyRefusedLater leaves the factor untainted. Each apply sends two codes.
func TestFactor_AutoVerifyRefusedLater(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		off := totpValues().with(attributes{"binding_secret": givenSecret})
		on := off.with(attributes{"auto_verify": true})
		refused := stage{
			config: on, err: "is unverified. The next apply sends up to two more codes",
			calls: map[verifymock.Operation]int{"verify": 2, "create": 0, "update": 0},
		}
		i := newInstance(t)
		i.run(m, stage{config: off})
		sid := m.only(t).SID
		m.spoilSecret()
		i.run(m, refused, refused,
			stage{before: func() {
				m.ClearFaults()
				m.UpdateFactor(sid, func(f *verifymock.Factor) { f.Secret, f.Attempts = givenSecret, 0 })
			}, config: off},
			stage{config: on, want: tfcore.Update, state: map[string]string{"sid": sid}, after: m.expectVerified(t)},
		)
	})
}

// TestFactor_AutoVerifyResponseLost loses the response to a verification that succeeded, and to one
// that was not processed.
func TestFactor_AutoVerifyResponseLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  verifymock.Fault
		verify int
	}{
		"reset after processing":   {verifymock.Fault{Process: true, Drop: true}, 1},
		"gateway after processing": {verifymock.Fault{Process: true, Status: 502}, 1},
		"truncated":                {verifymock.Fault{Corrupt: verifymock.CorruptTruncate}, 1},
		"reset before processing":  {verifymock.Fault{Drop: true}, 2},
		"unavailable":              {verifymock.Fault{Status: 503}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onVirtualClock(t, verifymock.Config{RefuseSecondVerification: true}, func(t *testing.T, m *mock) {
				t.Helper()
				c.fault.Operation, c.fault.Count = verifymock.OperationVerify, 1
				m.Inject(c.fault)
				newInstance(t).run(m, stage{
					config: totpValues().with(attributes{"auto_verify": true, "config_time_step": 20}),
					state:  map[string]string{"status": "verified"},
					after: func() {
						m.expectVerified(t)()
						if c.verify == 2 {
							expectTwoSteps(t, m)
						}
						m.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": c.verify})
					},
				})
			})
		})
	}
}

// TestFactor_AutoVerifyStatusNull serves null as the status that would show the result. Null is not a
// refusal: the factor, which Twilio has verified, must not be replaced.
func TestFactor_AutoVerifyStatusNull(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   *verifymock.Fault // of the verification
		reads   bool              // the read after it has no status either
		warning string
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
			config := totpValues().with(attributes{"auto_verify": true})
			healed := func() {
				healthy.Store(true)
				m.ClearFaults()
			}
			newInstance(t).run(front,
				stage{config: config, warning: c.warning, calls: map[verifymock.Operation]int{"create": 1, "verify": 1}, after: healed},
				stage{
					config: config, calls: map[verifymock.Operation]int{"create": 0, "verify": 0, "delete": 0},
					after: m.expectVerified(t),
				},
			)
		})
	}
}

// TestFactor_AutoVerifyConfigNull returns null for the config, which the API's schema allows. The
// codes and the binding URI have the length that the service sets.
func TestFactor_AutoVerifyConfigNull(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{Accounts: []verifymock.Account{{
		SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
		Services: []verifymock.Service{{
			SID: verifymock.DefaultServiceSID, FriendlyName: "Acme",
			TOTP: verifymock.TOTPDefaults{CodeLength: new(8)},
		}},
	}}})
	front := m.behind(t, func(_ *http.Request, object map[string]any) {
		if _, ok := object["config"]; ok {
			object["config"] = nil
		}
	})
	i := newInstance(t)
	digits := func() {
		if uri := i.text("binding_uri"); !strings.Contains(uri, "&digits=8&") {
			t.Errorf("binding_uri is %s", uri)
		}
	}
	config := totpValues().with(attributes{"auto_verify": true})
	i.run(front, stage{config: config, after: func() { m.expectVerified(t)(); digits() }}, stage{config: config, after: digits})
}

// TestFactor_AutoVerifyAttemptsUsedUp fails immediately, because waiting does not help.
func TestFactor_AutoVerifyAttemptsUsedUp(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	off := totpValues().with(attributes{"binding_secret": givenSecret})
	newInstance(t).run(m,
		stage{config: off},
		stage{
			before: func() { m.UpdateFactor(m.only(t).SID, func(f *verifymock.Factor) { f.Attempts = 5 }) },
			config: off.with(attributes{"auto_verify": true}), err: "All five attempts are used up",
			calls: map[verifymock.Operation]int{"verify": 1, "update": 0},
		},
		stage{config: off},
	)
}

// imported returns an instance that has imported a factor, with the identity in this case.
func (m *mock) imported(t *testing.T, f verifymock.Factor, identity string) *instance {
	t.Helper()
	i := m.instance(t)
	if diags := i.importBy(f.ServiceSID+"/"+identity+"/"+f.SID, nil); failed(diags) {
		t.Fatal(texts(diags))
	}
	return i
}

// expectVerified returns a check that the only factor on the server is verified.
func (m *mock) expectVerified(t *testing.T) func() {
	t.Helper()
	return func() {
		t.Helper()
		if f := m.only(t); f.Status != "verified" {
			t.Errorf("factor %s is %s", f.SID, f.Status)
		}
	}
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
func withPayload(payload string, version int) attributes {
	return patient().with(attributes{"auth_payload_wo": payload, "auth_payload_wo_version": version})
}

// patient returns a TOTP factor that accepts codes for a long time, without a code.
func patient() attributes {
	return totpValues().with(attributes{"binding_secret": givenSecret, "config_time_step": 60, "config_skew": 2})
}

// TestFactor_AuthPayloadTooEarly sets payloads for factors whose SID or secret cannot be known yet, as
// in a configuration whose factor has to be created again. They are not sent, not even later with the
// same version.
func TestFactor_AuthPayloadTooEarly(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		config := totpValues().with(attributes{"auth_payload_wo": "123456", "auth_payload_wo_version": 1})
		once := map[verifymock.Operation]int{"create": 1, "verify": 0}
		newInstance(t).run(m,
			stage{config: config, calls: once, warning: "The payload is not sent when the factor is created: " +
				"it is a code computed from the secret, which the provider generates with the factor"},
			stage{config: config, calls: once, before: func() { m.DeleteFactor(m.only(t).SID) }},
		)
		m.only(t)
	})
}

// TestFactor_AuthPayloadLength refuses a code of another length at plan, where the length is known.
func TestFactor_AuthPayloadLength(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	config := totpValues().with(attributes{"binding_secret": givenSecret})
	i := newInstance(t)
	i.run(m, stage{config: config})
	_, diags := i.plan(config.with(attributes{"auth_payload_wo": "12345678", "auth_payload_wo_version": 1}))
	const want = "The code has 8 digits, but codes of this factor have 6 (config_code_length). Write a code in quotes: " +
		"a number loses its leading zeros. Nothing was sent to Twilio."
	if text := texts(diags); !failed(diags) || !words(want).MatchString(text) {
		t.Errorf("want %q: %s", want, text)
	}
	m.expectCalls(t, map[verifymock.Operation]int{"verify": 0})
}

// TestFactor_AuthPayloadAtCreate sends a wrong and a right payload with the same version, because the
// refused one was not stored.
func TestFactor_AuthPayloadAtCreate(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	newInstance(t).run(m,
		stage{
			config: withPayload(wrongCode(t), 1), calls: map[verifymock.Operation]int{"create": 1, "verify": 1},
			err: "Twilio did not accept the payload: the code or signature is wrong. This used up one of the five attempts that " +
				"Twilio allows for a factor.",
		},
		stage{
			config: withPayload(code(t, givenSecret), 1), want: tfcore.Replace, state: map[string]string{"auth_payload_wo": ""},
			calls: map[verifymock.Operation]int{"delete": 1, "create": 1, "verify": 1}, after: m.expectVerified(t),
		},
	)
}

// TestFactor_AuthPayloadLater sends payloads to a factor until one is right.
func TestFactor_AuthPayloadLater(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]bool{"200": false, "403": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{RefuseWrongPayload: refuse, RefuseSecondVerification: true})
			once := map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 1}
			refused := stage{
				config: withPayload(wrongCode(t), 1), calls: once,
				err: "is unverified. The next apply sends auth_payload_wo again",
			}
			right := code(t, givenSecret)
			none := map[verifymock.Operation]int{"update": 0, "verify": 0}
			newInstance(t).run(m,
				stage{config: patient()}, refused, refused,
				stage{
					config: withPayload(right, 1), want: tfcore.Update, calls: once,
					state: map[string]string{"auth_payload_wo_version": "1"}, after: m.expectVerified(t),
				},
				// A changed payload with the same version has no effect, and none for a verified factor is sent.
				stage{config: withPayload(wrongCode(t), 1), want: tfcore.Nothing, calls: none},
				stage{config: withPayload(right, 2), calls: none},
			)
		})
	}
}

// TestFactor_AuthPayloadRefusedAfterTrouble sends a wrong payload in place of one that could not be
// delivered. The next apply sends the payload again, although its version does not change.
func TestFactor_AuthPayloadRefusedAfterTrouble(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	m.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Status: http.StatusServiceUnavailable, Body: "upstream"})
	i := newInstance(t)
	if _, diags := i.applyAnew(m, withPayload(code(t, givenSecret), 1)); failed(diags) {
		t.Fatal(texts(diags))
	}
	m.ClearFaults()
	refused := stage{config: withPayload(wrongCode(t), 1), err: "is unverified. The next apply sends auth_payload_wo again"}
	i.run(m, refused, refused, stage{
		config: withPayload(code(t, givenSecret), 1), calls: map[verifymock.Operation]int{"create": 0, "verify": 1},
		after: m.expectVerified(t),
	})
}

// TestFactor_AuthPayloadWithUpdate sends an update and a payload in one apply. The update is kept if
// the payload is refused.
func TestFactor_AuthPayloadWithUpdate(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	renamed := attributes{"friendly_name": "Renamed"}
	newInstance(t).run(m,
		stage{config: patient()},
		stage{
			config: withPayload(wrongCode(t), 1).with(renamed), err: "is unverified. The next apply sends auth_payload_wo again",
			calls: map[verifymock.Operation]int{"update": 1, "verify": 1},
		},
		stage{
			config: withPayload(code(t, givenSecret), 1).with(renamed),
			calls:  map[verifymock.Operation]int{"update": 0, "verify": 1}, after: m.expectVerified(t),
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
	i := m.instance(t)
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
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		m.AdvanceClock(-25 * time.Hour) // the factor is old by both clocks
		i, planned, config := planVerification(t, m, attributes{"auto_verify": true})
		m.AdvanceClock(25 * time.Hour)
		diags := i.carryOut(planned, config)
		if text := texts(diags); !failed(diags) || !strings.Contains(text, "error 20404") || strings.Contains(text, "next apply verifies") {
			t.Errorf("want Twilio's 404: %s", text)
		}
		m.expectCalls(t, map[verifymock.Operation]int{"verify": 1})
	})
}

// planVerification creates a factor, and plans its verification.
func planVerification(t *testing.T, m *mock, verification attributes) (i *instance, planned *tfcore.Change, config attributes) {
	t.Helper()
	config = totpValues().with(attributes{"binding_secret": givenSecret})
	i = m.instance(t)
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
	i := front.instance(t)
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
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		i := m.instance(t)
		if _, diags := i.apply(totpValues()); failed(diags) {
			t.Fatal(texts(diags))
		}
		m.Inject(verifymock.Fault{Operation: verifymock.OperationFetch, Status: http.StatusNotFound, Code: 20404, Count: 1})
		i.start(m.attributes())
		if diags := i.refresh(); len(diags) > 0 || i.state.IsNull() {
			t.Errorf("the state is null: %t; %s", i.state.IsNull(), texts(diags))
		}
		m.expectCalls(t, map[verifymock.Operation]int{"fetch": 2})
	})
}

// TestFactor_FreshWriteOnlySecret makes the verification of a new factor fail, and then passes a new
// write-only secret with the same version, as an ephemeral resource does. Only one code is sent.
func TestFactor_FreshWriteOnlySecret(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := m.instance(t)
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
	i := m.instance(t)
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

// TestFactor_VerifiedWithoutWarning verifies factors in the apply that creates them.
func TestFactor_VerifiedWithoutWarning(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func() attributes{
		"code":    func() attributes { return totpValues().with(attributes{"auto_verify": true}) },
		"payload": func() attributes { return withPayload(code(t, givenSecret), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			if _, diags := newInstance(t).applyAnew(m, config()); len(diags) > 0 {
				t.Errorf("warned without a reason: %s", texts(diags))
			}
			m.expectVerified(t)()
		})
	}
}

// TestFactor_AutoVerifyAtStepEnd checks that no code is sent that would arrive in the next step, if
// the factor accepts no neighboring step.
func TestFactor_AutoVerifyAtStepEnd(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		time.Sleep(19 * time.Second) // a step begins when the clock does
		stepEnd := time.Now().Add(time.Second)
		newInstance(t).run(m, stage{
			config: totpValues().with(attributes{"auto_verify": true, "config_time_step": 20, "config_skew": 0}),
			after: func() {
				for _, r := range m.Requests() {
					if r.Operation == verifymock.OperationVerify && r.Received.Before(stepEnd) {
						t.Errorf("a code came %v before the end of its step", stepEnd.Sub(r.Received))
					}
				}
				m.expectCalls(t, map[verifymock.Operation]int{"create": 1, "verify": 1})
			},
		})
	})
}
