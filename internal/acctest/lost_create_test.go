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
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
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
		if f.FactorType == "totp" && !kept.WriteOnly && (kept.Attributes.BindingSecret != f.Secret || !uriHasSecret(kept.Attributes.BindingURI, f.Secret)) {
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
var lostResponse = verifymock.Fault{Operation: verifymock.OperationCreate, Process: true, Drop: true}

func TestAccFactor_LostCreateIsRecovered(t *testing.T) {
	t.Parallel()
	secret := `binding_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"`
	for name, factor := range map[string]string{
		"totp":            strings.Replace(totpFactor, "\n}", "\n"+secret+"\n}", 1),
		"totp, own names": strings.Replace(totpFactor, `"Robot 1"`, `"Zoë & Söhne / 100%: \"x\""`+"\n"+secret+"\nconfig_alg = \"sha256\"\nconfig_time_step = 60", 1),
		"push":            lostPushFactor(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			undisturbed, m := newMock(t, verifymock.Config{}), newMock(t, verifymock.Config{})
			expected := newWorkspace(t, undisturbed, undisturbed.config(factor))
			expected.mustRun("apply", "-auto-approve")

			m.Inject(lostResponse)
			w := newWorkspace(t, m, m.config(factor))
			w.mustRun("apply", "-auto-approve")
			if n := m.calls(verifymock.OperationCreate); n != 1 {
				t.Errorf("%d creates, want 1", n)
			}
			if got, want := w.kept()[0].Attributes.BindingURI, expected.kept()[0].Attributes.BindingURI; got != want {
				t.Errorf("binding_uri is %q, want %q, as without a fault", got, want)
			}
			w.expectSettled(m)
		})
	}
}

func TestAccFactor_LostCreateWithGeneratedSecretIsReplaced(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	m.Inject(lostResponse)
	w := newWorkspace(t, m, m.config(totpFactor))
	output, err := w.run("apply", "-auto-approve")
	if err == nil || !words("Generated secret lost").MatchString(output) {
		t.Errorf("the lost create is not reported:\n%s", output)
	}
	lost := m.only(t)
	if kept := w.kept(); len(kept) != 1 || kept[0].Attributes.SID != lost.SID || !kept[0].Tainted {
		t.Errorf("the state holds %+v, want %s as tainted", kept, lost.SID)
	}
	m.ClearFaults()
	w.mustRun("apply", "-auto-approve")
	if m.only(t).SID == lost.SID {
		t.Error("the factor without its secret was not replaced")
	}
	w.expectSettled(m)
}

// TestAccFactor_LostCreatesInOneEntity loses responses to creates that are in flight at the
// same time and look the same.
func TestAccFactor_LostCreatesInOneEntity(t *testing.T) {
	t.Parallel()
	given, generated := similarFactors(20, true), similarFactors(20, false)
	every := func(n int, f verifymock.Fault) verifymock.Fault {
		f.Every = n
		return f
	}
	unprocessed := verifymock.Fault{Operation: verifymock.OperationCreate, Drop: true}
	noList := verifymock.Fault{Operation: verifymock.OperationList, Status: 503}
	const with, without = "-refresh=true", "-refresh=false"
	for name, c := range map[string]struct {
		factors string
		faults  []verifymock.Fault
		next    []string
	}{
		"given, every third lost":                      {given, []verifymock.Fault{every(3, lostResponse)}, []string{with}},
		"given, all lost":                              {given, []verifymock.Fault{lostResponse}, []string{without}},
		"given, every third unprocessed":               {given, []verifymock.Fault{every(3, unprocessed)}, []string{with}},
		"given, lost and unprocessed":                  {given, []verifymock.Fault{every(3, lostResponse), every(3, unprocessed)}, []string{with, without}},
		"given, all lost, and no list":                 {given, []verifymock.Fault{lostResponse, noList}, []string{with, without}},
		"generated, all lost":                          {generated, []verifymock.Fault{lostResponse}, []string{with}},
		"generated, lost and unprocessed":              {generated, []verifymock.Fault{every(3, lostResponse), every(3, unprocessed)}, []string{without}},
		"generated, lost and unprocessed, and no list": {generated, []verifymock.Fault{every(3, lostResponse), every(3, unprocessed), noList}, []string{with, without}},
		"generated, all lost, and no list":             {generated, []verifymock.Fault{lostResponse, noList}, []string{with}},
		"generated, lost, and half the lists refused":  {generated, []verifymock.Fault{every(3, lostResponse), every(2, noList)}, []string{without}},
	} {
		for _, next := range c.next {
			t.Run(name+", next apply with "+next, func(t *testing.T) {
				t.Parallel()
				m := newMock(t, verifymock.Config{Latency: 20 * time.Millisecond})
				older := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot", DateCreated: time.Now().Add(-time.Minute)})
				m.Inject(c.faults...)
				w := newWorkspace(t, m, m.config(c.factors))
				output, _ := w.run("apply", "-auto-approve", "-parallelism=20") // the result matters, whether or not there is an error
				expectReported(t, m, w, output, older)

				m.ClearFaults()
				if output, err := w.run("apply", "-auto-approve", "-parallelism=20", next); err != nil {
					t.Fatalf("the next apply fails: %v\n%s", err, output)
				}
				w.expectSettled(m, older)
			})
		}
	}
}

