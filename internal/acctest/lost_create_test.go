// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// keptFactor is a factor in a state file.
type keptFactor struct {
	Address    string
	Tainted    bool
	WriteOnly  bool
	Attributes struct {
		SID           string `json:"sid"`
		SecretVersion *int   `json:"binding_secret_wo_version"`
		BindingSecret string `json:"binding_secret"`
		BindingURI    string `json:"binding_uri"`
	}
}

// kept returns the factors in the workspace's state file.
func (w *workspace) kept() []keptFactor {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Mode, Type, Name string
			Instances        []struct {
				IndexKey   any    `json:"index_key"`
				Status     string `json:"status"`
				Attributes json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		w.t.Fatalf("the state file: %v", err)
	}
	var all []keptFactor
	for _, r := range state.Resources {
		if r.Mode != "managed" || r.Type != factor.TypeName {
			continue
		}
		for _, i := range r.Instances {
			f := keptFactor{Address: fmt.Sprintf("%s.%s[%v]", r.Type, r.Name, i.IndexKey), Tainted: i.Status == "tainted"}
			if err := json.Unmarshal(i.Attributes, &f.Attributes); err != nil {
				w.t.Fatalf("the state file: %v", err)
			}
			f.WriteOnly = f.Attributes.SecretVersion != nil
			all = append(all, f)
		}
	}
	return all
}

// expectSettled checks the final result: the server has the factors in the state and the foreign
// ones with unchanged secrets, none is tainted, each has the same secret on the server, and the
// plan is empty.
func (w *workspace) expectSettled(m *mock, foreign ...verifymock.Factor) {
	w.t.Helper()
	held := map[string]verifymock.Factor{}
	for _, f := range m.Factors() {
		held[f.SID] = f
	}
	for _, f := range foreign {
		if now, ok := held[f.SID]; !ok || now.Secret != f.Secret {
			w.t.Errorf("foreign factor %s was changed or deleted", f.SID)
		}
		delete(held, f.SID)
	}
	for _, kept := range w.kept() {
		f, ok := held[kept.Attributes.SID]
		if !ok {
			w.t.Errorf("%s has %q, which is not on the server or belongs to another address, too", kept.Address, kept.Attributes.SID)
			continue
		}
		delete(held, kept.Attributes.SID)
		if kept.Tainted {
			w.t.Errorf("%s is tainted", kept.Address)
		}
		if f.FactorType == "totp" && !kept.WriteOnly && (kept.Attributes.BindingSecret != f.Secret ||
			!uriHasSecret(kept.Attributes.BindingURI, f.Secret)) {
			w.t.Errorf("the secret of %s differs from the server's", kept.Address)
		}
	}
	for sid := range held {
		w.t.Errorf("the server holds %s, and the state does not", sid)
	}
	if output, err := w.run("plan", "-detailed-exitcode"); err != nil {
		w.t.Errorf("the plan is not empty: %v\n%s", err, output)
	}
}

func uriHasSecret(raw, secret string) bool {
	uri, err := url.Parse(raw)
	return err == nil && uri.Query().Get("secret") == secret
}

// lostResponse is a fault that processes a create and loses the response.
var lostResponse = verifymock.Fault{Operation: verifymock.OperationCreate, Process: true, Drop: true, Count: 1}

// firstOfEach returns a fault that loses the first create of each factor, processed or not.
func firstOfEach(processed bool) verifymock.Fault {
	var seen sync.Map
	return verifymock.Fault{Operation: verifymock.OperationCreate, Process: processed, Drop: true, Match: func(r verifymock.Request) bool {
		_, again := seen.LoadOrStore(r.Form.Get("Binding.Secret")+r.Form.Get("Binding.PublicKey"), true)
		return !again
	}}
}

