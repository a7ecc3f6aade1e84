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
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
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

func totpBlock(lines ...string) string { return factorBlock("totp", lines...) }

// checkCalls returns a check of the requests that the server has received since the last check.
func (m *mock) checkCalls(t *testing.T, want map[verifymock.Operation]int) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		t.Helper()
		m.expectCalls(t, want)
		return nil
	}
}

const (
	// The outcomes of most applies.
	createdUnverified = "create: create; unverified; WARNING Factor not verified"
	createdVerified   = "create: create, verify; verified"
	nowVerified       = "update: read, verify; verified"
	codesRefused      = "update: read, verify ×2; unverified; ERROR Verification failed (auto_verify)"
	payloadRefused    = "update: read, verify; unverified; ERROR Verification failed (auth_payload_wo)"
)

// midnight is when a virtual clock starts.
var midnight = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// TestFactor_AutoVerifyMatrix verifies, in the apply that creates them, factors with every algorithm
// and code length, with short, usual, and long time steps, and with secrets from all origins.
func TestFactor_AutoVerifyMatrix(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		secrets := []attributes{
			{"binding_secret": givenSecret}, {}, {"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1},
		}
		for a, alg := range []string{"sha1", "sha256", "sha512"} {
			for length := 3; length <= 8; length++ {
				for s, step := range []int{20, 30, 60} {
					time.Sleep(7 * time.Second) // to another moment in a step
					newInstance(t).run(m, stage{outcome: createdVerified, config: totpValues().with(secrets[(a+length)%3]).with(attributes{
						"identity": fmt.Sprintf("robot-%s-%d-%d", alg, length, step), "config_alg": alg, "config_code_length": length,
						"config_time_step": step, "config_skew": (a + length + s) % 3, "auto_verify": true,
					})})
				}
			}
		}
	})
}