// TestAccFactor_LostCreatesWithOtherBindings loses the responses to creates with other kinds of
// bindings, or with several kinds under one name.
func TestAccFactor_LostCreatesWithOtherBindings(t *testing.T) {
	t.Parallel()
	var pushes strings.Builder
	for n := range 5 {
		pushes.WriteString(strings.Replace(lostPushFactor(t), `"test"`, fmt.Sprintf(`"push_%d"`, n), 1))
	}
	writeOnly := strings.NewReplacer("binding_secret =", "binding_secret_wo_version = 1\n  binding_secret_wo =").Replace(similarFactors(5, true))
	mixed := similarFactors(5, false) + strings.Replace(similarFactors(5, true), `"test"`, `"given"`, 1)
	half := lostResponse
	half.Every = 2
	unprocessed := verifymock.Fault{Operation: verifymock.OperationCreate, Drop: true, Count: 3}
	noList := verifymock.Fault{Operation: verifymock.OperationList, Status: 503}
	for name, c := range map[string]struct {
		factors string
		faults  []verifymock.Fault
	}{
		"push, all lost":                                    {pushes.String(), []verifymock.Fault{lostResponse}},
		"push, half lost, three unprocessed":                {pushes.String(), []verifymock.Fault{half, unprocessed}},
		"write-only, all lost, and no list":                 {writeOnly, []verifymock.Fault{lostResponse, noList}},
		"given and generated, all lost":                     {mixed, []verifymock.Fault{lostResponse}},
		"given and generated, half lost, three unprocessed": {mixed, []verifymock.Fault{half, unprocessed}},
		"given and generated, all lost, and no list":        {mixed, []verifymock.Fault{lostResponse, noList}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{Latency: 20 * time.Millisecond})
			m.Inject(c.faults...)
			w := newWorkspace(t, m, m.config(c.factors))
			output, _ := w.run("apply", "-auto-approve") // the result matters, whether or not there is an error
			expectReported(t, m, w, output, verifymock.Factor{})
			m.ClearFaults()
			w.mustRun("apply", "-auto-approve")
			w.expectSettled(m)
		})
	}
}

// TestAccFactor_LostCreateWithWrongClock finds the lost factor on a server whose clock is off by an
// hour, and ignores an older one.
func TestAccFactor_LostCreateWithWrongClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		for name, faults := range map[string][]verifymock.Fault{
			"search succeeds":         {lostResponse},
			"search fails":            {lostResponse, {Operation: verifymock.OperationList, Status: 503}},
			"search gets no response": {lostResponse, {Operation: verifymock.OperationList, Drop: true}},
		} {
			t.Run(fmt.Sprintf("%s, %s", ahead, name), func(t *testing.T) {
				t.Parallel()
				m := newMock(t, verifymock.Config{Now: func() time.Time { return time.Now().Add(ahead) }})
				older := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1", DateCreated: time.Now().Add(ahead - 10*time.Second)})
				m.Inject(faults...)
				w := newWorkspace(t, m, m.config(totpFactor))
				if output, err := w.run("apply", "-auto-approve"); err == nil {
					t.Errorf("want an error about the lost secret\n%s", output)
				}
				if kept := w.kept(); len(kept) != 1 || !kept[0].Tainted {
					t.Errorf("the state holds %+v, want one tainted factor", kept)
				}
				m.ClearFaults()
				w.mustRun("apply", "-auto-approve")
				w.expectSettled(m, older)
			})
		}
	}
}