// settled returns a check that the only factor on the server, apart from unchanged foreign ones, is
// the one in the state, with its secret.
func (i *instance) settled(m *mock, foreign ...verifymock.Factor) func() {
	i.t.Helper()
	return func() {
		i.t.Helper()
		own, ok := m.Factor(i.text("sid"))
		if !ok || i.tainted {
			i.t.Fatalf("the state holds %q, tainted: %t", i.text("sid"), i.tainted)
		}
		if secret := i.text("binding_secret"); own.FactorType == "totp" && i.text("binding_secret_wo_version") == "" &&
			(secret != own.Secret || !uriHasSecret(i.text("binding_uri"), own.Secret)) {
			i.t.Errorf("the secret in the state is %q, on the server %q", secret, own.Secret)
		}
		for _, f := range foreign {
			if now, ok := m.Factor(f.SID); !ok || now.Secret != f.Secret || now.SID == own.SID {
				i.t.Errorf("foreign factor %s was changed, deleted, or taken", f.SID)
			}
		}
		if n := len(m.Factors()); n != len(foreign)+1 {
			i.t.Errorf("the server holds %d factors, want %d", n, len(foreign)+1)
		}
	}
}

// TestFactor_LostCreate loses the response to a create in every way. The same apply finds the factor,
// and knows its secret. Nothing is different from an apply without a fault.
func TestFactor_LostCreate(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]attributes{
		"generated":  totpValues(),
		"configured": totpValues().with(attributes{"binding_secret": givenSecret}),
		"write-only": totpValues().with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1}),
		"own names": totpValues().with(attributes{
			"friendly_name": `Zoë & Söhne / 100%: "x"`, "binding_secret": givenSecret, "config_alg": "sha256", "config_time_step": 60,
		}),
		"push": pushValues(t),
	} {
		for how, fault := range verifymock.LostResponses() {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
					t.Helper()
					undisturbed := m.instance(t)
					if _, diags := undisturbed.apply(config.with(attributes{"identity": "undisturbed"})); failed(diags) {
						t.Fatal(texts(diags))
					}
					m.DeleteFactor(undisturbed.text("sid"))
					fault.Operation, fault.Count = verifymock.OperationCreate, 1
					m.Inject(fault)
					i := newInstance(t)
					m.ResetRequests()
					if _, diags := i.applyAnew(m, config); failed(diags) || strings.Contains(texts(diags), "Existing factor taken") {
						t.Fatalf("the apply fails, or treats its own factor as an existing one: %s", texts(diags))
					}
					m.expectCalls(t, map[verifymock.Operation]int{"create": 2})
					i.settled(m)()
					i.expectEmptyPlan(m, config)
					if name != "generated" && i.text("binding_uri") != undisturbed.text("binding_uri") {
						t.Errorf("binding_uri is %q, want %q", i.text("binding_uri"), undisturbed.text("binding_uri"))
					}
				})
			})
		}
	}
}

// TestAccFactor_LostCreatesInOneEntity loses responses to creates that are in flight at the same
// time. Another factor of the entity stays as it is.
func TestAccFactor_LostCreatesInOneEntity(t *testing.T) {
	t.Parallel()
	var pushes strings.Builder
	for n := range 5 {
		pushes.WriteString(strings.NewReplacer(`"test"`, fmt.Sprintf(`"push_%d"`, n), `"Phone"`,
			fmt.Sprintf(`"Phone %d"`, n)).Replace(lostPushFactor(t)))
	}
	given, generated := similarFactors(20, true), similarFactors(20, false)
	writeOnly := strings.NewReplacer("binding_secret =", "binding_secret_wo_version = 1\n  binding_secret_wo =").Replace(similarFactors(5,
		true))
	noList := verifymock.Fault{Operation: verifymock.OperationList, Status: 503}
	for name, c := range map[string]struct {
		factors string
		faults  []verifymock.Fault
		fails   bool // and the next apply takes the factors
	}{
		"given, lost":               {given, []verifymock.Fault{firstOfEach(true)}, false},
		"given, unprocessed":        {given, []verifymock.Fault{firstOfEach(false)}, false},
		"given, lost, and no list":  {given, []verifymock.Fault{firstOfEach(true), noList}, true},
		"generated, lost":           {generated, []verifymock.Fault{firstOfEach(true)}, false},
		"generated, unprocessed":    {generated, []verifymock.Fault{firstOfEach(false)}, false},
		"push, lost":                {pushes.String(), []verifymock.Fault{firstOfEach(true)}, false},
		"push, lost, and no list":   {pushes.String(), []verifymock.Fault{firstOfEach(true), noList}, true},
		"write-only, lost":          {writeOnly, []verifymock.Fault{firstOfEach(true)}, false},
		"write-only, lost, no list": {writeOnly, []verifymock.Fault{firstOfEach(true), noList}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{Latency: 20 * time.Millisecond})
			older := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot", DateCreated: time.Now().Add(-time.Minute)})
			m.Inject(c.faults...)
			w := newWorkspace(t, m, m.config(c.factors))
			output, err := w.run("apply", "-auto-approve", "-parallelism=20")
			if c.fails {
				if err == nil || len(w.kept()) > 0 {
					t.Errorf("want an error and no factor in the state: %v\n%s", err, output)
				}
				m.ClearFaults()
				output, err = w.run("apply", "-auto-approve", "-parallelism=20")
			}
			if err != nil || words("Existing factor taken").MatchString(output) != c.fails {
				t.Fatalf("existing factors are taken: %t, want %t; %v\n%s", !c.fails, c.fails, err, output)
			}
			w.expectSettled(m, older)
		})
	}
}

