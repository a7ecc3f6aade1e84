// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// keptFactor is a factor in a state file.
type keptFactor struct {
	Address    string
	Tainted    bool
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
		if f.FactorType == "totp" && kept.Attributes.SecretVersion == nil && (kept.Attributes.BindingSecret != f.Secret ||
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
				onVirtualClock(t, acme(), func(t *testing.T, m *mock) {
					t.Helper()
					fault.Operation, fault.Count = verifymock.OperationCreate, 1
					want := "create: create ×2, list ×2; unverified; WARNING Factor not verified"
					if config["factor_type"] == "totp" && config["binding_secret_wo"] == nil {
						want = strings.Replace(want, "; un", ", service; un", 1) // whose name is in the URI
					}
					i := newInstance(t)
					i.run(m, stage{faults: []verifymock.Fault{fault}, config: config, outcome: want})
					if err := m.compareValues(i.values(), name); err != nil || m.only(t).SID != i.text("sid") {
						t.Error(err)
					}
					if secret := config["binding_secret_wo"]; secret != nil && (m.only(t).Secret != secret || i.text("binding_uri") != "") {
						t.Errorf("the server has the secret %s, and the state %s", m.only(t).Secret, i.text("binding_uri"))
					}
				})
			})
		}
	}
}

// TestFactor_LostCreateInTrouble loses the response to a create while the provider can read less than
// it needs, or another client interferes.
func TestFactor_LostCreateInTrouble(t *testing.T) {
	t.Parallel()
	list := func(f verifymock.Fault) []verifymock.Fault {
		f.Operation = verifymock.OperationList
		return []verifymock.Fault{lostResponse, f}
	}
	noService := verifymock.Fault{Operation: verifymock.OperationService, Status: http.StatusServiceUnavailable}
	config := totpValues().with(attributes{"binding_secret": givenSecret})
	rows := map[string][]stage{
		"no service": {{
			faults: []verifymock.Fault{lostResponse, noService}, config: config,
			state:   map[string]string{"binding_uri": "", "binding_secret": givenSecret},
			outcome: "create: create ×2, list ×2, service ×3; unverified; WARNING Factor not verified",
		}},
	}
	for name, date := range map[string]any{"no date": nil, "another form of date": "01.05.2031 12:00:00"} { // the secret proves the factor
		rows[name] = []stage{{
			faults: list(verifymock.Fault{Change: func(object map[string]any) { object["date_created"] = date }}), config: config,
			outcome: "create: create ×2, list ×2, service; unverified; WARNING Factor not verified",
		}}
	}
	for name, body := range proxyNotFound {
		rows["404 of "+name] = []stage{
			{
				faults: list(verifymock.Fault{Status: http.StatusNotFound, Body: body}), config: config, err: "looking for the existing factor failed",
				outcome: "create: create ×2, list; no factor; WARNING Factor not verified; ERROR Factor creation result unknown (binding_secret)",
			},
			{
				config:  config,
				outcome: "create: create, list ×2, service; unverified; WARNING Factor not verified; WARNING Existing factor taken",
			},
		}
	}
	runStages(t, verifymock.Config{}, rows)
}

// TestFactor_LostCreateNextToForeignFactor loses a response while another client creates a factor that
// looks the same. The error names both, and the next apply creates a third.
func TestFactor_LostCreateNextToForeignFactor(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		fault, i := lostResponse, newInstance(t)
		fault.Match = func(verifymock.Request) bool {
			m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1"})
			return true
		}
		m.Inject(fault)
		_, diags := i.applyAgain(m, totpValues())
		factors := m.Factors()
		if !failed(diags) || len(factors) != 2 || !i.state.IsNull() || !strings.Contains(texts(diags), factors[0].SID) ||
			!strings.Contains(texts(diags), factors[1].SID) {
			t.Fatalf("want an error that names both of %v: %s", factors, texts(diags))
		}
		i.run(m, stage{config: totpValues(), outcome: createdUnverified})
	})
}

// TestFactor_TakenIsNotTainted takes a factor that may belong to someone else, and whose code is
// refused. It must not become tainted, because the next apply would delete it.
func TestFactor_TakenIsNotTainted(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		other := m.AddFactor(verifymock.Factor{
			Identity: "robot-account-0001", FriendlyName: "Robot 1", Secret: givenSecret, TimeStep: 60, Skew: 2,
		})
		newInstance(t).run(m,
			stage{
				config: withPayload("000000", 1), err: "it is not in the state, and no apply deletes it",
				outcome: "create: create, list ×2, service, verify; no factor; WARNING Existing factor taken; " +
					"ERROR Verification failed (auth_payload_wo)",
			},
			stage{
				config: withPayload(codeAt(t, givenSecret, 60, midnight), 1), state: map[string]string{"sid": other.SID},
				outcome: "create: create, list ×2, service, verify; verified; WARNING Existing factor taken",
			},
		)
	})
}

// TestAccFactor_LostCreatesInOneEntity loses responses to creates that are in flight at the same
// time. Another factor of the entity stays as it is.
func TestAccFactor_LostCreatesInOneEntity(t *testing.T) {
	t.Parallel()
	pushes := ""
	for n := range 5 {
		pushes += factorNamed(fmt.Sprintf("push_%d", n), pushValues(t).with(attributes{"friendly_name": fmt.Sprintf("Phone %d", n)}))
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
		"push, lost":                {pushes, []verifymock.Fault{firstOfEach(true)}, false},
		"push, lost, and no list":   {pushes, []verifymock.Fault{firstOfEach(true), noList}, true},
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

// TestAccRateLimit_ReplacedWithItself loses the response to the create of a replacement that has the
// name of the object it replaces. The create takes that object, so the delete must keep it.
func TestAccRateLimit_ReplacedWithItself(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	w := newWorkspace(t, m, m.config(fmt.Sprintf(`
resource "twilio_verify_rate_limit" "test" {
  service_sid = %q
  unique_name = "logins"
  lifecycle {
    create_before_destroy = true
  }
}
`, verifymock.DefaultServiceSID)))
	w.mustRun("apply", "-auto-approve")
	m.Inject(verifymock.Fault{Operation: verifymock.RateLimits.Operation("create"), Process: true, Drop: true, Count: 1})
	output := w.mustRun("apply", "-auto-approve", "-replace=twilio_verify_rate_limit.test")
	if !words("Warning: Object kept by another instance").MatchString(output) {
		t.Errorf("the apply does not say that the object was kept:\n%s", output)
	}
	if held := m.Objects(verifymock.RateLimits); len(held) != 1 {
		t.Errorf("the server holds %d rate limits, want 1", len(held))
	}
	w.mustRun("plan", "-detailed-exitcode")
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