// TestFactor_Verification verifies factors by auto_verify and by payloads: when they are created,
// later, after a refusal, after a failure that may be temporary, and after a change outside Terraform.
func TestFactor_Verification(t *testing.T) {
	t.Parallel()
	const verify, fetch = verifymock.OperationVerify, verifymock.OperationFetch
	type faults = []verifymock.Fault
	var (
		stored = totpValues().with(attributes{"binding_secret": givenSecret})
		hidden = totpValues().with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1})
		auto   = stored.with(attributes{"auto_verify": true})
		right  = withPayload(codeAt(t, givenSecret, 60, midnight), 1)
		wrong  = withPayload("000000", 1)

		unverified = func(f *verifymock.Factor) { f.Status = "unverified" }
		verified   = func(f *verifymock.Factor) { f.Status = "verified" }
		spoiled    = func(f *verifymock.Factor) { f.Secret = otherSecret }
		mended     = func(f *verifymock.Factor) { f.Secret, f.Attempts = givenSecret, 0 }
		usedUp     = func(f *verifymock.Factor) { f.Attempts = 5 }

		noStatus    = func(object map[string]any) { object["status"] = nil }
		otherStatus = func(object map[string]any) { object["status"] = "pending" }
		renamed     = attributes{"friendly_name": "Robot 2"}
	)
	rows := map[string][]stage{
		"changed": {
			{config: auto, outcome: createdVerified},
			{change: unverified, age: 10 * time.Second, config: auto, outcome: nowVerified},
			{
				change: unverified, age: 25 * time.Hour, config: auto,
				outcome: "create: read, create, verify; verified; WARNING Factor deleted outside Terraform",
			},
		},
		"never verified": {
			{config: stored, outcome: createdUnverified},
			{
				age: 25 * time.Hour, config: stored, warning: "was never verified, and Twilio deletes such a factor 1 to 24 hours after its creation",
				outcome: "create: read, create; unverified; WARNING Factor deleted outside Terraform; WARNING Factor not verified",
			},
		},
		"refused at create": {
			{
				atVerify: spoiled, config: auto,
				outcome: "create: create, verify ×2; unverified, tainted; ERROR Verification failed (auto_verify)",
			},
			{config: auto, outcome: "replace: read, delete, create, verify; verified"},
		},
		"refused later": {
			{config: stored, outcome: createdUnverified},
			{change: spoiled, config: auto, outcome: codesRefused},
			{config: auto, outcome: codesRefused},
			{change: mended, config: stored, outcome: "update: read; unverified"},
			{config: auto, outcome: nowVerified},
		},
		"attempts used up": {
			{config: stored, outcome: createdUnverified},
			{
				change: usedUp, config: auto, err: "All five attempts are used up",
				outcome: "update: read ×2, verify; unverified; ERROR Verification failed (auto_verify)",
			},
		},
		"response lost": {{
			faults: faults{{Operation: verify, Process: true, Drop: true}}, config: auto, outcome: "create: create, verify, read; verified",
		}},
		"gateway fails": {
			{
				faults: faults{{Operation: verify, Status: 503, Body: "upstream"}}, config: auto,
				outcome: "create: create, verify ×2, read ×2; unverified; WARNING Factor not verified yet (auto_verify); then update",
			},
			{config: auto, outcome: nowVerified},
		},
		"rate limited for longer than a code is valid": {{
			faults: faults{{
				Operation: verify, Count: 1, Status: http.StatusTooManyRequests, Code: 20429, Header: http.Header{"Retry-After": {"43"}},
			}},
			config: auto.with(attributes{"config_time_step": 20, "config_skew": 0}), outcome: "create: create, verify ×2; verified",
		}},
		"response lost, factor not readable": {
			{
				faults: faults{{Operation: verify, Process: true, Drop: true}, {Operation: fetch, Status: 503}}, config: auto,
				outcome: "create: create, verify, read ×3; unverified, verified at Twilio; WARNING Factor not verified yet (auto_verify)",
			},
			{config: auto, outcome: "nothing: read; verified"},
		},
		"no status": {{faults: faults{{Operation: verify, Change: noStatus}}, config: auto, outcome: "create: create, verify, read; verified"}},
		"status that the provider does not know": {
			{
				faults: faults{{Operation: verify, Change: otherStatus}}, config: auto,
				outcome: "create: create, verify; pending, verified at Twilio; WARNING Factor not verified yet (auto_verify)",
			},
			{config: auto, outcome: "nothing: read; verified"},
		},
		"another write-only secret after trouble": {
			{
				faults: faults{{Operation: verify, Status: 401, Code: 20003}}, config: hidden.with(attributes{"auto_verify": true}),
				outcome: "create: create, verify; unverified; WARNING Factor not verified yet (auto_verify); then update",
			},
			{
				config:  hidden.with(attributes{"auto_verify": true, "binding_secret_wo": otherSecret}),
				outcome: "update: read, verify; unverified; ERROR Verification failed (auto_verify)",
			},
			{config: hidden.with(attributes{"auto_verify": true}), outcome: nowVerified},
		},
		"verified meanwhile": {
			{config: stored, outcome: createdUnverified},
			{atVerify: verified, config: auto, outcome: "update: read ×2, verify; verified"},
		},
		"verified meanwhile, payload": {
			{config: patient(), outcome: createdUnverified},
			{atVerify: verified, config: wrong, outcome: "update: read ×2, verify; verified"},
		},
		"deleted meanwhile": {
			{config: stored, outcome: createdUnverified},
			{
				age: time.Hour, faults: faults{{Operation: verify, Status: 404, Code: 20404}}, config: auto,
				outcome: "update: read, verify; unverified; ERROR Verification failed", err: "if the factor was deleted in the meantime, plan again",
			},
		},
		"not visible yet": {
			{config: stored, outcome: createdUnverified},
			{faults: faults{{Operation: fetch, Status: 404, Code: 20404, Count: 1}}, config: stored, outcome: "nothing: read ×2; unverified"},
		},
		"payload at create": {
			{config: wrong, outcome: "create: create, verify; unverified, tainted; ERROR Verification failed (auth_payload_wo)"},
			{config: right, outcome: "replace: read, delete, create, verify; verified", state: map[string]string{"auth_payload_wo": ""}},
		},
		"payload later": {
			{config: patient(), outcome: createdUnverified},
			{config: wrong, outcome: payloadRefused},
			{config: wrong, outcome: payloadRefused},
			{config: right, outcome: nowVerified, state: map[string]string{"auth_payload_wo_version": "1"}},
			{config: wrong, outcome: "nothing: read; verified"}, // the version is the same
			{config: wrong.with(attributes{"auth_payload_wo_version": 2}), outcome: "update: read; verified"},
		},
		"payload in place of one that was not delivered": {
			{
				faults: faults{{Operation: verify, Status: 503, Body: "upstream"}}, config: right,
				outcome: "create: create, verify, read; unverified; WARNING Factor not verified yet (auth_payload_wo); then update",
			},
			{config: wrong, outcome: payloadRefused},
			{config: wrong, outcome: payloadRefused},
			{config: right, outcome: nowVerified},
		},
		"payload with an update": {
			{config: patient(), outcome: createdUnverified},
			{
				config:  wrong.with(renamed),
				outcome: "update: read, update, verify; unverified; ERROR Verification failed (auth_payload_wo)",
			},
			{config: right.with(renamed), outcome: nowVerified},
		},
		"payload of a secret that does not exist yet": {
			{
				config:  right.with(attributes{"binding_secret": nil}),
				outcome: "create: create; unverified; WARNING auth_payload_wo ignored on create (auth_payload_wo)",
			},
			{
				age: 25 * time.Hour, config: right.with(attributes{"binding_secret": nil}),
				outcome: "create: read, create; unverified; WARNING Factor deleted outside Terraform; " +
					"WARNING auth_payload_wo ignored on create (auth_payload_wo)",
			},
		},
		"payload of another length": {
			{config: stored, outcome: createdUnverified},
			{
				config:  stored.with(attributes{"auth_payload_wo": "12345678", "auth_payload_wo_version": 1}),
				outcome: "refused: read; unverified; ERROR Invalid code (auth_payload_wo)",
			},
		},
		"write-only values left out": {
			{config: hidden.with(right).with(attributes{"binding_secret": nil}), outcome: createdVerified},
			{config: hidden.with(right).with(renamed).with(attributes{
				"binding_secret": nil, "binding_secret_wo": nil, "auth_payload_wo": nil,
			}), outcome: "update: read, update; verified"},
			{config: hidden.with(right).with(attributes{
				"binding_secret": nil, "binding_secret_wo": nil, "auth_payload_wo": nil, "binding_secret_wo_version": 2,
			}), outcome: "refused: read; verified; ERROR Version without a write-only value (binding_secret_wo_version)"},
			{config: hidden.with(right).with(attributes{
				"binding_secret": nil, "binding_secret_wo": nil, "auth_payload_wo": nil, "auth_payload_wo_version": 2,
			}), outcome: "refused: read; verified; ERROR Version without a write-only value (auth_payload_wo_version)"},
		},
	}
	for name, f := range map[string]verifymock.Fault{
		"no status, nor in the read after it":           {Operation: verify, Change: noStatus},
		"response lost, no status in the read after it": {Operation: verify, Process: true, Drop: true},
	} {
		rows[name] = []stage{
			{
				faults: faults{f, {Operation: fetch, Change: noStatus}}, config: auto,
				outcome: "create: create, verify, read; unverified, verified at Twilio; WARNING Factor not verified yet (auto_verify)",
			},
			{config: auto, outcome: "nothing: read; verified"},
		}
	}
	for origin, config := range map[string]attributes{"given": stored, "generated": totpValues(), "write-only": hidden} {
		rows[origin+" secret"] = []stage{
			{config: config, outcome: createdUnverified},
			{config: config.with(attributes{"auto_verify": true}), outcome: nowVerified},
			{config: config.with(attributes{"auto_verify": false}), outcome: "update: read; verified"},
		}
	}
	runStages(t, verifymock.Config{RefuseSecondVerification: true}, rows)
	runStages(t, verifymock.Config{RefuseWrongPayload: true}, map[string][]stage{
		"code refused with an error": {{
			atVerify: spoiled, config: auto, err: "60311",
			outcome: "create: create, verify ×2, read ×2; unverified, tainted; ERROR Verification failed (auto_verify)",
		}},
		"payload refused with an error": {
			{config: patient(), outcome: createdUnverified},
			{config: wrong, err: "60311", outcome: "update: read ×2, verify; unverified; ERROR Verification failed (auth_payload_wo)"},
			{config: right, outcome: nowVerified},
		},
	})
}