// TestAccFactor_LostCreatesOfOneName loses the responses to creates of factors that only their
// secrets tell apart. What is not certain is not taken, but named.
func TestAccFactor_LostCreatesOfOneName(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{Latency: 20 * time.Millisecond})
	m.Inject(firstOfEach(true))
	w := newWorkspace(t, m, m.config(strings.Replace(similarFactors(5, true), "Robot ${count.index}", "Robot", 1)))
	output, _ := w.run("apply", "-auto-approve") // the result matters, whether or not there is an error
	unknown := orphans(t, m, w)
	for _, sid := range unknown {
		if !strings.Contains(output, sid) {
			t.Errorf("nothing names %s:\n%s", sid, output)
		}
		m.DeleteFactor(sid)
	}
	if n := len(w.kept()) + len(unknown); n != 5 {
		t.Errorf("there are %d factors, want 5", n)
	}
	w.mustRun("apply", "-auto-approve")
	w.expectSettled(m)
}

// TestFactor_LostCreateWithWrongClock finds the lost factor on a server whose clock is off by an hour,
// next to a verified one of the same name.
func TestFactor_LostCreateWithWrongClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
				t.Helper()
				m.AdvanceClock(ahead)
				older := m.AddFactor(verifymock.Factor{
					Identity: "robot-account-0001", FriendlyName: "Robot 1", Status: "verified", DateCreated: m.Now().Add(-10 * time.Second),
				})
				m.Inject(lostResponse)
				i := newInstance(t)
				i.run(m, stage{config: totpValues(), after: i.settled(m, older)})
			})
		})
	}
}

// TestFactor_LostCreateNextToForeignFactor loses a response while another client creates a factor that
// looks the same. Neither may be taken or changed, now or later.
func TestFactor_LostCreateNextToForeignFactor(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		fault := lostResponse
		fault.Match = func(verifymock.Request) bool {
			m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1"})
			return true
		}
		m.Inject(fault)
		i := newInstance(t)
		_, diags := i.applyAnew(m, totpValues())
		factors := m.Factors()
		if !failed(diags) || len(factors) != 2 || !i.state.IsNull() {
			t.Fatalf("the server holds %d factors, want 2, and the state %s: %s", len(factors), i.state, texts(diags))
		}
		for _, f := range factors {
			if !strings.Contains(texts(diags), f.SID) {
				t.Errorf("the error does not name %s: %s", f.SID, texts(diags))
			}
		}
		i.run(m, stage{config: totpValues(), want: tfcore.Create, after: i.settled(m, factors...)})
	})
}

// lostPushFactor returns a push factor with its own key.
func lostPushFactor(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`
resource "twilio_verify_factor" "test" {
  service_sid                  = %q
  identity                     = "robot-account-0001"
  factor_type                  = "push"
  friendly_name                = "Phone"
  binding_public_key           = %q
  config_app_id                = "com.example.app"
  config_notification_platform = "none"
  config_sdk_version           = "1.0.0"
}
`, verifymock.DefaultServiceSID, base64.StdEncoding.EncodeToString(der))
}

// similarFactors returns n factors of one entity.
func similarFactors(n int, given bool) string {
	secret := ""
	if given {
		secret = `binding_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P${substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count.index, 1)}A"`
	}
	return fmt.Sprintf(`
resource "twilio_verify_factor" "test" {
  count         = %d
  service_sid   = %q
  identity      = "robot-account-0001"
  factor_type   = "totp"
  friendly_name = "Robot ${count.index}"
  %s
}
`, n, verifymock.DefaultServiceSID, secret)
}