// TestAccFactor_LostCreateNextToForeignFactor loses a response while another client creates a
// factor that looks the same. Neither may be changed, now or later.
func TestAccFactor_LostCreateNextToForeignFactor(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	var foreign verifymock.Factor
	fault := lostResponse
	fault.Match = func(verifymock.Request) bool {
		foreign = m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot 1"})
		return true
	}
	m.Inject(fault)
	w := newWorkspace(t, m, m.config(totpFactor))
	output, err := w.run("apply", "-auto-approve")
	factors := m.Factors()
	if err == nil || len(factors) != 2 {
		t.Fatalf("the server holds %d factors, want 2: %v\n%s", len(factors), err, output)
	}
	for _, f := range factors {
		if !strings.Contains(output, f.SID) {
			t.Errorf("the error does not name %s\n%s", f.SID, output)
		}
	}
	m.ClearFaults()
	expectUntouched := func(want int) {
		t.Helper()
		for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
			output, err := w.run("apply", "-auto-approve", refresh)
			if err == nil || !words("These factors could be").MatchString(output) {
				t.Errorf("with %s: %v\n%s", refresh, err, output)
			}
			if n := len(m.Factors()); n != want {
				t.Errorf("with %s the server holds %d factors, want %d", refresh, n, want)
			}
		}
	}
	expectUntouched(2)
	for _, f := range factors {
		if f.SID != foreign.SID {
			m.DeleteFactor(f.SID)
		}
	}
	expectUntouched(1) // the foreign factor is still not treated as the lost one
	w.mustRun("state", "rm", "twilio_verify_factor.test")
	w.mustRun("apply", "-auto-approve")
	w.expectSettled(m, foreign)
}

// TestFactor_LostCreateAndAnotherAccount searches for the lost factor with credentials that cannot
// see it, which does not prove that it was not created.
func TestFactor_LostCreateAndAnotherAccount(t *testing.T) {
	t.Parallel()
	m := newMock(t, twoAccounts())
	m.Inject(lostResponse, verifymock.Fault{Operation: verifymock.OperationList, Status: 503})
	i := newInstance(t)
	i.start(m.attributes())
	if _, diags := i.apply(matrixFactor); !failed(diags) || !i.tainted {
		t.Fatalf("the lost create is not reported: %s", texts(diags))
	}
	m.ClearFaults()
	before := i.state
	i.start(m.credentialsOf(otherKey))
	if diags := i.refresh(); !failed(diags) || !i.state.Equal(before) {
		t.Errorf("the refresh forgets the factor: %s", texts(diags))
	}
	if _, diags := i.apply(nil); !failed(diags) || !i.state.Equal(before) {
		t.Errorf("the destroy forgets the factor: %s", texts(diags))
	}
	settle(t, m, i, factorNoun, matrixFactor)
}

// expectReported checks that the server has no factor that is not in the state, unless the state
// has one with an unknown outcome.
func expectReported(t *testing.T, m *mock, w *workspace, output string, foreign verifymock.Factor) {
	t.Helper()
	var sids []string
	unknown := 0
	for _, kept := range w.kept() {
		if kept.Attributes.SID == "" {
			unknown++
			if !kept.Tainted {
				t.Errorf("%s has no SID and is not tainted", kept.Address)
			}
			continue
		}
		if slices.Contains(sids, kept.Attributes.SID) {
			t.Errorf("%s is in the state twice", kept.Attributes.SID)
		}
		sids = append(sids, kept.Attributes.SID)
	}
	orphans := 0
	for _, f := range m.Factors() {
		if f.SID != foreign.SID && !slices.Contains(sids, f.SID) {
			orphans++
		}
	}
	if orphans > unknown {
		t.Errorf("the server holds %d factors that the state does not, and only %d in the state have an unknown outcome\n%s", orphans, unknown, output)
	}
	if slices.Contains(sids, foreign.SID) {
		t.Error("the state holds a foreign factor")
	}
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

// similarFactors returns n factors of one entity with the same name.
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
  friendly_name = "Robot"
  %s
}
`, n, verifymock.DefaultServiceSID, secret)
}