// TestFactor_VerificationOfImported verifies an imported factor, whose secret is not known. A wrong
// secret is not kept, so correcting it does not replace the factor.
func TestFactor_VerificationOfImported(t *testing.T) {
	t.Parallel()
	auto := totpValues().with(attributes{"auto_verify": true})
	hidden := auto.with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1})
	for name, stages := range map[string][]stage{
		"verified": {{config: auto, outcome: "update: read; verified"}},
		"replaced": {{
			config:  auto.with(attributes{"identity": "robot-account-0002"}),
			outcome: "replace: read, delete, create, verify; verified; WARNING Secret unknown, factor not verified (auto_verify)",
		}},
		"stored": {
			{config: auto, outcome: "update: read; unverified; WARNING Secret unknown, factor not verified (auto_verify)"},
			{config: auto.with(attributes{"binding_secret": otherSecret}), outcome: codesRefused},
			{config: auto.with(attributes{"binding_secret": givenSecret}), outcome: nowVerified},
		},
		"write-only": {
			{
				config:  hidden.with(attributes{"binding_secret_wo": otherSecret}),
				outcome: "update: read, verify; unverified; ERROR Verification failed (auto_verify)",
			},
			{config: hidden, outcome: nowVerified},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onVirtualClock(t, verifymock.Config{RefuseSecondVerification: true}, func(t *testing.T, m *mock) {
				t.Helper()
				status := "unverified"
				if name == "verified" {
					status = name
				}
				f := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1", Secret: givenSecret, Status: status})
				m.imported(t, f, f.Identity).run(m, stages...)
			})
		})
	}
}

// TestFactor_AutoVerifyWrongClock uses a server whose clock is off by an hour: in a create, whose
// response has the time, and in an update without an earlier request.
func TestFactor_AutoVerifyWrongClock(t *testing.T) {
	t.Parallel()
	for refuse, want := range map[bool]string{false: "update: verify ×2; verified", true: "update: verify ×2, read; verified"} {
		for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
			onVirtualClock(t, verifymock.Config{RefuseWrongPayload: refuse}, func(t *testing.T, m *mock) {
				t.Helper()
				m.AdvanceClock(ahead)
				auto := totpValues().with(attributes{"auto_verify": true})
				newInstance(t).run(m, stage{config: auto.with(attributes{"identity": "robot-account-0002"}), outcome: createdVerified})
				later := newInstance(t)
				later.run(m, stage{config: totpValues(), outcome: createdUnverified})
				later.start(m.attributes())
				m.ResetRequests()
				action, diags := later.apply(auto)
				if got := later.outcome(m, action, diags); got != want {
					t.Errorf("%s ahead: the outcome is %s, want %s", ahead, got, want)
				}
			})
		}
	}
}

// TestFactor_AutoVerifyConfigNull returns null for the config, which the API's schema allows. The
// codes and the binding URI have the length that the service sets.
func TestFactor_AutoVerifyConfigNull(t *testing.T) {
	t.Parallel()
	config := acme()
	config.Accounts[0].Services[0].TOTP = verifymock.TOTPDefaults{CodeLength: new(8)}
	auto := totpValues().with(attributes{"binding_secret": givenSecret, "auto_verify": true})
	noConfig := []verifymock.Fault{{Change: func(object map[string]any) { delete(object, "config") }}}
	state := map[string]string{"binding_uri": totp.URI(acmeIssuer, "Robot 1", givenSecret, totp.Config{Digits: 8})}
	runStages(t, config, map[string][]stage{"": {
		{faults: noConfig, config: auto, outcome: createdVerified, state: state},
		{faults: noConfig, config: auto, outcome: "nothing: read; verified", state: state},
	}})
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

// withPayload returns a TOTP factor that accepts codes for a long time.
func withPayload(payload string, version int) attributes {
	return patient().with(attributes{"auth_payload_wo": payload, "auth_payload_wo_version": version})
}

// patient returns a TOTP factor that accepts codes for a long time, without a code.
func patient() attributes {
	return totpValues().with(attributes{"binding_secret": givenSecret, "config_time_step": 60, "config_skew": 2})
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

// TestFactor_AuthPayloadPush signs the SID after the first apply.
func TestFactor_AuthPayloadPush(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		device, i := newDevice(t), newInstance(t)
		signed := func(text string, version int) attributes {
			return pushValues(t).with(attributes{
				"binding_public_key": device.public, "auth_payload_wo": device.sign(t, text), "auth_payload_wo_version": version,
			})
		}
		i.run(m,
			stage{
				config:  signed("not the SID", 1),
				outcome: "create: create; unverified; WARNING auth_payload_wo ignored on create (auth_payload_wo)",
			},
			stage{config: signed("not the SID", 2), outcome: payloadRefused, err: "the ECDSA SHA-256 signature over this SID, in DER form"},
		)
		i.run(m, stage{config: signed(i.text("sid"), 2), outcome: nowVerified})
	})
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
	const output = "terraform_data.later.output"
	const payload = `auth_payload_wo = "CODE"`
	for name, c := range map[string]struct {
		inputs   []string // of terraform_data.later, in one apply after another
		verifies []int
		lines    []string
	}{
		"auto_verify":           {[]string{"false", "null", "true"}, []int{0, 0, 1}, []string{stored(givenSecret), "auto_verify = " + output}},
		"auto_verify at create": {[]string{"true", "true"}, []int{1, 0}, []string{stored(givenSecret), "auto_verify = " + output}},
		"payload version": {
			[]string{"0", "1"},
			[]int{1, 0},
			[]string{stored(givenSecret), payload, "auth_payload_wo_version = " + output},
		},
		"payload version and auto_verify": {
			[]string{"0", "1"},
			[]int{1, 0},
			[]string{stored(givenSecret), payload, "auth_payload_wo_version = " + output, "auto_verify = true"},
		},
		"secret version": {[]string{"1"}, []int{1}, append(writeOnly(givenSecret, output), "auto_verify = true")},
		"secret that becomes null": {[]string{"false"}, []int{1}, []string{
			"binding_secret_wo = " + output + ` ? "` + givenSecret + `" : null`, "binding_secret_wo_version = " + output + " ? 1 : null",
			"auto_verify = true",
		}},
		"type": {[]string{`"totp"`}, []int{1}, []string{"factor_type = " + output, "auto_verify = true"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{RefuseSecondVerification: true})
			block := totpBlock(append(c.lines, "config_time_step = 60", "config_skew = 2")...)
			block = strings.Replace(block, "CODE", code(t, givenSecret), 1)
			if name == "type" {
				block = strings.Replace(block, `factor_type   = "totp"`, "", 1)
			}
			var steps []resource.TestStep
			for n, input := range c.inputs {
				steps = append(steps, resource.TestStep{
					Config: mock.config(fmt.Sprintf("resource \"terraform_data\" \"later\" { input = %s }\n", input) + block),
					Check:  mock.checkCalls(t, map[verifymock.Operation]int{"update": 0, "delete": 0, "verify": c.verifies[n]}),
				})
			}
			runSteps(t, steps...)
			if n := len(mock.Factors()); n != 0 {
				t.Errorf("%d factors are left", n)
			}
		})
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

// TestAccFactor_UnverifiedWarning counts the warnings that Terraform shows about a factor that is not
// verified.
func TestAccFactor_UnverifiedWarning(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	w := newWorkspace(t, m, m.config(totpFactor))
	for n, args := range [][]string{{"plan"}, {"apply", "-auto-approve"}, {"apply", "-auto-approve"}} {
		output, want := w.mustRun(args...), []int{1, 1, 0}[n]
		if got := strings.Count(output, "Warning: Factor not verified"); got != want {
			t.Errorf("%s: %d warnings, want %d:\n%s", args[0], got, want, output)
		}
	}
}
